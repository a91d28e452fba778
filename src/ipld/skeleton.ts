// A block without the links to nodes that travel with it (format §6): what packs and patches are made of.
import { cidOf, DAG_CBOR } from './cid.ts'

/** `parts` stand before, between and after the links that were cut out: one more than `refs`. */
export interface Skeleton {
  readonly parts: readonly Uint8Array[]
  /** what each link led to: the position of an earlier node */
  readonly refs: readonly number[]
}

/** A link as it stands in a block: tag 42, 37 bytes, and a CID of dag-cbor and sha2-256 but for its digest. */
const LINK = Uint8Array.of(0xd8, 0x2a, 0x58, 0x25, 0, 1, 0x71, 0x12, 0x20)
const LINK_SIZE = LINK.length + 32

/** A link to a dag-cbor block, found in a block's bytes. */
export interface FoundLink {
  readonly at: number
  readonly cid: string
}

/**
 * Where links to dag-cbor blocks stand. Found by their bytes, not by the block's structure: whatever is cut out at such
 * a place and put back again is the same bytes.
 */
export const findLinks = (block: Uint8Array): readonly FoundLink[] => {
  const found: FoundLink[] = []
  for (let at = block.indexOf(LINK[0]!); at >= 0; at = block.indexOf(LINK[0]!, at)) {
    if (at + LINK_SIZE <= block.length && LINK.every((byte, i) => block[at + i] === byte)) {
      found.push({ at, cid: cidOf(DAG_CBOR, block.subarray(at + LINK.length, at + LINK_SIZE)) })
      at += LINK_SIZE
    } else at++
  }
  return found
}

/** Cuts out the links to what has a position; others stay where they are, whole. */
export const cut = (
  block: Uint8Array,
  links: readonly FoundLink[],
  positionOf: (cid: string) => number | undefined,
): Skeleton => {
  const parts: Uint8Array[] = []
  const refs: number[] = []
  let from = 0
  for (const { at, cid } of links) {
    const position = positionOf(cid)
    if (position === undefined) continue
    parts.push(block.subarray(from, at))
    refs.push(position)
    from = at + LINK_SIZE
  }
  parts.push(block.subarray(from))
  return { parts, refs }
}

/** Bytes of the block that `splice` makes. */
export const splicedSize = ({ parts, refs }: Skeleton): number =>
  parts.reduce((size, { length }) => size + length, refs.length * LINK_SIZE)

/** One after another. */
export const joined = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(pieces.reduce((size, { length }) => size + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** The block again. `digests`: by position. */
export const splice = ({ parts, refs }: Skeleton, digests: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  joined(parts.flatMap((part, i) => (i ? [LINK, digests[refs[i - 1]!]!, part] : part)))

/** Positions in depth-first post-order of first occurrence from the last node, those before `from` left out. Takes no stack. */
export const orderFrom = (nodes: readonly Skeleton[], from = 0): number[] => {
  const order: number[] = []
  /** 1: its references are under way, 2: done */
  const state: number[] = []
  const stack = [nodes.length - 1]
  while (stack.length) {
    const node = stack.at(-1)!
    if (state[node]) {
      stack.pop()
      // It may have been put there by several.
      if (state[node] < 2) order.push(node)
      state[node] = 2
    } else {
      state[node] = 1
      for (const ref of nodes[node]?.refs.toReversed() ?? []) if (ref >= from && !state[ref]) stack.push(ref)
    }
  }
  return order
}
