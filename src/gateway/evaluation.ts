// One runtime for each root: its definitions out of the store, queries and the like as functions that can be called.
import { setImmediate } from 'node:timers/promises'
import { decodeNode } from '../ipld/decode.ts'
import type { ActionNode, GroupedNode, Node, ValueNode } from '../ipld/kinds.ts'
import { sym } from '../lang/values.ts'
import type { Clock, Sha256, Store } from '../ports.ts'
import { createRuntime, type Limits, type Runtime } from '../runtime/runtime.ts'
import { readWasmBytes } from './data-file.ts'
import type { FileReader } from './gateway-port.ts'
import type { Site } from './sites.ts'

/** Roots kept: the newest, and the one that requests under way began with. */
const KEPT = 2

export const isAction = (node: Node): node is ActionNode =>
  node.kind === 'query' || node.kind === 'action' || node.kind === 'handler'

const fn = sym('fn')
const callable = (node: GroupedNode): GroupedNode =>
  isAction(node) ? ({ kind: 'value', body: [fn, node.params, ...node.body] } satisfies ValueNode) : node

export interface Evaluations {
  runtimeOf(site: Site): Runtime
  /** what a definition is: of a member of a cycle, that member */
  nodeOf(cid: string): Node | undefined
}

/** Milliseconds that evaluation runs before other requests have their turn. */
const TURN = 10

export const createEvaluations = (o: {
  readonly store: Store
  readonly sha256: Sha256
  readonly clock: Clock
  readonly limits: Partial<Limits>
  readonly files: FileReader
}): Evaluations => {
  const runtimes = new Map<string, Runtime>()
  const load = (cid: string): Node | undefined => {
    const bytes = o.store.get(cid)
    return bytes === undefined ? undefined : decodeNode(bytes)
  }
  // Of all evaluations together: however many there are, no request waits for more than one turn.
  let turn = o.clock()
  const rest = async (): Promise<void> => {
    if (o.clock() - turn < TURN) return
    await setImmediate()
    turn = o.clock()
  }
  const create = (site: Site): Runtime => {
    const nodes = new Map<string, Node>()
    const find = (cid: string): Node | undefined => {
      let node = nodes.get(cid) ?? load(cid)
      if (node === undefined) return undefined
      if (isAction(node)) node = callable(node)
      else if (node.kind === 'group') node = { ...node, members: node.members.map(callable) }
      nodes.set(cid, node)
      return node
    }
    return createRuntime({
      definitions: { find, load: async () => {} },
      sha256: o.sha256,
      limits: o.limits,
      now: o.clock,
      rest,
      lookup: site.meaning,
      wasm: ({ bytes }) => readWasmBytes(o.files, bytes.cid),
      trust: id => site.node.foreign?.get(id),
    })
  }
  return {
    runtimeOf: site => {
      let runtime = runtimes.get(site.root)
      if (runtime === undefined) {
        runtimes.set(site.root, (runtime = create(site)))
        for (const oldest of runtimes.keys()) {
          if (runtimes.size <= KEPT) break
          runtimes.delete(oldest)
        }
      }
      return runtime
    },
    nodeOf: cid => {
      const node = load(cid)
      if (node?.kind !== 'member') return node
      const group = load(node.group.cid)
      return group?.kind === 'group' ? group.members[node.index] : undefined
    },
  }
}
