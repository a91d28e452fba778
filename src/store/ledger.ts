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

/** What the ledger reads and writes; `id` is the block's row. */
export interface LedgerRows {
  /** undefined when the block is not in the store */
  find(digest: DigestKey, codecIndex: number): { readonly id: number; readonly count: number } | undefined
  /** the block's bytes, checked against its digest; undefined when they are missing or wrong */
  load(digest: DigestKey): Uint8Array | undefined
  save(id: number, codecIndex: number, count: number): void
}

interface Entry {
  readonly id: number
  readonly digest: DigestKey
  readonly codecIndex: number
  readonly before: number
  count: number
}

export interface Ledger {
  /** One more root names this block. Throws 'store-corrupt' when anything below is missing or damaged. */
  retain(codec: number, digest: DigestKey): void
  /** One root less. Retain what stays or comes first: then what both share is never visited. */
  release(codec: number, digest: DigestKey): void
  /** Writes the counts that changed; says how many blocks became pinned and unpinned. */
  save(): { readonly pinned: number; readonly unpinned: number }
}

export function createLedger(rows: LedgerRows): Ledger {
  const maps = codecs.map(() => new Map<DigestKey, Entry>())

  const find = (codec: number, digest: DigestKey): Entry | undefined => {
    const codecIndex = codecs.indexOf(codec as (typeof codecs)[number])
    const map = maps[codecIndex]
    if (map === undefined)
      throw new SxError(
        'cid-unsupported',
        `A link has codec 0x${codec.toString(16)}, which this store does not pin`,
      )
    let found = map.get(digest)
    if (found === undefined) {
      const row = rows.find(digest, codecIndex)
      if (row === undefined) return undefined
      found = { id: row.id, digest, codecIndex, before: row.count, count: row.count }
      map.set(digest, found)
    }
    return found
  }
  const need = (codec: number, digest: DigestKey): Entry => {
    const found = find(codec, digest)
    if (found === undefined) throw missing(codec, digest, 'not in the store')
    return found
  }

  return {
    retain: (codec, digest) => {
      const stack = [need(codec, digest)]
      const visit = (link: DigestKey, linkCodec: number): void => void stack.push(need(linkCodec, link))
      for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
        if (at.count++ > 0) continue
        const own = codecs[at.codecIndex]!
        if (own === RAW) continue
        const bytes = rows.load(at.digest)
        if (bytes === undefined) throw missing(own, at.digest, 'damaged in the store')
        eachLink(own, bytes, visit)
      }
    },
    release: (codec, digest) => {
      const stack: Entry[] = []
      // What a lost or damaged block led to stays pinned: nothing that may be needed is let go by guess, and damage
      // in an old root does not stand in the way of a new one.
      const visit = (link: DigestKey, linkCodec: number): void => {
        const found = find(linkCodec, link)
        if (found !== undefined) stack.push(found)
      }
      visit(digest, codec)
      for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
        if (--at.count > 0) continue
        const own = codecs[at.codecIndex]!
        if (own === RAW) continue
        const bytes = rows.load(at.digest)
        if (bytes !== undefined) eachLink(own, bytes, visit)
      }
    },
    save: () => {
      let pinned = 0
      let unpinned = 0
      for (const map of maps)
        for (const { id, codecIndex, before, count } of map.values()) {
          if (count === before) continue
          if (count < 0) throw new SxError('store-corrupt', 'The counts of pinned blocks do not add up')
          if (before === 0) pinned++
          else if (count === 0) unpinned++
          rows.save(id, codecIndex, count)
        }
      return { pinned, unpinned }
    },
  }
}

const missing = (codec: number, digest: DigestKey, what: string): SxError => {
  const cid = cidOf(codec, digestOf(digest))
  return new SxError('store-corrupt', `Block ${cid} is needed by the root and is ${what}`, {
    hint: 'Build again: a full build writes every block anew.',
    cid,
  })
}
