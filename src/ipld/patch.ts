// Patches: from a page to a later version of it (format §8). Reading goes to the browser, in a module that is fetched
// when there is something to patch.
import { cidOf, DAG_CBOR } from './cid.ts'
import { createCursor } from './cursor.ts'
import { MAX_BLOCK } from './node.ts'
import { limitNodes, PATCH } from './pack.ts'
import { orderFrom, type Skeleton } from './skeleton.ts'

/** What an operation does: takes nodes over, adds one, or makes one of an old one. */
export const KEEP = 0
export const INSERT = 1
export const REPLACE = 2
/** A piece of a node: a number whose lowest two bits say what, the others how much. */
export const BYTES = 0
export const COPY = 1
export const REF = 2
/** At most this many parts of old nodes are walked through to copy from them: no patch is a long computation. */
const MAX_WORK = 1 << 24

/** A page's nodes, its own last, in the order in which patches count them, whatever packs they came in. */
export const nodesInOrder = (nodes: readonly Skeleton[]): readonly Skeleton[] => {
  const order = orderFrom(nodes, nodes.length - 1)
  const positions: number[] = []
  return order.map((node, i) => {
    positions[node] = i
    const { parts, refs } = nodes[node]!
    return { parts, refs: refs.map(ref => positions[ref]!) }
  })
}

/**
 * The nodes of a later version from `old`, those of the page `from`: not proven yet. Throws 'block-malformed', also for
 * a patch of another page, or 'block-too-large'.
 */
export const applyPatch = (
  inflated: Uint8Array,
  from: string,
  old: readonly Skeleton[],
): readonly Skeleton[] => {
  const { number, take, left, check } = createCursor(inflated)
  check(number() === PATCH, 'no patch')
  check(cidOf(DAG_CBOR, take(32)) === from, 'a patch of another page')
  take(32)
  const nodes: Skeleton[] = []
  const within = limitNodes()
  let work = 0
  /** old position → new position */
  const moved: (number | undefined)[] = []
  const mapped = (ref: number): number => {
    check(moved[ref] !== undefined, 'a node that fell away')
    return moved[ref]!
  }

  /** One node of pieces; `source` is what COPY takes from: bytes, and positions of nodes. */
  const made = (source: Skeleton | undefined): Skeleton => {
    let bytes: Uint8Array[] = []
    const parts: Uint8Array[] = []
    const refs: number[] = []
    const refer = (ref: number): void => {
      parts.push(joined(bytes))
      bytes = []
      refs.push(ref)
    }
    /** What stands from `from` on in the source, where each byte counts one, and so does each link. */
    const copy = (count: number, from: number): void => {
      const end = from + count
      let at = 0
      for (const [i, part] of source!.parts.entries()) {
        const piece = part.subarray(Math.max(from - at, 0), Math.max(end - at, 0))
        if (piece.length) bytes.push(piece)
        at += part.length
        const ref = source!.refs[i]
        if (ref !== undefined) {
          if (at >= from && at < end) refer(mapped(ref))
          at++
        }
      }
      check(end <= at, 'a copy of what is not there')
      work += source!.parts.length
      check(work < MAX_WORK, 'too many copies')
    }
    let size = 0
    for (let head = number(); head; head = number()) {
      const count = head >> 2
      const what = head & 3
      size += count
      check(what === REF || size <= MAX_BLOCK, 'a node of more than a block')
      if (what === BYTES) bytes.push(take(count))
      else if (what === COPY) {
        check(source, 'a copy of nothing')
        copy(count, number())
      } else {
        check(what === REF && count && count <= nodes.length, 'a piece that is none')
        refer(nodes.length - count)
      }
    }
    parts.push(joined(bytes))
    return { parts, refs }
  }

  while (left()) {
    const what = number()
    if (what === INSERT) nodes.push(within(made(undefined)))
    else {
      check(what === KEEP || what === REPLACE, 'an operation that is none')
      const at = number()
      const count = what === KEEP ? number() : 1
      check(count && at + count <= old.length, 'a node that the old page has not')
      for (let i = at; i < at + count; i++) {
        const source = old[i]!
        check(moved[i] === undefined, 'an old node twice')
        const node = what === KEEP ? { parts: source.parts, refs: source.refs.map(mapped) } : made(source)
        moved[i] = nodes.length
        nodes.push(within(node))
      }
    }
  }
  return nodes
}

const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  if (pieces.length === 1) return pieces[0]!
  const all = new Uint8Array(pieces.reduce((size, { length }) => size + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
