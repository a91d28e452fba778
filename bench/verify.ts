// A page's definitions verified and ready, in Chromium: its packs inflated, spliced, hashed, compared with the page's CID, and
// every node decoded; against hashing the same blocks alone. `node bench/verify.ts [definitions]`: the page of the workload
// whose closure is nearest to so many (1,000). Medians of 15 pages, each new, so that code is cold; time of the main thread.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sha256 } from '../src/app/sha256.ts'
import { nodesOfPage } from '../src/ipld/page-nodes.ts'
import { openSite } from '../src/ipld/site.ts'
import { launchChromium } from '../test/support/chromium.ts'
import { workload } from './workload.ts'
import { builderOf } from './workload-site.ts'

const RUNS = 15
const wanted = Number(process.argv[2] ?? 1000)

const folder = mkdtempSync(join(tmpdir(), 'sx-bench-verify-'))
const blocks = new Map<string, Uint8Array>()
const get = (cid: string): Uint8Array => blocks.get(cid)!
mkdirSync(join(folder, 'public'))
for (const { path, text } of workload(30_000)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const built = await builderOf(folder, blocks).build()
for (const { cid, bytes } of built.blocks) blocks.set(cid, bytes)
rmSync(folder, { recursive: true })

const [chosen] = [...openSite(built.root, { sha256, load: get }).pages()]
  .map(({ page, packs }) => ({ page, packs, order: nodesOfPage(page, get).order }))
  .sort((a, b) => Math.abs(a.order.length - wanted) - Math.abs(b.order.length - wanted))
const { page, packs, order } = chosen!

const { outputFiles } = await build({
  stdin: {
    contents: `export { openPacks } from './src/ipld/pack.ts'; export { inflate } from './src/ipld/inflate.ts'
      export { readNode } from './src/ipld/read-node.ts'; export { createDigest } from './src/client/sha256.ts'`,
    resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    loader: 'ts',
  },
  bundle: true,
  write: false,
  format: 'iife',
  globalName: 'sx',
  minify: true,
})
const server = createServer((request, response) => {
  const [, cid = ''] = request.url!.split('/')
  if (cid === 'sx.js') response.setHeader('content-type', 'text/javascript')
  response.end(
    cid === 'sx.js'
      ? outputFiles[0]!.contents
      : (blocks.get(cid) ?? '<!doctype html><script src="/sx.js"></script>'),
  )
})
await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
const browser = await launchChromium()

/** Milliseconds of the main thread, and by the clock, that `program` takes once its blocks are in the page. */
const measure = async (
  program: string,
  cids: readonly string[],
): Promise<readonly [cpu: number, clock: number]> => {
  const context = await browser.newContext()
  const tab = await context.newPage()
  const devtools = await context.newCDPSession(tab)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await tab.goto(url)
  await tab.evaluate(
    `(async () => { blocks = await Promise.all(${JSON.stringify(cids)}.map(async cid =>
      ({ cid, bytes: new Uint8Array(await (await fetch('/' + cid)).arrayBuffer()) }))); digest = sx.createDigest(crypto.subtle) })()`,
  )
  const busy = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000
  }
  const before = await busy()
  const clock = (await tab.evaluate(
    `(async () => { const began = performance.now(); ${program}; return performance.now() - began })()`,
  )) as number
  const cpu = (await busy()) - before
  await context.close()
  return [cpu, clock]
}

const programs = {
  'packs opened, proven, every node decoded': [
    `const { blocks: proven } = await sx.openPacks(blocks, ${JSON.stringify(page)}, digest, sx.inflate)
     if (proven.size < ${order.length}) throw Error('too few'); for (const bytes of proven.values()) sx.readNode(bytes)`,
    packs,
  ],
  'the same blocks hashed alone': ['for (const { bytes } of blocks) await digest(bytes)', order],
} as const
const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1]!
const bytes = order.reduce((sum, cid) => sum + get(cid).length, 0)
console.log(`${order.length} definitions, ${bytes} bytes of blocks, ${packs.length} packs`)
const seen = new Map<string, (readonly [number, number])[]>()
for (let run = 0; run < RUNS; run++)
  for (const [name, [program, cids]] of Object.entries(programs))
    seen.set(name, [...(seen.get(name) ?? []), await measure(program, cids)])
for (const [name, all] of seen)
  console.log(
    `${name.padEnd(42)} ${median(all.map(([cpu]) => cpu)).toFixed(1)} ms of the main thread, ${median(all.map(([, clock]) => clock)).toFixed(1)} ms by the clock`,
  )
await browser.close()
server.close()
