// A build's result, in one transaction: blocks, pins, root, and the end of the roots that grew old.
import { hashesTo, mismatch } from '../ipld/block.ts'
import { parseCid } from '../ipld/cid.ts'
import type { Block, Commit, CommitResult, Sha256 } from '../ports.ts'
import type { Database } from './database.ts'
import { codecs, createLedger, type Ledger, type LedgerRows, run } from './ledger.ts'
import { type DigestKey, digestKey, digestOf } from './links.ts'
import { pinKey, pinValue } from './pin-record.ts'

interface Given {
  readonly bytes: Uint8Array
  /** its row, once it is known to be new in this transaction */
  id: number | undefined
}

interface RootRow {
  readonly root: string
  readonly sequence: number
  readonly own: number
}

export interface Committer {
  commit(commit: Commit): CommitResult
  /** Unpins `root` for every site that has it and forgets it there. False when no site has it. */
  release(root: string): boolean
}

export function createCommitter({ sql, write }: Database, sha256: Sha256): Committer {
  const insert = sql.prepare('INSERT OR IGNORE INTO blocks (digest, bytes) VALUES (?, ?)')
  const bytesOf = sql.prepare('SELECT bytes FROM blocks WHERE digest = ?')
  const repair = sql.prepare('UPDATE blocks SET bytes = ? WHERE digest = ?')
  const counted = codecs.map((_, index) =>
    sql.prepare(`SELECT id, count FROM blocks LEFT JOIN pins ON pin = id * 4 + ${index} WHERE digest = ?`),
  )
  const setCount = sql.prepare(
    'INSERT INTO pins VALUES (?, ?) ON CONFLICT DO UPDATE SET count = excluded.count',
  )
  const dropCount = sql.prepare('DELETE FROM pins WHERE pin = ?')
  const rootsOf = sql.prepare('SELECT root, sequence, own FROM roots WHERE site = ? ORDER BY sequence DESC')
  const sitesOf = sql.prepare('SELECT site, own FROM roots WHERE root = ?')
  const addRoot = sql.prepare('INSERT INTO roots (site, sequence, root, version, own) VALUES (?, ?, ?, ?, ?)')
  const moveRoot = sql.prepare('UPDATE roots SET sequence = ?, version = ? WHERE site = ? AND root = ?')
  const dropRoot = sql.prepare('DELETE FROM roots WHERE site = ? AND root = ?')
  const passRecord = sql.prepare('UPDATE roots SET own = 1 WHERE root = ?')
  const addRecord = sql.prepare('INSERT OR IGNORE INTO records VALUES (?, ?)')
  const dropRecord = sql.prepare('DELETE FROM records WHERE key = ?')

  /** Checked before the file is locked, so that other writers wait for the writing only. */
  const verified = (blocks: Iterable<Block>): Map<DigestKey, Given> => {
    const given = new Map<DigestKey, Given>()
    for (const { cid, bytes } of blocks) {
      const { digest } = parseCid(cid)
      if (!hashesTo(digest, bytes, sha256)) throw mismatch(cid)
      given.set(digestKey(digest), { bytes, id: undefined })
    }
    return given
  }

  const writeBlocks = (given: Map<DigestKey, Given>): { written: number; bytes: number } => {
    let written = 0
    let size = 0
    for (const [key, block] of given) {
      const digest = digestOf(key)
      const result = insert.run(digest, block.bytes)
      if (result.changes === 0) {
        // Here already; what the disk damaged is made good.
        if (Buffer.compare(bytesOf.get(digest)?.bytes as Uint8Array, block.bytes) === 0) continue
        repair.run(block.bytes, digest)
      } else block.id = Number(result.lastInsertRowid)
      written++
      size += block.bytes.length
    }
    return { written, bytes: size }
  }

  const rowsWith = (given: ReadonlyMap<DigestKey, Given>): LedgerRows<number> => ({
    count: (key, codecIndex) => {
      const id = given.get(key)?.id
      if (id !== undefined) return { row: id, count: 0 }
      const found = counted[codecIndex]!.get(digestOf(key))
      return found === undefined
        ? undefined
        : { row: found.id as number, count: (found.count as number | null) ?? 0 }
    },
    bytes: key => {
      const own = given.get(key)?.bytes
      if (own !== undefined) return own
      const digest = digestOf(key)
      const bytes = bytesOf.get(digest)?.bytes as Uint8Array | undefined
      return bytes !== undefined && hashesTo(digest, bytes, sha256) ? bytes : undefined
    },
  })

  const save = (ledger: Ledger<number>): { pinned: number; unpinned: number } => {
    const { pinned, unpinned, changed } = ledger.changes()
    for (const { row, codecIndex, count } of changed) {
      if (count === 0) dropCount.run(row * 4 + codecIndex)
      else setCount.run(row * 4 + codecIndex, count)
    }
    return { pinned, unpinned }
  }

  /** Takes the root from the site; its pin record goes with the last site that has it. */
  const forget = (ledger: Ledger<number>, rows: LedgerRows<number>, site: string, root: string): void => {
    const { codec, digest } = parseCid(root)
    run(ledger.release(codec, digestKey(digest)), rows)
    const own = sitesOf.all(root).some(row => row.own === 1)
    dropRoot.run(site, root)
    if (!own) return
    if (sitesOf.get(root) === undefined) dropRecord.run(pinKey(root))
    else passRecord.run(root)
  }

  return {
    commit: ({ site, root, blocks, keep, version }) => {
      const { codec, digest } = parseCid(root)
      const given = verified(blocks)
      return write(true, () => {
        const written = writeBlocks(given)
        const ledger = createLedger<number>()
        const rows = rowsWith(given)
        const known = rootsOf.all(site) as unknown as RootRow[]
        const newest = known[0]
        const sequence = (newest?.sequence ?? 0) + 1
        if (known.some(row => row.root === root)) {
          if (newest!.root !== root) moveRoot.run(sequence, version, site, root)
        } else {
          run(ledger.retain(codec, digestKey(digest)), rows)
          // A pin that someone made through Helia is theirs: it outlives our root.
          const own =
            addRecord.run(pinKey(root), pinValue(site)).changes === 1 ||
            sitesOf.all(root).some(row => row.own === 1)
          addRoot.run(site, sequence, root, version, own ? 1 : 0)
        }
        const older = known.filter(row => row.root !== root).slice(Math.max(1, keep) - 1)
        for (const row of older) forget(ledger, rows, site, row.root)
        return { ...written, ...save(ledger) }
      })
    },
    release: root =>
      write(true, () => {
        const sites = sitesOf.all(root)
        const ledger = createLedger<number>()
        const rows = rowsWith(new Map())
        for (const row of sites) forget(ledger, rows, row.site as string, root)
        save(ledger)
        return sites.length > 0
      }),
  }
}
