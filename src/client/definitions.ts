// CID → decoded node, through the resolver: what the runtime looks definitions up in.
import type { ClosureNode, Node } from '../ipld/kinds.ts'
import type { Definitions } from '../runtime/cell.ts'
import type { Kernel } from './kernel.ts'
import type { Resolver } from './resolver.ts'

/** Limits of format §6: a manifest is not believed about how much there is to load. */
const CLOSURE_LIMIT = 100_000
const CLOSURE_DEPTH = 8

/** Every dag-cbor CID of sha2-256 begins like this in base32: version 1, codec 0x71, multihash 0x12 0x20. */
const holdsNode = (cid: string): boolean => cid.startsWith('bafyrei')

export interface LoadedDefinitions extends Definitions {
  /** Fetches, verifies and decodes; rejects when no source has the block or it is none of the format's. */
  node(cid: string): Promise<Node>
  /** Everything that the closure lists, or rejects. `bytecode` comes instead of its libraries, where it can be had. */
  loadClosure(cid: string, bytecode?: Readonly<Record<string, string>>): Promise<void>
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
  let listed = 0

  const node = async (cid: string): Promise<Node> => {
    const known = nodes.get(cid)
    if (known) return known
    const { bytes, tier } = await resolver.get(cid)
    // Two callers may have waited for one flight.
    const found = nodes.get(cid) ?? kernel.decodeNode(bytes)
    if (!nodes.has(cid)) {
      nodes.set(cid, found)
      count.definitions++
      count.bytes += bytes.length
      count.from[tier.remote ? 'network' : (tier.name as 'memory')]++
    }
    return found
  }

  const loadClosure = async (
    cid: string,
    bytecode: Readonly<Record<string, string>> = {},
    depth = 0,
  ): Promise<void> => {
    const { kind, parts = [], links = [] } = (await node(cid)) as ClosureNode
    listed += links.length
    if (kind !== 'closure' || depth > CLOSURE_DEPTH || listed > CLOSURE_LIMIT)
      throw Error(`${cid} is no closure of this format`)
    await Promise.all([
      ...parts.map(part => loadClosure(part.cid, bytecode, depth + 1)),
      ...links
        .filter(link => holdsNode(link.cid))
        .map(({ cid }) => (bytecode[cid] ? node(bytecode[cid]).catch(() => node(cid)) : node(cid))),
    ])
  }

  return {
    find: cid => nodes.get(cid),
    load: async cid => void (await node(cid)),
    node,
    loadClosure: (cid, bytecode) => loadClosure(cid, bytecode),
    nodes,
    count,
  }
}
