// CID → decoded node, through the resolver: what the runtime looks definitions up in.
import type { Node } from '../ipld/kinds.ts'
import type { Manifest } from '../ipld/manifest.ts'
import type { Definitions } from '../runtime/cell.ts'
import type { Kernel } from './kernel.ts'
import type { Loaded } from './page-packs.ts'
import type { Resolver } from './resolver.ts'

export interface LoadedDefinitions extends Definitions {
  /** Fetches, verifies and decodes; rejects when no source has the block or it is none of the format's. */
  node(cid: string): Promise<Node>
  /** Takes over what packs have proven. */
  accept(loaded: Loaded): void
  has(cid: string): boolean
  /** Fetches bytecode of libraries, beside the packs that hold their sources; without it these do. Never rejects. */
  code(bytecode: Manifest['bytecode']): Promise<unknown>
  /** everything that was loaded; each is decoded when it is first looked at */
  all(): readonly Node[]
  /** `definitions`: how many were loaded */
  readonly count: {
    definitions: number
    bytes: number
    readonly from: Record<'memory' | 'localstorage' | 'indexeddb' | 'network', number>
  }
}

export function createDefinitions(kernel: Kernel, resolver: Resolver): LoadedDefinitions {
  const blocks = new Map<string, Uint8Array>()
  const nodes = new Map<string, Node>()
  const count = { definitions: 0, bytes: 0, from: { memory: 0, localstorage: 0, indexeddb: 0, network: 0 } }

  const keep = (cid: string, bytes: Uint8Array, from: keyof typeof count.from): void => {
    // Two callers may have waited for one flight.
    if (blocks.has(cid)) return
    blocks.set(cid, bytes)
    count.definitions++
    count.bytes += bytes.length
    count.from[from]++
  }
  const find = (cid: string): Node | undefined => {
    const bytes = blocks.get(cid)
    if (bytes && !nodes.has(cid)) nodes.set(cid, kernel.decodeNode(bytes))
    return nodes.get(cid)
  }
  const node = async (cid: string): Promise<Node> => {
    if (!blocks.has(cid)) {
      const { bytes, tier } = await resolver.get(cid)
      keep(cid, bytes, tier.remote ? 'network' : (tier.name as 'memory'))
    }
    return find(cid)!
  }

  return {
    find,
    load: async cid => void (await node(cid)),
    node,
    accept: ({ proven, from }) => {
      for (const [cid, bytes] of proven.blocks) keep(cid, bytes, from)
    },
    has: cid => blocks.has(cid),
    code: (bytecode = {}) => Promise.all(Object.values(bytecode).map(cid => node(cid).catch(() => {}))),
    all: () => [...blocks.keys()].map(cid => find(cid)!),
    count,
  }
}
