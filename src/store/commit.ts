// A build's result, in one transaction: blocks, pins, root, and the end of the roots that grew old.
import { SxError } from '../errors.ts'
import { hashesTo, mismatch } from '../ipld/block.ts'
import { parseCid } from '../ipld/cid.ts'
import type { Block, Commit, CommitResult, Sha256 } from '../ports.ts'
import type { Database } from './database.ts'
import { codecs, type LedgerRows, type Root, run, step } from './ledger.ts'
import { type DigestKey, digestKey, digestOf, eachLink } from './links.ts'
import { pinKey, pinValue } from './pin-record.ts'

interface Given {
  readonly bytes: Uint8Array
  /** its row, once it is known to be new in this transaction */
  id: number | undefined
}
type GivenBlocks = ReadonlyMap<DigestKey, Given>
const nothingGiven: GivenBlocks = new Map()

interface RootRow {
  readonly id: number
  readonly root: string
  readonly sequence: number
}

interface Tally {
  pinned: number
  unpinned: number
}

/** Somebody else was first. */
export const conflict = (site: string): SxError =>
  new SxError('store-conflict', `Another process has changed ${site} meanwhile`, {
    hint: 'Run the command again.',
  })

export interface Committer {
  commit(commit: Commit): CommitResult
  /** Unpins `root` for every site that has it (or for `site` alone) and forgets it there. False when none has it. */
  release(root: string, site?: string): boolean
}

const rootOf = (cid: string): Root => {
  const { codec, digest } = parseCid(cid)
  return { codec, digest: digestKey(digest) }
}

