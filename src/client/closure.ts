// All that a page needs, block by block: the last way, when its packs can't be had.
import type { ClosureNode, Node } from '../ipld/kinds.ts'

/** Limits of format §4: a closure is not believed about how much there is to load. */
const LIMIT = 100_000
const DEPTH = 8
/** Blocks under way at a time. */
export const PARALLEL = 32

/** Every dag-cbor CID of sha2-256 begins like this in base32: version 1, codec 0x71, multihash 0x12 0x20. */
export const holdsNode = (cid: string): boolean => cid.startsWith('bafyrei')

/** Loads what the closure lists with `load`, or rejects. */
export const loadClosure = async (closure: string, load: (cid: string) => Promise<Node>): Promise<void> => {
  const listed: string[] = []
  const list = async (cid: string, depth: number): Promise<void> => {
    const { kind, parts = [], links = [] } = (await load(cid)) as ClosureNode
    for (const link of links) listed.push(link.cid)
    if (kind !== 'closure' || depth > DEPTH || listed.length > LIMIT)
      throw Error(`${cid} is no closure of this format`)
    for (const part of parts) await list(part.cid, depth + 1)
  }
  await list(closure, 0)
  const left = listed.filter(holdsNode)[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const cid of left) await load(cid)
    }),
  )
}
