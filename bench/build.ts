// From sources to stored, pinned blocks: cold against the floor of encoding, hashing and storing the same nodes, and
// one edit in a running builder. Prints one JSON line per size.
import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as dagCbor from '@ipld/dag-cbor'
import { sha256 } from '../src/app/sha256.ts'
import { readBoot } from '../src/publish/boot.ts'
import { createBuilder } from '../src/publish/build.ts'
import type { Builder, Built } from '../src/publish/build-port.ts'
import { createFiles } from '../src/store/files.ts'
import { type LocalStore, openStore } from '../src/store/sqlite.ts'
import { workload } from './workload.ts'

const median = (numbers: number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!
const round = (n: number): number => Math.round(n * 10) / 10

const settings = { title: 'bench', lang: 'en', source: '.', public: 'public', gateways: [] }

const open = (folder: string, store: LocalStore): Builder =>
  createBuilder({
    folder,
    settings,
    boot: readBoot(),
    sha256,
    sha3: text => hash('sha3-256', text, 'hex'),
    files: createFiles(sha256),
    stored: store,
  })

const save = (store: LocalStore, built: Built): void => {
  store.commit({ site: 'bench', root: built.root, blocks: built.blocks, keep: 3, version: '0' })
  built.acknowledge()
}

/** The same dag-cbor nodes: decoded beforehand, then encoded by @ipld/dag-cbor, hashed, and put in one transaction. */
const floor = (values: readonly unknown[], others: readonly Uint8Array[], path: string): number => {
  const started = performance.now()
  const database = new DatabaseSync(path)
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE b (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID',
  )
  const insert = database.prepare('INSERT OR IGNORE INTO b VALUES (?, ?)')
  database.exec('BEGIN')
  for (const value of values) {
    const bytes = dagCbor.encode(value)
    insert.run(sha256(bytes), bytes)
  }
  for (const bytes of others) insert.run(sha256(bytes), bytes)
  database.exec('COMMIT')
  const ms = performance.now() - started
  database.close()
  return ms
}

const run = async (count: number, rounds: number): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'sx-bench-'))
  const site = join(folder, 'site')
  const files = workload(count)
  for (const { path, text } of files) {
    mkdirSync(dirname(join(site, path)), { recursive: true })
    writeFileSync(join(site, path), text)
  }
  const cold: number[] = []
  const floors: number[] = []
  const edits: number[] = []
  let blocks = 0
  let changed = 0
  for (let i = 0; i < rounds; i++) {
    let started = performance.now()
    const store = openStore({ path: join(folder, `store-${i}.sqlite`), sha256, version: '0' })
    const builder = open(site, store)
    const built = await builder.build()
    save(store, built)
    cold.push(performance.now() - started)
    blocks = built.blocks.length
    const cbor = built.blocks.filter(block => block.cid.startsWith('bafyrei'))
    const others = built.blocks.filter(block => !block.cid.startsWith('bafyrei')).map(block => block.bytes)
    floors.push(
      floor(
        cbor.map(block => dagCbor.decode(block.bytes)),
        others,
        join(folder, `floor-${i}.sqlite`),
      ),
    )
    if (i === rounds - 1) {
      // Each edit changes one definition in a file somewhere, as an editor would save it.
      const edited = files.filter(({ text }) => /"[a-z]{3,}[^"\\]*"/.test(text))
      for (let e = 0; e < 40; e++) {
        const { path } = edited[(e * 7919) % edited.length]!
        const text = readFileSync(join(site, path), 'utf8')
        const at = [...text.matchAll(/"([a-z]{3,}[^"\\]*)"/g)]
        const hit = at[(e * 31) % at.length]!
        writeFileSync(
          join(site, path),
          `${text.slice(0, hit.index + 1)}edit ${e} ${text.slice(hit.index + 1)}`,
        )
        started = performance.now()
        const again = await builder.build({ changed: [path] })
        save(store, again)
        edits.push(performance.now() - started)
        changed += again.blocks.length
      }
    }
    store.close()
  }
  rmSync(folder, { recursive: true })
  const result = {
    definitions: count,
    blocks,
    cold: round(median(cold)),
    floor: round(median(floors)),
    ratio: round(median(cold.map((ms, i) => ms / floors[i]!))),
    edit: round(median(edits)),
    editWorst: round(Math.max(...edits)),
    blocksPerEdit: Math.round(changed / edits.length),
  }
  console.log(JSON.stringify(result))
}

const sizes = process.argv.slice(2).map(Number)
for (const size of sizes.length > 0 ? sizes : [1000, 10_000, 100_000]) await run(size, size > 50_000 ? 1 : 3)
