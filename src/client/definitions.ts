// CID → decoded node, through the resolver: what the runtime looks definitions up in.
import type { Node } from '../ipld/kinds.ts'
import type { Definitions } from '../runtime/cell.ts'
import type { Kernel } from './kernel.ts'
import type { Loaded } from './page-packs.ts'
import type { Resolver } from './resolver.ts'

export interface LoadedDefinitions extends Definitions {
  /** Fetches, verifies and decodes; rejects when no source has the block or it is none of the format's. */
  node(cid: string): Promise<Node>
  /** Takes over what packs have proven. */
  accept(loaded: Loaded): void
  /** everything that was loaded, by CID */
  readonly nodes: ReadonlyMap<string, Node>
  readonly count: {
    definitions: number
    bytes: number
    readonly from: Record<'memory' | 'indexeddb' | 'network', number>
  }
}

export function createDefinitions(kernel: Kernel, resolver: Resolver): LoadedDefinitions {
  const nodes = new Map<string, Node>()
  const count = { definitions: 0, bytes: 0, from: { memory: 0, indexeddb: 0, network: 0 } }

  const keep = (cid: string, bytes: Uint8Array, from: keyof typeof count.from): Node => {
    let found = nodes.get(cid)
    // Two callers may have waited for one flight.
    if (!found) {
      found = kernel.decodeNode(bytes)
      nodes.set(cid, found)
      count.definitions++
      count.bytes += bytes.length
      count.from[from]++
    }
    return found
  }
  const node = async (cid: string): Promise<Node> => {
    const known = nodes.get(cid)
    if (known) return known
    const { bytes, tier } = await resolver.get(cid)
    return keep(cid, bytes, tier.remote ? 'network' : (tier.name as 'memory'))
  }

  return {
    find: cid => nodes.get(cid),
    load: async cid => void (await node(cid)),
    node,
    accept: ({ proven, from }) => {
      for (const [cid, bytes] of proven.blocks) keep(cid, bytes, from)
    },
    nodes,
    count,
  }
}
