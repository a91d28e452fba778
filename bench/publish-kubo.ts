// A site of many definitions into a store and pinned: `sx import` of its CAR beside `ipfs dag import` of the same one, rounds in
// turns, each into an empty store; and `sx publish` of its sources (compiled, signed, stored, pinned), which Kubo can't do.
//   node bench/publish-kubo.ts [definitions=10000] [path of ipfs]    after `npm run build`
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKubo } from '../test/support/kubo.ts'
import { createSandbox, project } from '../test/support/sandbox.ts'
import { median } from './http-load.ts'
import { workload } from './workload.ts'

const ROUNDS = 5
const count = Number(process.argv[2] ?? 10_000)
if (process.argv[3] !== undefined) process.env.KUBO = process.argv[3]

const folder = mkdtempSync(join(tmpdir(), 'sx-bench-publish-'))
const ours = createSandbox()
const car = join(folder, 'site.car')
const times: Record<'publish' | 'import' | 'kubo', number[]> = { publish: [], import: [], kubo: [] }
const timed = (what: keyof typeof times, run: () => string): string => {
  const from = performance.now()
  const result = run()
  times[what].push(performance.now() - from)
  return result
}
const sx = (...args: string[]): string =>
  execFileSync(process.execPath, [join(project, 'dist/cli/main.js'), ...args], {
    env: { PATH: process.env.PATH, HOME: folder, SX_PASSPHRASE: 'bench' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 28,
  })
try {
  const site = ours.write(
    'site',
    Object.fromEntries(workload(count).map(({ path, text }) => [`src/${path}`, text])),
  )
  let root = ''
  let blocks = 0
  for (let round = 0; round < ROUNDS; round++) {
    const store = join(folder, `publish-${round}.sqlite`)
    const receipt = timed('publish', () => sx('publish', site, '--json', '--store', store))
    if (round === 0) {
      root = JSON.parse(receipt).directory
      sx('export', root, car, '--store', store)
    }
    const imported = timed('import', () =>
      sx('import', car, '--json', '--store', join(folder, `import-${round}.sqlite`)),
    )
    blocks = JSON.parse(imported).blocks
    const kubo = await startKubo()
    try {
      timed('kubo', () => kubo.run('dag', 'import', '--pin-roots=true', car))
      if (!kubo.run('pin', 'ls', '--type=recursive').includes(root)) throw new Error('Kubo did not pin it')
    } finally {
      await kubo.stop()
    }
  }
  const ms = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))
  console.error(
    `${count} definitions, ${blocks} blocks, ${(statSync(car).size / 2 ** 20).toFixed(1)} MiB of CAR, medians of ${ROUNDS} rounds\n` +
      `sx publish (sources to pinned release)  ${(ms.publish! / 1000).toFixed(2)} s\n` +
      `sx import                               ${(ms.import! / 1000).toFixed(2)} s  ${(ms.import! / ms.kubo!).toFixed(2)}× of Kubo\n` +
      `ipfs dag import --pin-roots             ${(ms.kubo! / 1000).toFixed(2)} s`,
  )
  console.log(JSON.stringify({ bench: 'publish-kubo', count, blocks, ms }))
} finally {
  await ours.stop()
  rmSync(folder, { recursive: true, force: true })
}
