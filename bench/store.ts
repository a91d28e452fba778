// The store against bare SQLite in one run: batch write, read, and pinning the next release of a large site.
// Run: node bench/store.ts [definitions…]   (default 10000 100000)
import { hash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { blockOf } from '../src/ipld/block.ts'
import { cidBytes, DAG_CBOR, parseCid, RAW } from '../src/ipld/cid.ts'
import type { Block } from '../src/ports.ts'
import { openStore } from '../src/store/sqlite.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')
const folder = mkdtempSync(join(tmpdir(), 'sx-bench-store-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
let files = 0
const newFile = (): string => join(folder, `${files++}.sqlite`)
const time = (work: () => void): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}
const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1]!
const show = (what: string, ours: readonly number[], bare: readonly number[], count: number): void => {
  const [a, b] = [median(ours), median(bare)]
  console.log(
    `${what.padEnd(52)} ${a.toFixed(1).padStart(7)} ms  bare ${b.toFixed(1).padStart(7)} ms  ${(b / a).toFixed(2)}× the speed  ${((a * 1000) / count).toFixed(1)} µs each`,
  )
}

/** The floor: what 15 lines over node:sqlite do, with nothing checked and nothing pinned. */
function bare(path: string) {
  const sql = new DatabaseSync(path)
  sql.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE blocks (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL)',
  )
  const put = sql.prepare('INSERT OR IGNORE INTO blocks VALUES (?, ?)')
  const get = sql.prepare('SELECT bytes FROM blocks WHERE digest = ?')
  return {
    putAll: (all: readonly { digest: Uint8Array; bytes: Uint8Array }[]) => {
      sql.exec('BEGIN')
      for (const { digest, bytes } of all) put.run(digest, bytes)
      sql.exec('COMMIT')
    },
    get: (digest: Uint8Array) => get.get(digest),
    close: () => sql.close(),
  }
}

const rounds = 9
{
  const count = 10_000
  const write: number[][] = [[], [], []]
  const read: number[][] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const blocks = Array.from({ length: count }, () => blockOf(randomBytes(280), RAW, sha256))
    const rows = blocks.map(({ cid, bytes }) => ({ digest: parseCid(cid).digest, bytes }))
    const leaves: Block[] = []
    // Blocks under a root, as a build hands them over: every block linked, checked, written and pinned.
    for (let at = 0; at < count; at += 100) leaves.push(indexNode(blocks.slice(at, at + 100)))
    const root = indexNode(leaves)
    const floor = bare(newFile())
    const store = openStore({ path: newFile(), sha256, version: 'bench' })
    const pinning = openStore({ path: newFile(), sha256, version: 'bench' })
    write[0]!.push(time(() => store.blocks.put(rows)))
    write[1]!.push(time(() => floor.putAll(rows)))
    write[2]!.push(
      time(() =>
        pinning.commit({
          site: 's',
          root: root.cid,
          blocks: [...blocks, ...leaves, root],
          keep: 3,
          version: 'b',
        }),
      ),
    )
    read[0]!.push(time(() => blocks.forEach(block => void store.get(block.cid))))
    read[1]!.push(time(() => rows.forEach(row => void floor.get(row.digest))))
    for (const each of [floor, store, pinning]) each.close()
  }
  show(`write ${count} blocks of 280 bytes, verified`, write[0]!, write[1]!, count)
  show(`the same as a commit: verified, pinned, acknowledged`, write[2]!, write[1]!, count)
  show(`get ${count} blocks, verified`, read[0]!, read[1]!, count)
}

for (const count of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000])
  nextRelease(count)

function cborNode(payload: Uint8Array, links: readonly Block[]): Block {
  const parts: Uint8Array[] = [
    Uint8Array.from([0x82, 0x59, payload.length >> 8, payload.length & 255]),
    payload,
    Uint8Array.from([0x99, links.length >> 8, links.length & 255]),
  ]
  for (const { cid } of links) parts.push(Uint8Array.from([0xd8, 0x2a, 0x58, 37, 0]), cidBytes(cid))
  return blockOf(Buffer.concat(parts), DAG_CBOR, sha256)
}
function indexNode(links: readonly Block[]): Block {
  return cborNode(new Uint8Array(0), links)
}

/**
 * A site of `count` definitions of about 190 bytes, each linked to two others below it, in two indexes of 32 links a
 * node (names, annotations). Each release edits one leaf: all that leads to it changes (146 definitions on average in
 * the workload that this imitates), and with them the index nodes on their paths.
 */
