// The store: blocks, pins, roots and Helia's records in one SQLite file.
import { hashesTo } from '../ipld/block.ts'
import { parseCid } from '../ipld/cid.ts'
import type { Records, RootRecord, Sha256, Store } from '../ports.ts'
import { type Committer, createCommitter } from './commit.ts'
import { openDatabase } from './database.ts'
import { type BlockTable, createBlockTable, createRecordTable, damaged } from './tables.ts'

export interface StoreOptions {
  /** the file; it and its folder are created */
  readonly path: string
  readonly sha256: Sha256
  /** the product's version, noted in a new file */
  readonly version: string
  /** milliseconds that a write waits for another process's; default 10,000 */
  readonly wait?: number
}

/** `Store` on this machine's disk, with what Helia's adapters need. */
export interface LocalStore extends Store {
  readonly path: string
  /** True when another process has written since the last call (or since the store was opened). A few µs. */
  changed(): boolean
  /** Unpins `root` in every site (or in one) and forgets it; its blocks stay until they are collected. False: none has it. */
  release(root: string, site?: string): boolean
  /** What is wrong with the file itself, as SQLite finds it; nothing: it is sound. */
  integrity(): readonly string[]
  readonly blocks: BlockTable
  readonly records: Records
}

/**
 * Opens the store at `path`. Many processes may read one store while one writes; a second writer waits.
 * `get` throws 'store-corrupt' when the disk's bytes do not hash to the CID: damage is an error, never an answer and
 * never silently "not here". Throws 'store-corrupt', 'store-version', 'store-busy', 'store-failed'.
 */
export function openStore({ path, sha256, version, wait = 10_000 }: StoreOptions): LocalStore {
  const database = openDatabase({ path, version, wait })
  const { sql, guard } = database
  const bytesOf = sql.prepare('SELECT bytes FROM blocks WHERE digest = ?')
  // a row is its only column: no object is made for it
  bytesOf.setReturnArrays(true)
  const allRoots = sql.prepare(
    'SELECT name AS site, root, sequence FROM roots JOIN sites ON sites.id = roots.site ORDER BY sequence DESC, name',
  )
  const dataVersion = sql.prepare('PRAGMA data_version')
  const blocks = createBlockTable(database, sha256)
  // some thirty statements, which whoever only reads need not prepare
  let made: Committer | undefined
  const committer = (): Committer => (made ??= createCommitter(database, sha256))

  // data_version moves when another connection commits, and only then (https://sqlite.org/pragma.html).
  const dataVersionNow = (): number => guard(() => dataVersion.get()?.data_version as number)
  let told = dataVersionNow()
  let cached:
    | { readonly at: number; readonly all: RootRecord[]; readonly bySite: Map<string, RootRecord[]> }
    | undefined
  const readRoots = (): NonNullable<typeof cached> => {
    const at = dataVersionNow()
    if (cached?.at !== at) {
      const all = guard(() => allRoots.all()).map(row => ({ ...row }) as unknown as RootRecord)
      cached = { at, all, bySite: Map.groupBy(all, record => record.site) }
    }
    return cached
  }

  return {
    path,
    blocks,
    records: createRecordTable(database),
    get: cid => {
      const { digest } = parseCid(cid)
      const row = guard(() => bytesOf.get(digest)) as unknown as readonly [Uint8Array] | undefined
      const bytes = row?.[0]
      if (bytes !== undefined && !hashesTo(digest, bytes, sha256)) throw damaged(cid)
      return bytes
    },
    has: cid => blocks.has(parseCid(cid).digest),
    commit: commit => {
      cached = undefined
      return committer().commit(commit)
    },
    release: (root, site) => {
      cached = undefined
      return committer().release(root, site)
    },
    roots: site => [...(site === undefined ? readRoots().all : (readRoots().bySite.get(site) ?? []))],
    changed: () => {
      const now = dataVersionNow()
      const moved = now !== told
      told = now
      return moved
    },
    integrity: () =>
      guard(() => sql.prepare('PRAGMA integrity_check').all())
        .map(row => String(row.integrity_check))
        .filter(text => text !== 'ok'),
    close: () => database.close(),
  }
}
