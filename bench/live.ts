// How soon the islands of a page live that was visited before: from the last byte of its HTML, on a server without delay;
// against the same runtime as one cached script that nobody verifies and that does nothing (a floor). `node bench/live.ts [path]`:
// a page of the example (default /events/). Medians of 21 visits each, in turns, in tabs that have been there before.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import type { Manifest } from '../src/ipld/manifest.ts'
import { launchChromium } from '../test/support/chromium.ts'
import { serveExample } from './example-site.ts'

const RUNS = 21
const path = process.argv[2] ?? '/events/'
const { site, origin } = await serveExample()

const html = await (await fetch(new URL(path, origin))).text()
const manifest: Manifest = JSON.parse(/data-sx-manifest>(.*?)<\/script>/.exec(html)![1]!)
const files = await Promise.all(
  [manifest.boot.kernel, ...(manifest.parts ?? [])].map(async cid =>
    (await fetch(new URL(`sx/h/${cid}`, origin))).text(),
  ),
)
const floor = createServer((request, response) => {
  if (request.url === '/runtime.js')
    response
      .writeHead(200, {
        'content-type': 'text/javascript',
        'cache-control': 'public, max-age=31536000, immutable',
      })
      .end(`globalThis.all=[${files}];document.dispatchEvent(new Event('sx:ready'))`)
  else if (request.url === path)
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(
        html
          .replace(/<meta http-equiv[^>]*>/, '')
          .replace(
            /<script type="module" async>.*?<\/script>/s,
            '<script type="module" async src="/runtime.js"></script>',
          ),
      )
  else
    void fetch(new URL(request.url!, origin)).then(async answer =>
      response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
        .end(new Uint8Array(await answer.arrayBuffer())),
    )
})
await new Promise<void>(done => floor.listen(0, '127.0.0.1', done))

const opened = async (browser: Browser): Promise<Page> => {
  const context = await browser.newContext()
  await context.addInitScript(() => {
    for (const type of ['sx:live', 'sx:ready']) document.addEventListener(type, () => performance.mark(type))
  })
  return context.newPage()
}
/** Milliseconds from the HTML's last byte to what happens, by its name in the page's timeline. */
const visit = async (page: Page, url: string): Promise<Readonly<Record<string, number>>> => {
  await page.goto(url)
  await page.waitForFunction(() => performance.getEntriesByName('sx:ready').length)
  // The first paint, and what is kept for the next visit.
  await page.waitForTimeout(250)
  return page.evaluate(() => {
    const [{ responseEnd }] = performance.getEntriesByType('navigation') as [PerformanceNavigationTiming]
    const timed = [...performance.getEntriesByType('mark'), ...performance.getEntriesByType('paint')]
    return Object.fromEntries(timed.map(({ name, startTime }) => [name, startTime - responseEnd]))
  })
}
const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1]!
const browser = await launchChromium()
const [floorPage, ours] = [await opened(browser), await opened(browser)]
const floorUrl = `http://127.0.0.1:${(floor.address() as AddressInfo).port}${path}`
const seen = new Map<string, number[]>()
for (let run = -1; run < RUNS; run++) {
  const [least, own] = [await visit(floorPage, floorUrl), await visit(ours, String(new URL(path, origin)))]
  const all = {
    'first paint': own['first-contentful-paint']!,
    'first paint of the floor': least['first-contentful-paint']!,
    'islands live': own['sx:live']!,
    'whole page verified': own['sx:ready']!,
    'the script of the floor': least['sx:ready']!,
  }
  if (run >= 0) for (const [name, ms] of Object.entries(all)) seen.set(name, [...(seen.get(name) ?? []), ms])
}
for (const [name, all] of seen) console.log(`${name.padEnd(24)} ${median(all).toFixed(0).padStart(4)} ms`)
await browser.close()
floor.close()
await site.stop()
