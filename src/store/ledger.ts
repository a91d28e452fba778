// What a site's newest root reaches, counted so that the next release costs what changed, not the whole.
import { SxError } from '../errors.ts'
import { cidOf, DAG_CBOR, DAG_PB, RAW } from '../ipld/cid.ts'
import { type DigestKey, digestOf, eachLink } from './links.ts'

// A block's count is the number of links to it from blocks that the site's newest root reaches, plus one for that root
// itself. Blocks never change and a Merkle DAG has no cycles, so counts are exact: what has one is reached, what has
// none is not. Moving from one root to the next adds the links of the blocks that came and takes those of the blocks
// that went; nothing below a block that both roots reach is visited, however often it is shared. Old and new versions
// of a node have nearly the same links, so most of what is added is taken away again before anything is looked up:
// that is why the newest root is counted, and older roots only hold the blocks that the step away from them let go.
//
// The same bytes under another codec have other links, so counts are kept for each codec.

/** Indices are stored: never reorder. */
export const codecs = [DAG_CBOR, RAW, DAG_PB] as const

export interface Counted<Row> {
  readonly row: Row
  readonly count: number
}

/** What the ledger asks of whoever drives it, who answers at once (`run`) or later (`runLater`). */
export type Question =
  | { readonly ask: 'count'; readonly digest: DigestKey; readonly codecIndex: number }
  | { readonly ask: 'bytes'; readonly digest: DigestKey }

export interface LedgerRows<Row> {
  /** undefined when the block is not in the store */
  count(digest: DigestKey, codecIndex: number): Counted<Row> | undefined
  /** the block's bytes, checked against its digest; undefined when they are missing or wrong */
  bytes(digest: DigestKey): Uint8Array | undefined
}
export type LaterRows<Row> = {
  readonly [K in keyof LedgerRows<Row>]: (
    ...args: Parameters<LedgerRows<Row>[K]>
  ) => Promise<ReturnType<LedgerRows<Row>[K]>>
}

export interface Change<Row> extends Counted<Row> {
  readonly digest: DigestKey
  readonly codecIndex: number
  /** the count until now */
  readonly before: number
}

export interface Root {
  readonly codec: number
  readonly digest: DigestKey
}

interface Entry<Row> {
  readonly digest: DigestKey
  readonly codecIndex: number
  delta: number
  /** undefined: not looked up; 'lost': looked up, not in the store */
  found: Counted<Row> | 'lost' | undefined
  /** reached, as far as we have come; meaningful once found */
  reached: boolean
}

type Steps<Result> = Generator<Question, Result, unknown>

/**
 * The counts that change when a site's newest root changes from `from` to `to` (either may be absent). `fresh` gives the
 * row of a block that came with this very commit: its count is known to be 0. Throws 'store-corrupt' when anything
 * below `to` is missing or damaged. What a lost or damaged block below `from` led to stays counted: nothing that may
 * be needed is let go by guess, and damage in an old root does not stand in the way of a new one.
 */
export function* step<Row>(
  from: Root | undefined,
  to: Root | undefined,
  fresh: (digest: DigestKey) => Row | undefined,
): Steps<readonly Change<Row>[]> {
  const maps = codecs.map(() => new Map<DigestKey, Entry<Row>>())
  let stack: Entry<Row>[] = []

  const bump = (codec: number, digest: DigestKey, by: number): void => {
    const codecIndex = codec === DAG_CBOR ? 0 : codec === RAW ? 1 : codec === DAG_PB ? 2 : -1
    const map = maps[codecIndex]
    if (map === undefined)
      throw new SxError(
        'cid-unsupported',
        `A link has codec 0x${codec.toString(16)}, which this store does not pin`,
      )
    let entry = map.get(digest)
    if (entry === undefined) {
      const row = fresh(digest)
      const found = row === undefined ? undefined : { row, count: 0 }
      map.set(digest, (entry = { digest, codecIndex, delta: 0, found, reached: false }))
    }
    entry.delta += by
    stack.push(entry)
  }
  function* look(entry: Entry<Row>): Steps<void> {
    const { digest, codecIndex } = entry
    entry.found = ((yield { ask: 'count', digest, codecIndex }) as Counted<Row> | undefined) ?? 'lost'
    entry.reached = entry.found !== 'lost' && entry.found.count > 0
  }
  /** Passes the change of `entry` on to what it links to; those land on the stack. */
  function* pass(entry: Entry<Row>, by: 1 | -1): Steps<void> {
    const codec = codecs[entry.codecIndex]!
    entry.reached = by > 0
    if (codec === RAW) return
    const bytes = (yield { ask: 'bytes', digest: entry.digest }) as Uint8Array | undefined
    if (bytes !== undefined) eachLink(codec, bytes, (link, linkCodec) => bump(linkCodec, link, by))
    else if (by > 0) throw missing(codec, entry.digest, 'damaged in the store')
  }

  // 1. What came with this commit. Links to older blocks are noted and not looked up.
  if (to !== undefined) bump(to.codec, to.digest, 1)
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop())
    if (entry.found !== undefined && !entry.reached) yield* pass(entry, 1)

  // 2. What goes. A block that lost as many links as it gained was reached and still is.
  if (from !== undefined) bump(from.codec, from.digest, -1)
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    if (entry.delta >= 0) continue
    if (entry.found === undefined) yield* look(entry)
    const { found } = entry
    if (found !== undefined && found !== 'lost' && entry.reached && found.count + entry.delta <= 0)
      yield* pass(entry, -1)
  }

  // 3. Older blocks that gained links: most were reached anyway; what was not, or went in 2, is reached (again).
  for (const map of maps) stack = stack.concat([...map.values()].filter(entry => entry.delta > 0))
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    if (entry.found === undefined && entry.delta > 0) yield* look(entry)
    const { found } = entry
    if (found === 'lost' && entry.delta > 0)
      throw missing(codecs[entry.codecIndex]!, entry.digest, 'not in the store')
    if (found !== undefined && found !== 'lost' && !entry.reached && found.count + entry.delta > 0)
      yield* pass(entry, 1)
  }

  const changes: Change<Row>[] = []
  for (const map of maps)
    for (const { digest, codecIndex, delta, found } of map.values()) {
      if (delta === 0 || found === undefined || found === 'lost') continue
      const count = found.count + delta
      if (count < 0) throw new SxError('store-corrupt', 'The counts of pinned blocks do not add up')
      changes.push({ row: found.row, digest, codecIndex, before: found.count, count })
    }
  return changes
}

export function run<Row, Result>(steps: Steps<Result>, rows: LedgerRows<Row>): Result {
  for (let at = steps.next(); ; ) {
    if (at.done === true) return at.value
    const { value } = at
    at = steps.next(
      value.ask === 'count' ? rows.count(value.digest, value.codecIndex) : rows.bytes(value.digest),
    )
  }
}

export async function runLater<Row, Result>(steps: Steps<Result>, rows: LaterRows<Row>): Promise<Result> {
  for (let at = steps.next(); ; ) {
    if (at.done === true) return at.value
    const { value } = at
    at = steps.next(
      value.ask === 'count'
        ? await rows.count(value.digest, value.codecIndex)
        : await rows.bytes(value.digest),
    )
  }
}

const missing = (codec: number, digest: DigestKey, what: string): SxError => {
  const cid = cidOf(codec, digestOf(digest))
  return new SxError('store-corrupt', `Block ${cid} is needed by the root and is ${what}`, {
    hint: 'Build again: a full build writes every block anew.',
    cid,
  })
}
