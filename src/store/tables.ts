// Blocks and records as rows, by digest and by key: what the adapters for Helia stand on. Synchronous, checked.
import { SxError } from '../errors.ts'
import { hashesTo, mismatch } from '../ipld/block.ts'
import { cidOf, RAW } from '../ipld/cid.ts'
import type { Records, Sha256 } from '../ports.ts'
import type { Database } from './database.ts'

export interface BlockTable {
  has(digest: Uint8Array): boolean
  /** Throws 'store-corrupt' when the stored bytes do not hash to `digest`. */
  get(digest: Uint8Array): Uint8Array | undefined
  /** One transaction; every block is verified first. Throws 'block-mismatch'. Returns how many were new. */
  put(blocks: readonly { readonly digest: Uint8Array; readonly bytes: Uint8Array }[]): number
  /** One transaction; a block that a root still needs stays, whoever asks. Returns how many went. */
  delete(digests: readonly Uint8Array[]): number
  isPinned(digest: Uint8Array): boolean
  /** Up to `limit` blocks after row `after` that no root leads to. */
  unpinned(
    after: number,
    limit: number,
  ): {
    readonly last: number
    readonly blocks: readonly { readonly digest: Uint8Array; readonly size: number }[]
  }
  total(): { readonly blocks: number; readonly bytes: number }
  /** Up to `limit` digests after row `after`, with the last row to go on from; an empty page is the end. */
  page(after: number, limit: number): { readonly last: number; readonly digests: readonly Uint8Array[] }
}

interface Row {
  readonly [column: string]: unknown
}

export function createBlockTable({ sql, guard, write }: Database, sha256: Sha256): BlockTable {
  const select = sql.prepare('SELECT bytes FROM blocks WHERE digest = ?')
  const exists = sql.prepare('SELECT 1 FROM blocks WHERE digest = ?')
  const insert = sql.prepare(
    'INSERT INTO blocks (digest, bytes) VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes WHERE bytes <> excluded.bytes',
  )
  const pinned = 'EXISTS (SELECT 1 FROM pins WHERE pin BETWEEN blocks.id * 4 AND blocks.id * 4 + 3)'
  const remove = sql.prepare(`DELETE FROM blocks WHERE digest = ? AND NOT ${pinned}`)
  const isPinned = sql.prepare(`SELECT 1 FROM blocks WHERE digest = ? AND ${pinned}`)
  const loose = sql.prepare(
    `SELECT id, digest, length(bytes) AS size FROM blocks WHERE id > ? AND NOT ${pinned} ORDER BY id LIMIT ?`,
  )
  const total = sql.prepare('SELECT count(*) AS blocks, coalesce(sum(length(bytes)), 0) AS bytes FROM blocks')
  const page = sql.prepare('SELECT id, digest FROM blocks WHERE id > ? ORDER BY id LIMIT ?')
  return {
    has: digest => guard(() => exists.get(digest) !== undefined),
    get: digest => {
      const row = guard(() => select.get(digest)) as Row | undefined
      if (row === undefined) return undefined
      const bytes = row.bytes as Uint8Array
      if (!hashesTo(digest, bytes, sha256)) throw damaged(cidOf(RAW, digest))
      return bytes
    },
    put: blocks => {
      for (const { digest, bytes } of blocks)
        if (!hashesTo(digest, bytes, sha256)) throw mismatch(cidOf(RAW, digest))
      return write(false, () => {
        let fresh = 0
        for (const { digest, bytes } of blocks) fresh += Number(insert.run(digest, bytes).changes)
        return fresh
      })
    },
    delete: digests =>
      write(false, () => {
        let gone = 0
        for (const digest of digests) gone += Number(remove.run(digest).changes)
        return gone
      }),
    unpinned: (after, limit) => {
      const rows = guard(() => loose.all(after, limit)) as Row[]
      return {
        last: (rows.at(-1)?.id as number | undefined) ?? after,
        blocks: rows.map(row => ({ digest: row.digest as Uint8Array, size: row.size as number })),
      }
    },
    total: () => guard(() => total.get()) as unknown as { blocks: number; bytes: number },
    isPinned: digest => guard(() => isPinned.get(digest) !== undefined),
    page: (after, limit) => {
      const rows = guard(() => page.all(after, limit)) as Row[]
      return {
        last: (rows.at(-1)?.id as number | undefined) ?? after,
        digests: rows.map(row => row.digest as Uint8Array),
      }
    },
  }
}

export function createRecordTable({ sql, guard, write }: Database): Records {
  const select = sql.prepare('SELECT value FROM records WHERE key = ?')
  const put = sql.prepare('INSERT OR REPLACE INTO records VALUES (?, ?)')
  const remove = sql.prepare('DELETE FROM records WHERE key = ?')
  const page = sql.prepare(
    'SELECT key, value FROM records WHERE key > ?1 AND substr(key, 1, length(?2)) = ?2 ORDER BY key LIMIT ?3',
  )
  return {
    get: key => (guard(() => select.get(key)) as Row | undefined)?.value as Uint8Array | undefined,
    write: changes =>
      write(false, () => {
        for (const [key, value] of changes) {
          if (value === undefined) remove.run(key)
          else put.run(key, value)
        }
      }),
    page: (prefix, after, limit) =>
      (guard(() => page.all(after, prefix, limit)) as Row[]).map(row => ({
        key: row.key as string,
        value: row.value as Uint8Array,
      })),
  }
}

/** The error of bytes on the disk that are not the block they stand for. */
export const damaged = (cid: string): SxError =>
  new SxError('store-corrupt', `The stored bytes of ${cid} are not what its CID says`, {
    hint: 'Build again: a full build writes every block anew.',
    cid,
  })
