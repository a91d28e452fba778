// How fast the command line starts: `sx --help` and its kin against an empty Node program, rounds interleaved.
//   node bench/startup.ts      lines for people on standard error, one JSON line on standard output
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { blockOf } from '../src/ipld/block.ts'
import { DAG_CBOR, RAW } from '../src/ipld/cid.ts'
import { encodeNode } from '../src/ipld/encode.ts'
import { hashMapFrom } from '../src/ipld/hashmap.ts'
import { Link } from '../src/lang/values.ts'
import type { Block } from '../src/ports.ts'
import { openStore } from '../src/store/sqlite.ts'

const ROUNDS = 25
const folder = mkdtempSync(join(tmpdir(), 'sx-startup-'))

/** What the package ships is JavaScript: the same modules with their types taken off, wherever the build stands. */
const source = new URL('../src/', import.meta.url).pathname
for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.ts')) continue
  const to = join(folder, 'dist', name.replace(/\.ts$/, '.js'))
  mkdirSync(dirname(to), { recursive: true })
  const text = stripTypeScriptTypes(readFileSync(join(source, name), 'utf8'))
  writeFileSync(to, text.replace(/((?:from|import)\s*\(?\s*'\.[^']*)\.ts'/g, "$1.js'"))
}
cpSync(new URL('../package.json', import.meta.url), join(folder, 'package.json'))
writeFileSync(join(folder, 'empty.js'), '')

/** What a command that reads has to open: a store with the smallest site there is. */
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const blocks: Block[] = []
const put = (bytes: Uint8Array, codec: number): string => {
  const block = blockOf(bytes, codec, sha256)
  blocks.push(block)
  return block.cid
}
const definition = put(encodeNode({ kind: 'value', body: 'read me' }), DAG_CBOR)
const raw = new Link(put(new Uint8Array(1), RAW))
const empty = new Link(hashMapFrom([], { sha256 }).put(bytes => put(bytes, DAG_CBOR)))
const names = new Link(
  hashMapFrom([['it', new Link(definition)]], { sha256 }).put(bytes => put(bytes, DAG_CBOR)),
)
const root = put(
  encodeNode({
    kind: 'site',
    title: 'Bench',
    names,
    exports: empty,
    pages: empty,
    annotations: empty,
    boot: { loader: raw, kernel: raw, platform: raw },
    modules: new Map(),
    files: raw,
  }),
  DAG_CBOR,
)
const file = join(folder, 'store.db')
const store = openStore({ path: file, sha256, version: 'bench' })
store.commit({ site: 'bench', root, blocks, keep: 1, version: 'bench' })
store.close()
symlinkSync(new URL('../node_modules', import.meta.url).pathname, join(folder, 'node_modules'))

const main = join(folder, 'dist/cli/main.js')
const programs: Readonly<Record<string, readonly string[]>> = {
  empty: [join(folder, 'empty.js')],
  '--help': [main, '--help'],
  '--version': [main, '--version'],
  'build --help': [main, 'build', '--help'],
  'a wrong command': [main, 'biuld'],
  'inspect <cid> --as dag-json': [main, 'inspect', definition, '--as', 'dag-json', '--store', file],
  'inspect <cid> --as deps': [main, 'inspect', definition, '--as', 'deps', '--store', file],
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!
const times: Record<string, number[]> = Object.fromEntries(Object.keys(programs).map(name => [name, []]))
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, args] of Object.entries(programs)) {
    const from = performance.now()
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
    if (status !== (name === 'a wrong command' ? 2 : 0)) throw new Error(`${name}: exit status ${status}`)
    if (round > 0) times[name]!.push(performance.now() - from)
  }
}
rmSync(folder, { recursive: true })

const floor = median(times.empty!)
const ratios: Record<string, number> = {}
for (const [name, list] of Object.entries(times)) {
  ratios[name] = median(list) / floor
  console.error(
    `${name.padEnd(28)} ${median(list).toFixed(1).padStart(6)} ms  ${ratios[name].toFixed(2)}× an empty program`,
  )
}
console.log(JSON.stringify({ bench: 'startup', milliseconds: floor, ratios }))
