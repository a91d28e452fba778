// The publisher's side of patches: what leads from a page to a later version of it in the fewest bytes (format §8).
import type { Sha256 } from '../ports.ts'
import { ByteWriter } from './byte-writer.ts'
import { parseCid } from './cid.ts'
import { decodeNode } from './decode.ts'
import { gzip } from './gzip.ts'
import { inflate } from './inflate.ts'
import { MAX_INFLATED, PATCH, prove } from './pack.ts'
import { nodesOfPage, type PageNodes } from './page-nodes.ts'
import { applyPatch, BYTES, COPY, INSERT, KEEP, REF, REPLACE } from './patch.ts'
import type { Skeleton } from './skeleton.ts'
import { writePack } from './write-pack.ts'

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])
const sameParts = (a: Skeleton, b: Skeleton): boolean =>
  a.parts.length === b.parts.length && a.parts.every((part, i) => sameBytes(part, b.parts[i]!))

/**
 * new position → old position that it continues. Nodes of one CID are one. The page continues the page; below two nodes
 * of which one continues the other, so do their references, in order.
 */
const pairUp = (old: PageNodes, next: PageNodes): (number | undefined)[] => {
  const sources: (number | undefined)[] = new Array(next.order.length).fill(undefined)
  const oldAt = new Map(old.order.map((cid, i) => [cid, i]))
  const taken = new Set<number>()
  const pair = (from: number, to: number): boolean => {
    if (taken.has(from) || sources[to] !== undefined) return false
    taken.add(from)
    sources[to] = from
    return true
  }
  next.order.forEach((cid, to) => {
    const from = oldAt.get(cid)
    if (from !== undefined) pair(from, to)
  })
  const todo: [number, number][] = []
  const follow = (from: number, to: number): void => {
    if (pair(from, to)) todo.push([from, to])
  }
  follow(old.order.length - 1, next.order.length - 1)
  // An array's iteration takes up what is added meanwhile.
  for (const [from, to] of todo) {
    const before = old.nodes[from]!.refs
    const after = next.nodes[to]!.refs
    if (before.length === after.length) for (const [i, ref] of before.entries()) follow(ref, after[i]!)
    else {
      // What is left of references between those that stay, in order: a first guess, and a wrong one only costs bytes.
      const gone = before.filter(ref => !taken.has(ref))
      const come = after.filter(ref => sources[ref] === undefined)
      const alike = (from: number, to: number): boolean => sameParts(old.nodes[from]!, next.nodes[to]!)
      for (const to of new Set(come)) {
        const from = gone.find(one => !taken.has(one) && alike(one, to))
        if (from !== undefined) follow(from, to)
      }
      const rest = [...new Set(come)].filter(to => sources[to] === undefined)
      const free = [...new Set(gone)].filter(one => !taken.has(one))
      rest.forEach((to, i) => {
        if (free[i] !== undefined) follow(free[i], to)
      })
    }
  }
  return sources
}

/** A node as one row of numbers: its bytes, and `ref` of each reference. */
const flat = ({ parts, refs }: Skeleton, ref: (target: number) => number): Int32Array => {
  const out = new Int32Array(parts.reduce((size, { length }) => size + length, refs.length))
  let at = 0
  for (const [i, part] of parts.entries()) {
    out.set(part, at)
    at += part.length
    const target = refs[i]
    if (target !== undefined) out[at++] = ref(target)
  }
  return out
}

/** Shorter runs cost as much to name as to write. */
const LEAST_RUN = 6
/** An old node longer than this is compared at its beginning and its end only. */
const MOST_INDEXED = 1 << 16
const MOST_TRIED = 32

type Piece = readonly [from: number, count: number] | { readonly own: number; readonly count: number }

