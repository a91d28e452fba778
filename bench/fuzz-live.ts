// The fuzzer of what lives: islands of numbered seeds in Chromium, hydrated, changed step by step, and compared with what a
// server renders of the same values.
// node bench/fuzz-live.ts --seeds 0..1600 [--record] [--keep] [--json]
//
// --record adds a row to bench/fuzz.md, --keep adds what was found, made small, to test/vectors/fuzz/live.json.
// Exit status 1 when something was found.
import { execFileSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { liveProgram } from '../test/fuzz/live.ts'
import { type LiveDisagreement, runLive } from '../test/fuzz/live-run.ts'
import { addLiveVector } from '../test/fuzz/live-vectors.ts'
import { type Program, shrink } from '../test/fuzz/shrink.ts'
import { launchChromium } from '../test/support/chromium.ts'

const { values: given } = parseArgs({
  options: {
    seeds: { type: 'string', default: '0..1600' },
    record: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const range = /^(\d+)\.\.(\d+)$/.exec(given.seeds)
const [from, to] = [Number(range?.[1]), Number(range?.[2])]
/** Islands on a page. */
const together = 32
if (!range || from % together !== 0 || to % together !== 0 || from >= to) {
  console.error(`--seeds takes from..to, both multiples of ${together}`)
  process.exit(2)
}

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const changed = execFileSync('git', ['status', '--porcelain', '--', 'src'], { encoding: 'utf8' }) !== ''
const started = performance.now()
const browser = await launchChromium()

const run = async (programs: readonly Program[]): Promise<LiveDisagreement[]> => {
  const context = await browser.newContext()
  try {
    return await runLive(context, programs)
  } finally {
    await context.close()
  }
}

/** Pages that are made small. */
const most = 5
const names: string[] = []
let found = 0

const tell = async (seed: number, { step, expected, seen }: LiveDisagreement): Promise<void> => {
  found++
  console.error(
    `${seed}, step ${step}\n  expected ${expected.slice(0, 400)}\n  seen     ${seen.slice(0, 400)}`,
  )
  if (found > most) return
  const alike = (one: LiveDisagreement): boolean => one.step < 0 === step < 0
  const small = await shrink(liveProgram(seed), async smaller => (await run([smaller])).some(alike), 400)
  const vector = { name: `${step < 0 ? 'hydration' : 'live'} of ${seed}`, ...small }
  names.push(vector.name)
  console.error(JSON.stringify(vector, undefined, 2))
  if (given.keep) addLiveVector(vector)
}

for (let seed = from; seed < to; seed += together) {
  const programs = Array.from({ length: together }, (_, i) => liveProgram(seed + i))
  for (const wrong of await run(programs)) {
    if (wrong.step >= 0) await tell(seed + wrong.program, wrong)
    else
      for (const [i, program] of programs.entries())
        for (const one of (await run([program])).filter(({ step }) => step < 0)) await tell(seed + i, one)
  }
  if (process.stderr.isTTY)
    process.stderr.write(`\r${seed + together - from} of ${to - from} islands, ${found} wrong `)
}
await browser.close()

const summary = {
  date: new Date().toISOString().slice(0, 10),
  commit: changed ? `${commit} and changes` : commit,
  seeds: `${from}..${to}`,
  islands: to - from,
  found,
  names,
  seconds: Math.round((performance.now() - started) / 1000),
}
if (given.json) console.log(JSON.stringify(summary))
else for (const [key, value] of Object.entries(summary)) console.log(`${key.padEnd(8)} ${value}`)
if (given.record) {
  const { date, seeds, islands } = summary
  const row = [
    date,
    summary.commit,
    seeds,
    'live',
    '–',
    islands,
    '–',
    found === 0 ? '0' : `${found}: ${names.join(', ')}`,
  ]
  appendFileSync(new URL('fuzz.md', import.meta.url), `| ${row.join(' | ')} |\n`)
}
process.exitCode = found > 0 ? 1 : 0
