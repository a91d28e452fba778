// Which blocks are pinned, counted so that the next root costs what changed: reference counts over the DAG.
import { SxError } from '../errors.ts'
import { cidOf, DAG_CBOR, DAG_PB, RAW } from '../ipld/cid.ts'
import { type DigestKey, digestOf, eachLink } from './links.ts'

// A block's count is the number of links to it from pinned blocks, plus the roots that name it. Blocks are immutable
// and a Merkle DAG has no cycles, so counts are exact: 0 → 1 pins the block and counts its links, 1 → 0 gives both
// back. Nothing below a block that was pinned already is visited: no release costs more than its difference, however
// often subgraphs are shared. The same bytes under another codec have other links, so counts are kept per codec.

/** Indices are stored: never reorder. */
export const codecs = [DAG_CBOR, RAW, DAG_PB] as const

/** What the ledger asks of whoever drives it, who answers at once (`run`) or later (`runLater`). */
export type Question =
  | { readonly ask: 'count'; readonly digest: DigestKey; readonly codecIndex: number }
  | { readonly ask: 'bytes'; readonly digest: DigestKey }

export interface LedgerRows<Row> {
  /** a block's row and count; undefined when the block is not in the store */
  count(digest: DigestKey, codecIndex: number): { readonly row: Row; readonly count: number } | undefined
  /** the block's bytes, checked against its digest; undefined when they are missing or wrong */
  bytes(digest: DigestKey): Uint8Array | undefined
}
export type LaterRows<Row> = {
  readonly [K in keyof LedgerRows<Row>]: (
    ...args: Parameters<LedgerRows<Row>[K]>
  ) => Promise<ReturnType<LedgerRows<Row>[K]>>
}

export interface Change<Row> {
  readonly row: Row
  readonly digest: DigestKey
  readonly codecIndex: number
  readonly before: number
  readonly count: number
}

type Steps = Generator<Question, void, unknown>

export interface Ledger<Row> {
  /** One more root names this block. Throws 'store-corrupt' when anything below is missing or damaged. */
  retain(codec: number, digest: DigestKey): Steps
  /** One root less. Retain what stays or comes first: then what both share is never visited. */
  release(codec: number, digest: DigestKey): Steps
  /** The counts that changed, to be written; and how many blocks became pinned and unpinned. */
  changes(): { readonly pinned: number; readonly unpinned: number; readonly changed: readonly Change<Row>[] }
}

export function createLedger<Row>(): Ledger<Row> {
  const maps = codecs.map(() => new Map<DigestKey, { -readonly [K in keyof Change<Row>]: Change<Row>[K] }>())
  type Entry = NonNullable<ReturnType<(typeof maps)[number]['get']>>

  function* find(codec: number, digest: DigestKey): Generator<Question, Entry | undefined, unknown> {
    const codecIndex = codecs.indexOf(codec as (typeof codecs)[number])
    const map = maps[codecIndex]
    if (map === undefined)
      throw new SxError(
        'cid-unsupported',
        `A link has codec 0x${codec.toString(16)}, which this store does not pin`,
      )
    const known = map.get(digest)
    if (known !== undefined) return known
    const found = (yield { ask: 'count', digest, codecIndex }) as ReturnType<LedgerRows<Row>['count']>
    if (found === undefined) return undefined
    const entry = { row: found.row, digest, codecIndex, before: found.count, count: found.count }
    map.set(digest, entry)
    return entry
  }

  return {
    *retain(codec, digest) {
      const stack: (DigestKey | number)[] = [digest, codec]
      while (stack.length > 0) {
        const own = stack.pop() as number
        const key = stack.pop() as DigestKey
        const map = maps[codecs.indexOf(own as (typeof codecs)[number])]
        const entry = map?.get(key) ?? (yield* find(own, key))
        if (entry === undefined) throw missing(own, key, 'not in the store')
        if (entry.count++ > 0 || own === RAW) continue
        const bytes = (yield { ask: 'bytes', digest: key }) as Uint8Array | undefined
        if (bytes === undefined) throw missing(own, key, 'damaged in the store')
        eachLink(own, bytes, (link, linkCodec) => stack.push(link, linkCodec))
      }
    },
    *release(codec, digest) {
      const stack: (DigestKey | number)[] = [digest, codec]
      while (stack.length > 0) {
        const own = stack.pop() as number
        const key = stack.pop() as DigestKey
        // What a lost or damaged block led to stays pinned: nothing that may be needed is let go by guess, and damage
        // in an old root does not stand in the way of a new one.
        const entry = yield* find(own, key)
        if (entry === undefined || --entry.count > 0 || own === RAW) continue
        const bytes = (yield { ask: 'bytes', digest: key }) as Uint8Array | undefined
        if (bytes !== undefined) eachLink(own, bytes, (link, linkCodec) => stack.push(link, linkCodec))
      }
    },
    changes: () => {
      const changed: Change<Row>[] = []
      let pinned = 0
      let unpinned = 0
      for (const map of maps)
        for (const entry of map.values()) {
          if (entry.count === entry.before) continue
          if (entry.count < 0) throw new SxError('store-corrupt', 'The counts of pinned blocks do not add up')
          if (entry.before === 0) pinned++
          else if (entry.count === 0) unpinned++
          changed.push(entry)
        }
      return { pinned, unpinned, changed }
    },
  }
}

export function run<Row>(steps: Steps, rows: LedgerRows<Row>): void {
  for (let step = steps.next(); step.done !== true; ) {
    const { value } = step
    step = steps.next(
      value.ask === 'count' ? rows.count(value.digest, value.codecIndex) : rows.bytes(value.digest),
    )
  }
}

export async function runLater<Row>(steps: Steps, rows: LaterRows<Row>): Promise<void> {
  for (let step = steps.next(); step.done !== true; ) {
    const { value } = step
    step = steps.next(
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
