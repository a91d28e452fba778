// How fast the command line starts: `sx --help` and its kin against an empty Node program, rounds interleaved.
//   node bench/startup.ts      lines for people on standard error, one JSON line on standard output
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

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

const main = join(folder, 'dist/cli/main.js')
const programs: Readonly<Record<string, readonly string[]>> = {
  empty: [join(folder, 'empty.js')],
  '--help': [main, '--help'],
  '--version': [main, '--version'],
  'build --help': [main, 'build', '--help'],
  'a wrong command': [main, 'biuld'],
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!
const times: Record<string, number[]> = Object.fromEntries(Object.keys(programs).map(name => [name, []]))
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, args] of Object.entries(programs)) {
    const from = performance.now()
    const { error } = spawnSync(process.execPath, args, { stdio: 'ignore' })
    if (error !== undefined) throw error
    if (round > 0) times[name]!.push(performance.now() - from)
  }
}
rmSync(folder, { recursive: true })

const empty = median(times.empty!)
const ratios: Record<string, number> = {}
for (const [name, list] of Object.entries(times)) {
  ratios[name] = median(list) / empty
  console.error(
    `${name.padEnd(16)} ${median(list).toFixed(1).padStart(6)} ms  ${ratios[name].toFixed(2)}× an empty program`,
  )
}
console.log(JSON.stringify({ bench: 'startup', milliseconds: empty, ratios }))
