// The one SQLite file: opened, checked, created; its failures turned into the product's errors.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SxError } from '../errors.ts'

/** 'SXIP': what `file` and PRAGMA application_id show, so that another program's database is never taken for a store. */
const APPLICATION = 0x53584950
export const SCHEMA = 1

/**
 * blocks: every block by sha2-256 digest, whatever the codec of the CIDs that name it.
 * pins: what each site pins (ledger.ts). `pin` is blocks.id * 4 + codec index; `count`, links to it from what the
 *   site's newest root reaches, that root included; `held`, older roots that are kept and reach it when the newest
 *   does not. A block with no row here is not pinned by any root.
 * retired: which blocks an older root holds, to be let go with it.
 * roots: the newest roots of each site; `own` says that the record /pin/… was written by us and falls with the root.
 * records: what Helia keeps in its datastore.
 */
const TABLES = `
CREATE TABLE blocks (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL) STRICT;
CREATE TABLE sites (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE pins (pin INTEGER NOT NULL, site INTEGER NOT NULL, count INTEGER NOT NULL, held INTEGER NOT NULL,
  PRIMARY KEY (pin, site)) STRICT, WITHOUT ROWID;
CREATE TABLE roots (id INTEGER PRIMARY KEY, site INTEGER NOT NULL, sequence INTEGER NOT NULL, root TEXT NOT NULL,
  version TEXT NOT NULL, own INTEGER NOT NULL, UNIQUE (site, sequence), UNIQUE (site, root)) STRICT;
CREATE TABLE retired (root INTEGER NOT NULL, pin INTEGER NOT NULL, PRIMARY KEY (root, pin)) STRICT, WITHOUT ROWID;
CREATE TABLE records (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

export interface Database {
  readonly sql: DatabaseSync
  /** Runs `work` and turns SQLite's failures into SxErrors. */
  guard<T>(work: () => T): T
  /** `work` in one write transaction. `durable` waits until the disk has it. Not to be nested. */
  write<T>(durable: boolean, work: () => T): T
  close(): void
}

interface OpenOptions {
  readonly path: string
  readonly version: string
  /** milliseconds that a writer waits for another one */
  readonly wait: number
}

/** Opens or creates the file. Throws 'store-corrupt', 'store-version', 'store-busy', 'store-failed'. */
export function openDatabase({ path, version, wait }: OpenOptions): Database {
  const guard = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw translate(error, path)
    }
  }
  const sql = guard(() => {
    mkdirSync(dirname(path), { recursive: true })
    return new DatabaseSync(path, { timeout: wait, enableForeignKeyConstraints: false })
  })
  try {
    guard(() => prepareFile(sql, path, version, wait))
  } catch (error) {
    sql.close()
    throw error
  }
  let durableNow = true
  return {
    sql,
    guard,
    write: (durable, work) =>
      guard(() => {
        if (durable !== durableNow) sql.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`)
        durableNow = durable
        sql.exec('BEGIN IMMEDIATE')
        try {
          noteWriter(path)
          const result = work()
          sql.exec('COMMIT')
          return result
        } catch (error) {
          if (sql.isTransaction) sql.exec('ROLLBACK')
          throw error
        }
      }),
    close: () => guard(() => sql.close()),
  }
}

function prepareFile(sql: DatabaseSync, path: string, version: string, wait: number): void {
  const pragma = (name: string): unknown => Object.values(sql.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  check(pragma, path)
  // Switching to WAL takes the file for itself and does not wait on its own: a second process may be doing the same.
  for (let left = wait; ; left -= 10) {
    try {
      if (pragma('journal_mode') !== 'wal') sql.exec('PRAGMA journal_mode = WAL')
      break
    } catch (error) {
      if (!isBusy(error) || left <= 0) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
  sql.exec(
    'PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864',
  )
  if (pragma('user_version') !== 0) return
  sql.exec('BEGIN IMMEDIATE')
  try {
    check(pragma, path)
    if (pragma('user_version') === 0) {
      sql.exec(`${TABLES} PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${SCHEMA}`)
      sql
        .prepare('INSERT INTO meta VALUES (?, ?), (?, ?)')
        .run('schema', String(SCHEMA), 'created-by', version)
    }
    sql.exec('COMMIT')
  } catch (error) {
    if (sql.isTransaction) sql.exec('ROLLBACK')
    throw error
  }
}

/** An empty file becomes a store; ours of this schema is one; all else is refused before anything is written. */
function check(pragma: (name: string) => unknown, path: string): void {
  const application = pragma('application_id')
  const schema = pragma('user_version') as number
  if (application === APPLICATION && schema === SCHEMA) return
  if (application === APPLICATION && schema > SCHEMA)
    throw new SxError('store-version', `The store ${path} was written by a newer sx`, {
      hint: `It has schema ${schema}, this sx knows ${SCHEMA}: update sx, or name another store with --store.`,
      schema,
    })
  if (application !== 0 || schema !== 0 || pragma('schema_version') !== 0)
    throw new SxError('store-corrupt', `${path} is a database, but not a store of sx`, {
      hint: 'Name another file with --store.',
    })
}

// SQLite's primary result codes (https://sqlite.org/rescode.html): the low byte of what node:sqlite reports.
const primary = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 255 : 0
const isBusy = (error: unknown): boolean => primary(error) === 5 || primary(error) === 6

function translate(error: unknown, path: string): unknown {
  const code = primary(error)
  if (isBusy(error)) {
    const pid = otherWriter(path)
    const who = pid === undefined ? 'another process' : `process ${pid}`
    return new SxError(
      'store-busy',
      `The store ${path} is being written by ${who}`,
      {
        hint: 'Wait until it is done, or name another store with --store.',
        ...(pid === undefined ? {} : { pid }),
      },
      error,
    )
  }
  if (code === 11 || code === 26)
    return new SxError(
      'store-corrupt',
      `The store ${path} is damaged or is no store`,
      {
        hint: 'Move the file away and build again, or name another one with --store.',
      },
      error,
    )
  if (code !== 0 || (error instanceof Error && 'syscall' in error))
    return new SxError(
      'store-failed',
      `The store ${path} cannot be used: ${(error as Error).message}`,
      {
        hint: 'Check that the folder exists, may be written and has room.',
      },
      error,
    )
  return error
}

/** A note beside the file of who writes, so that whoever waits in vain can be told. It locks nothing. */
const notePath = (path: string): string => `${path}-writer`

function noteWriter(path: string): void {
  if (path === ':memory:') return
  try {
    writeFileSync(notePath(path), `${process.pid}\n`)
  } catch {
    // The note is a courtesy: a commit does not fail for it.
  }
}

function otherWriter(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(notePath(path), 'utf8'))
    if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return undefined
    process.kill(pid, 0)
    return pid
  } catch {
    return undefined
  }
}
