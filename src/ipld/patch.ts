// Patches: from a page to a later version of it (format §8). Reading goes to the browser, in a module that is fetched
// when there is something to patch.
import { cidOf, DAG_CBOR } from './cid.ts'
import { check, createCursor } from './cursor.ts'
import { MAX_BLOCK } from './limits.ts'
import { PATCH } from './pack.ts'
import { joined, orderFrom, type Skeleton } from './skeleton.ts'

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
  const order = orderFrom(nodes)
  const positions: number[] = []
  return order.map((node, i) => {
    positions[node] = i
    const { parts, refs } = nodes[node]!
    return { parts, refs: refs.map(ref => positions[ref]!) }
  })
}

/**
 * The nodes of a later version from `old`, those of the page `from`: not proven yet. Throws 'block-malformed', also for
 * a patch of another page.
 */
export const applyPatch = (
  inflated: Uint8Array,
  from: string,
  old: readonly Skeleton[],
): readonly Skeleton[] => {
  const { number, take, left } = createCursor(inflated)
  check(number() === PATCH)
  check(cidOf(DAG_CBOR, take(32)) === from)
  take(32)
  const nodes: Skeleton[] = []
  let work = 0
  /** old position → new position */
  const moved: (number | undefined)[] = []
  const mapped = (ref: number): number => {
    check(moved[ref] !== undefined)
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
      check(end <= at)
      work += source!.parts.length
      check(work < MAX_WORK)
    }
    let size = 0
    for (let head = number(); head; head = number()) {
      const count = head >> 2
      const what = head & 3
      size += count
      check(what === REF || size <= MAX_BLOCK)
      if (what === BYTES) bytes.push(take(count))
      else if (what === COPY) {
        check(source)
        copy(count, number())
      } else {
        check(what === REF && count && count <= nodes.length)
        refer(nodes.length - count)
      }
    }
    parts.push(joined(bytes))
    return { parts, refs }
  }

  while (left()) {
    const what = number()
    if (what === INSERT) nodes.push(made(undefined))
    else {
      check(what === KEEP || what === REPLACE)
      const at = number()
      const count = what === KEEP ? number() : 1
      check(count && at + count <= old.length)
      for (let i = at; i < at + count; i++) {
        const source = old[i]!
        check(moved[i] === undefined)
        const node = what === KEEP ? { parts: source.parts, refs: source.refs.map(mapped) } : made(source)
        moved[i] = nodes.length
        nodes.push(node)
      }
    }
  }
  return nodes
}