export function createCommitter({ sql, write }: Database, sha256: Sha256): Committer {
  const insert = sql.prepare('INSERT OR IGNORE INTO blocks (digest, bytes) VALUES (?, ?)')
  const bytesOf = sql.prepare('SELECT bytes FROM blocks WHERE digest = ?')
  const repair = sql.prepare('UPDATE blocks SET bytes = ? WHERE digest = ?')
  const counted = codecs.map((_, index) =>
    sql.prepare(
      `SELECT id, count FROM blocks LEFT JOIN pins ON pin = id * 4 + ${index} AND site = ? WHERE digest = ?`,
    ),
  )
  const pin = sql.prepare('INSERT OR IGNORE INTO pins (pin, site, count, held) VALUES (?, ?, ?, 0)')
  const recount = sql.prepare('UPDATE pins SET count = ? WHERE pin = ? AND site = ?')
  const retire = sql.prepare('UPDATE pins SET count = 0, held = held + 1 WHERE pin = ? AND site = ?')
  const noteRetired = sql.prepare('INSERT INTO retired (root, pin) VALUES (?, ?)')
  const retiredOf = sql.prepare(
    'SELECT retired.pin, digest FROM retired JOIN blocks ON blocks.id = retired.pin / 4 WHERE root = ?',
  )
  const dropRetired = sql.prepare('DELETE FROM retired WHERE root = ?')
  const letGo = sql.prepare(
    'UPDATE pins SET held = held - 1 WHERE site = ? AND pin IN (SELECT pin FROM retired WHERE root = ?)',
  )
  const unpinHeld = sql.prepare(
    'DELETE FROM pins WHERE site = ? AND count = 0 AND held = 0 AND pin IN (SELECT pin FROM retired WHERE root = ?)',
  )
  const unpin = sql.prepare('DELETE FROM pins WHERE pin = ? AND site = ? AND held = 0')
  const addSite = sql.prepare('INSERT OR IGNORE INTO sites (name) VALUES (?)')
  const siteId = sql.prepare('SELECT id FROM sites WHERE name = ?')
  const rootsOf = sql.prepare('SELECT id, root, sequence FROM roots WHERE site = ? ORDER BY sequence DESC')
  const sitesOf = sql.prepare('SELECT site, own FROM roots WHERE root = ?')
  const addRoot = sql.prepare('INSERT INTO roots (site, sequence, root, version, own) VALUES (?, ?, ?, ?, ?)')
  const moveRoot = sql.prepare('UPDATE roots SET sequence = ?, version = ? WHERE id = ?')
  const dropRoot = sql.prepare('DELETE FROM roots WHERE id = ?')
  const passRecord = sql.prepare('UPDATE roots SET own = 1 WHERE root = ?')
  const addRecord = sql.prepare('INSERT OR IGNORE INTO records VALUES (?, ?)')
  const setRecord = sql.prepare('INSERT OR REPLACE INTO records VALUES (?, ?)')
  const dropRecord = sql.prepare('DELETE FROM records WHERE key = ?')

  /** Checked before the file is locked, so that other writers wait for the writing only. */
  const verified = (blocks: Iterable<Block>): GivenBlocks => {
    const given = new Map<DigestKey, Given>()
    for (const { cid, bytes } of blocks) {
      const { digest } = parseCid(cid)
      if (!hashesTo(digest, bytes, sha256)) throw mismatch(cid)
      given.set(digestKey(digest), { bytes, id: undefined })
    }
    return given
  }

  const writeBlocks = (given: GivenBlocks): { written: number; bytes: number } => {
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

  const rowsWith = (given: GivenBlocks, site: number): LedgerRows<number> => ({
    count: (key, codecIndex) => {
      const found = counted[codecIndex]!.get(site, digestOf(key))
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

  /** Makes `to` what the site's counts are of, instead of `from`; `keeper` is the root row that holds what goes. */
  const advance = (
    site: number,
    from: string | undefined,
    to: string | undefined,
    keeper: number | undefined,
    given: GivenBlocks,
    tally: Tally,
  ): void => {
    const changes = run(
      step(
        from === undefined ? undefined : rootOf(from),
        to === undefined ? undefined : rootOf(to),
        key => given.get(key)?.id,
      ),
      rowsWith(given, site),
    )
    for (const { row, codecIndex, before, count } of changes) {
      const key = row * 4 + codecIndex
      if (before === 0 && pin.run(key, site, count).changes === 1) tally.pinned++
      else if (count > 0) recount.run(count, key, site)
      else if (keeper !== undefined) {
        retire.run(key, site)
        noteRetired.run(keeper, key)
      } else if (unpin.run(key, site).changes === 1) tally.unpinned++
      else recount.run(0, key, site)
    }
  }

  /** Lets go of what an older root held. */
  const dropHeld = (site: number, id: number, tally: Tally): void => {
    letGo.run(site, id)
    tally.unpinned += Number(unpinHeld.run(site, id).changes)
    dropRetired.run(id)
  }

  /** Takes the root's row from the site; its pin record goes with the last site that has it. */
  const forget = (row: RootRow): void => {
    const own = sitesOf.all(row.root).some(found => found.own === 1)
    dropRoot.run(row.id)
    if (!own) return
    if (sitesOf.get(row.root) === undefined) dropRecord.run(pinKey(row.root))
    else passRecord.run(row.root)
  }

  const reach = (root: Root): Set<DigestKey> => {
    const reached = new Set<DigestKey>()
    const stack = [root]
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (reached.has(at.digest)) continue
      reached.add(at.digest)
      const bytes = bytesOf.get(digestOf(at.digest))?.bytes as Uint8Array | undefined
      if (bytes !== undefined) eachLink(at.codec, bytes, (digest, codec) => stack.push({ digest, codec }))
    }
    return reached
  }

  /** Takes one root out of a site's row of roots (`known`, newest first). */
  const takeOut = (site: number, known: readonly RootRow[], at: number, tally: Tally): void => {
    const row = known[at]!
    const older = known[at + 1]
    if (at === 0) {
      // Its older neighbour is the newest now: what that held is counted again.
      advance(site, row.root, older?.root, undefined, nothingGiven, tally)
      if (older !== undefined) dropHeld(site, older.id, tally)
    } else {
      // What the older neighbour shares with it was held by it alone: that costs one walk of the neighbour.
      if (older !== undefined) {
        const needed = reach(rootOf(older.root))
        for (const held of retiredOf.all(row.id)) {
          if (!needed.has(digestKey(held.digest as Uint8Array))) continue
          if (noteIfNew.run(older.id, held.pin as number).changes === 1)
            holdAgain.run(held.pin as number, site)
        }
      }
      dropHeld(site, row.id, tally)
    }
    forget(row)
  }
  const noteIfNew = sql.prepare('INSERT OR IGNORE INTO retired (root, pin) VALUES (?, ?)')
  const holdAgain = sql.prepare('UPDATE pins SET held = held + 1 WHERE pin = ? AND site = ?')

  return {
    commit: ({ site: name, root, blocks, keep, version, onto, records = [] }) => {
      parseCid(root)
      const given = verified(blocks)
      return write(true, () => {
        const written = writeBlocks(given)
        const tally = { pinned: 0, unpinned: 0 }
        addSite.run(name)
        const site = siteId.get(name)!.id as number
        const known = rootsOf.all(site) as unknown as RootRow[]
        const newest = known[0]
        if (onto !== undefined && newest?.root !== onto.root) throw conflict(name)
        if (newest?.root !== root) {
          advance(site, newest?.root, root, newest?.id, given, tally)
          const sequence = (newest?.sequence ?? 0) + 1
          const before = known.find(row => row.root === root)
          if (before !== undefined) {
            // All that it held is reached from it, and so counted again.
            dropHeld(site, before.id, tally)
            moveRoot.run(sequence, version, before.id)
          } else {
            // A pin that someone made through Helia is theirs: it outlives our root.
            const own =
              addRecord.run(pinKey(root), pinValue(name)).changes === 1 ||
              sitesOf.all(root).some(row => row.own === 1)
            addRoot.run(site, sequence, root, version, own ? 1 : 0)
          }
        }
        const older = known.filter(row => row.root !== root).slice(Math.max(1, keep) - 1)
        for (const row of older) {
          dropHeld(site, row.id, tally)
          forget(row)
        }
        for (const [key, value] of records) {
          if (value === undefined) dropRecord.run(key)
          else setRecord.run(key, value)
        }
        return { ...written, ...tally }
      })
    },
    release: (root, name) =>
      write(true, () => {
        const only = name === undefined ? undefined : siteId.get(name)?.id
        const sites = sitesOf.all(root).filter(({ site }) => name === undefined || site === only)
        for (const { site } of sites) {
          const known = rootsOf.all(site as number) as unknown as RootRow[]
          takeOut(
            site as number,
            known,
            known.findIndex(row => row.root === root),
            { pinned: 0, unpinned: 0 },
          )
        }
        return sites.length > 0
      }),
  }
}