/** What of `now` stands in `before`, and where. */
const runs = (before: Int32Array, now: Int32Array): Piece[] => {
  const most = Math.min(before.length, now.length)
  let start = 0
  while (start < most && before[start] === now[start]) start++
  let end = 0
  while (end < most - start && before.at(-1 - end) === now.at(-1 - end)) end++
  const index = new Map<string, number[]>()
  const keyOf = (row: Int32Array, at: number): string => row.subarray(at, at + LEAST_RUN).join()
  const last = now.length - end
  if (start < last && before.length <= MOST_INDEXED)
    for (let at = 0; at + LEAST_RUN <= before.length; at++) {
      const key = keyOf(before, at)
      const known = index.get(key)
      if (known === undefined) index.set(key, [at])
      else if (known.length < MOST_TRIED) known.push(at)
    }
  const pieces: Piece[] = start > 0 ? [[0, start]] : []
  let own = start
  const flush = (to: number): void => {
    if (to > own) pieces.push({ own, count: to - own })
  }
  for (let at = start; at < last; ) {
    let best: [number, number] | undefined
    for (const from of index.get(keyOf(now, at)) ?? []) {
      let count = 0
      while (at + count < last && from + count < before.length && before[from + count] === now[at + count])
        count++
      if (count >= LEAST_RUN && count > (best?.[1] ?? 0)) best = [from, count]
    }
    if (best === undefined) at++
    else {
      flush(at)
      pieces.push(best)
      at += best[1]
      own = at
    }
  }
  flush(last)
  if (end > 0) pieces.push([before.length - end, end])
  return pieces
}

const writePieces = (
  out: ByteWriter,
  here: number,
  node: Skeleton,
  source: Skeleton | undefined,
  moved: readonly (number | undefined)[],
): void => {
  const now = flat(node, ref => 256 + ref)
  // A reference that the map does not lead on is like no other.
  const before = source && flat(source, ref => (moved[ref] === undefined ? -1 - ref : 256 + moved[ref]))
  for (const piece of runs(before ?? new Int32Array(0), now)) {
    if ('own' in piece) {
      const end = piece.own + piece.count
      for (let at = piece.own; at < end; ) {
        if (now[at]! > 255) {
          out.number(((here + 256 - now[at++]!) << 2) | REF)
          continue
        }
        let to = at
        while (to < end && now[to]! < 256) to++
        out.number(((to - at) << 2) | BYTES)
        out.put(Uint8Array.from(now.subarray(at, to)))
        at = to
      }
    } else {
      out.number((piece[1] << 2) | COPY)
      out.number(piece[0])
    }
  }
  out.number(0)
}

/** The patch, not compressed: not tried yet, nor weighed. */
export const writePatch = (old: PageNodes, next: PageNodes): Uint8Array<ArrayBuffer> => {
  const out = new ByteWriter()
  out.number(PATCH)
  for (const { order } of [old, next]) out.put(parseCid(order.at(-1)!).digest)
  const sources = pairUp(old, next)
  const moved: (number | undefined)[] = []
  let run: { from: number; count: number } | undefined
  const flush = (): void => {
    if (run === undefined) return
    out.number(KEEP)
    out.number(run.from)
    out.number(run.count)
    run = undefined
  }
  next.nodes.forEach((node, here) => {
    const from = sources[here]
    const source = from === undefined ? undefined : old.nodes[from]!
    const kept =
      source !== undefined &&
      source.refs.length === node.refs.length &&
      source.refs.every((ref, i) => moved[ref] === node.refs[i]) &&
      (old.order[from!] === next.order[here] || sameParts(source, node))
    if (kept && run !== undefined && run.from + run.count === from) run.count++
    else {
      flush()
      if (kept) run = { from: from!, count: 1 }
      else {
        out.number(source === undefined ? INSERT : REPLACE)
        if (from !== undefined) out.number(from)
        writePieces(out, here, node, source, moved)
      }
    }
    if (from !== undefined) moved[from] = here
  })
  flush()
  return out.written()
}

/**
 * The patch that leads from one version of a page to another, as it is stored and sent, or undefined: they are one, they
 * are no pages of one route, or the patch would be larger than the page's pack. A reader's own code has led from
 * `from` to `to` with it. `get` answers verified bytes or throws.
 */
export const patchBetween = async (
  from: string,
  to: string,
  get: (cid: string) => Uint8Array,
  sha256: Sha256,
): Promise<Uint8Array | undefined> => {
  const pathOf = (cid: string): string | undefined => {
    const node = decodeNode(get(cid))
    return node.kind === 'page' ? node.path : undefined
  }
  const path = pathOf(from)
  if (from === to || path === undefined || path !== pathOf(to)) return undefined
  const old = nodesOfPage(from, get)
  const next = nodesOfPage(to, get)
  const patch = gzip(writePatch(old, next))
  if (patch.length >= gzip(writePack(next.nodes)).length) return undefined
  const inflated = await inflate(new Uint8Array(patch), MAX_INFLATED)
  await prove(applyPatch(inflated, from, old.nodes), to, sha256)
  return patch
}