function nextRelease(count: number): void {
  const links = Array.from({ length: count }, (_, i) => {
    if (i < 8) return []
    const near = Math.max(0, i - 1 - Math.floor(Math.random() * Math.min(i, 2000)))
    return i % 40 === 0 ? [near] : [near, Math.floor(Math.random() * Math.min(i, 1 + (i >> 1)))]
  })
  const above: number[][] = Array.from({ length: count }, () => [])
  for (const [i, below] of links.entries()) for (const at of below) above[at]!.push(i)
  const ancestors = (from: number): number[] => {
    const seen = new Set([from])
    for (const at of seen) for (const up of above[at]!) seen.add(up)
    return [...seen].sort((a, b) => a - b)
  }
  const payloads = Array.from({ length: count }, () => randomBytes(110))
  const definitions: Block[] = []
  const define = (i: number): Block =>
    cborNode(
      payloads[i]!,
      links[i]!.map(at => definitions[at]!),
    )
  for (let i = 0; i < count; i++) definitions.push(define(i))

  /** Levels of an index from the leaves up; `order` scatters definitions over it as a hash would. */
  const indexes = [7919, 104_729].map(step => ({
    place: (i: number): number => (i * step) % count,
    at: Array.from({ length: count }, (_, place) => place),
    levels: [] as Block[][],
  }))
  for (const index of indexes) for (let i = 0; i < count; i++) index.at[index.place(i)] = i
  const below = (index: (typeof indexes)[number], level: number, node: number): Block[] =>
    level === 0
      ? index.at.slice(node * 32, node * 32 + 32).map(i => definitions[i]!)
      : index.levels[level - 1]!.slice(node * 32, node * 32 + 32)
  for (const index of indexes)
    for (let level = 0, size = Math.ceil(count / 32); ; level++, size = Math.ceil(size / 32)) {
      index.levels[level] = Array.from({ length: size }, (_, node) => indexNode(below(index, level, node)))
      if (size === 1) break
    }
  const rootOf = (): Block => indexNode(indexes.map(index => index.levels.at(-1)![0]!))

  const path = newFile()
  let store = openStore({ path, sha256, version: 'bench' })
  const first = [...definitions, ...indexes.flatMap(index => index.levels.flat()), rootOf()]
  const cold = time(() =>
    store.commit({ site: 's', root: first.at(-1)!.cid, blocks: first, keep: 3, version: 'b' }),
  )
  console.log(`${count} definitions: first commit ${cold.toFixed(0)} ms (${first.length} blocks)`)

  const release = (): { ms: number; cpu: number; blocks: number; pinned: number; unpinned: number } => {
    // An edit of about the usual reach.
    let changed: number[] = []
    for (let i = 0; i < 300 && (changed.length < 120 || changed.length > 180); i++)
      changed = ancestors(Math.floor(Math.random() * count))
    payloads[changed[0]!] = randomBytes(110)
    const blocks: Block[] = []
    for (const i of changed) blocks.push((definitions[i] = define(i)))
    for (const index of indexes) {
      let dirty = new Set(changed.map(i => index.place(i) >> 5))
      index.levels.forEach((nodes, level) => {
        for (const node of dirty) blocks.push((nodes[node] = indexNode(below(index, level, node))))
        dirty = new Set([...dirty].map(node => node >> 5))
      })
    }
    blocks.push(rootOf())
    let result = { pinned: 0, unpinned: 0 }
    const before = process.cpuUsage()
    const ms = time(() => {
      result = store.commit({ site: 's', root: blocks.at(-1)!.cid, blocks, keep: 3, version: 'b' })
    })
    const { user, system } = process.cpuUsage(before)
    return { ms, cpu: (user + system) / 1000, blocks: blocks.length, ...result }
  }
  const report = (what: string, all: readonly ReturnType<typeof release>[]): void =>
    console.log(
      `  ${what}: median ${median(all.map(r => r.ms)).toFixed(1)} ms, longest ${Math.max(...all.map(r => r.ms)).toFixed(1)} ms, processor ${median(all.map(r => r.cpu)).toFixed(1)} ms (about ${median(all.map(r => r.blocks))} new blocks, ${median(all.map(r => r.pinned))} pinned, ${median(all.map(r => r.unpinned))} unpinned)`,
    )
  report('next release, same process', Array.from({ length: 15 }, release))
  const reopened = Array.from({ length: 7 }, () => {
    store.close()
    store = openStore({ path, sha256, version: 'bench' })
    return release()
  })
  report('next release, store just opened', reopened)
  store.close()
}
