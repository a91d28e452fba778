// The differential fuzzer: programs of numbered seeds, run in every way that the product runs programs.
// node bench/fuzz.ts --seeds 0..16000 [--browser] [--ways machine,late,…] [--record] [--keep] [--json]
//
// --record adds a row to bench/fuzz.md, --keep adds what was found, made small, to test/vectors/fuzz.
// Exit status 1 when something was found.
import { execFileSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type FuzzBrowser, openFuzzBrowser } from '../test/fuzz/browser.ts'
import { type ConfigurationName, configurations } from '../test/fuzz/configurations.ts'
import { type Disagreement, type Report, runInBrowser, runSite } from '../test/fuzz/run.ts'
import { type Program, shrink } from '../test/fuzz/shrink.ts'
import { pagesOfSite, type Site, siteOf } from '../test/fuzz/site.ts'
import { addVector, siteOfVector } from '../test/fuzz/vectors.ts'

const { values: given } = parseArgs({
  options: {
    seeds: { type: 'string', default: '0..1600' },
    browser: { type: 'boolean', default: false },
    ways: { type: 'string' },
    record: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

const range = /^(\d+)\.\.(\d+)$/.exec(given.seeds)
const [from, to] = [Number(range?.[1]), Number(range?.[2])]
if (!range || from % pagesOfSite !== 0 || to % pagesOfSite !== 0 || from >= to) {
  console.error(`--seeds takes from..to, both multiples of ${pagesOfSite}`)
  process.exit(2)
}
const all = Object.keys(configurations).filter(name => name !== 'server') as ConfigurationName[]
const ways = given.ways === undefined ? all : all.filter(name => given.ways!.split(',').includes(name))

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const changed = execFileSync('git', ['status', '--porcelain', '--', 'src'], { encoding: 'utf8' }) !== ''

/** Sites that go to Chromium in one call. */
const batch = 64
/** Of one kind, so many are made small. */
const most = 3

const browser: FuzzBrowser | undefined = given.browser ? await openFuzzBrowser() : undefined
const count = { programs: 0, refused: 0, values: 0, errors: 0, limits: 0, near: 0, inBrowser: 0, found: 0 }
const kindsFound = new Map<string, number>()
const vectors: string[] = []

const run = async (site: Site): Promise<Report | undefined> => {
  const report = await runSite(site, ways)
  if (report !== undefined && browser !== undefined) await runInBrowser(browser, [report])
  return report
}

const isLike = (a: Disagreement) => (b: Disagreement) =>
  a.configuration === b.configuration &&
  a.what === b.what &&
  a.seen.startsWith('crash') === b.seen.startsWith('crash')

const tell = async (site: Site, wrong: Disagreement): Promise<void> => {
  count.found++
  const kind = `${wrong.configuration} ${wrong.what}`
  const times = (kindsFound.get(kind) ?? 0) + 1
  kindsFound.set(kind, times)
  const number = site.seed * pagesOfSite + Math.max(0, wrong.page)
  console.error(
    `${number}: ${kind}\n  expected ${wrong.expected.slice(0, 400)}\n  seen     ${wrong.seen.slice(0, 400)}`,
  )
  if (times > most || wrong.page < 0) return
  const program: Program = { definitions: site.definitions, page: site.pages[wrong.page]! }
  const shows = async ({ definitions, page }: Program): Promise<boolean> =>
    (await run(siteOfVector({ definitions, source: page })))?.disagreements.some(isLike(wrong)) ?? false
  const { definitions, page: source } = await shrink(program, shows)
  const expected = (await run(siteOfVector({ definitions, source })))!
  const found = `${wrong.configuration}, program ${number}`
  const vector = { name: `${kind} of ${number}`, found, definitions, source, ...expected.outcomes[0]! }
  vectors.push(vector.name)
  console.error(JSON.stringify(vector, undefined, 2))
  if (given.keep) addVector(vector)
}

const started = performance.now()
const progress = (): void => {
  if (!process.stderr.isTTY) return
  const { programs, found } = count
  const rate = programs / ((performance.now() - started) / 1000)
  process.stderr.write(
    `\r${programs} of ${to - from} programs, ${rate.toFixed(0)}/s, ${found} disagreements `,
  )
}

let waiting: [Site, Report][] = []
const flush = async (): Promise<void> => {
  const now = waiting
  waiting = []
  if (browser !== undefined)
    count.inBrowser += await runInBrowser(
      browser,
      now.map(([, report]) => report),
    )
  for (const [site, report] of now) for (const wrong of report.disagreements) await tell(site, wrong)
}

for (let seed = from / pagesOfSite; seed < to / pagesOfSite; seed++) {
  const site = siteOf(seed)
  const report = await runSite(site, ways)
  for (const outcome of report?.outcomes ?? site.pages.map(() => undefined)) {
    if (outcome === undefined) {
      count.refused++
      continue
    }
    count.programs++
    const { value } = outcome
    if (value === 'error eval-limit') count.limits++
    else if (/^(?:error|crash)/.test(value)) count.errors++
    else count.values++
  }
  if (report === undefined) continue
  count.near += report.near
  waiting.push([site, report])
  if (waiting.length >= batch) {
    await flush()
    progress()
  }
}
await flush()
await browser?.close()

const { user, system } = process.cpuUsage()
const summary = {
  date: new Date().toISOString().slice(0, 10),
  commit: changed ? `${commit} and changes` : commit,
  seeds: `${from}..${to}`,
  ways: ['server', ...ways, ...(browser ? ['browser', 'dom'] : [])],
  ...count,
  vectors,
  seconds: Math.round((performance.now() - started) / 1000),
  cpuSeconds: Math.round((user + system) / 1e6),
}
if (given.json) console.log(JSON.stringify(summary))
else
  console.log(
    Object.entries(summary)
      .map(([key, value]) => `${key.padEnd(11)} ${value}`)
      .join('\n'),
  )
if (given.record) {
  const { date, seeds, programs, values, errors, limits, inBrowser, found } = summary
  const share = `${Math.round((100 * values) / programs)} / ${Math.round((100 * errors) / programs)} / ${Math.round((100 * limits) / programs)}`
  const row = [
    date,
    summary.commit,
    seeds,
    summary.ways.join(' '),
    programs,
    inBrowser || '–',
    share,
    found === 0 ? '0' : `${found}: ${vectors.join(', ')}`,
  ]
  appendFileSync(new URL('fuzz.md', import.meta.url), `| ${row.join(' | ')} |\n`)
}
process.exitCode = count.found > 0 ? 1 : 0
