// Bytecode in Chromium: a large library comes compiled and its source stays away; what can't be used gives way to the source.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleClient } from '../../scripts/build-client.ts'
import { blockOf } from '../../src/ipld/block.ts'
import { DAG_CBOR } from '../../src/ipld/cid.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import type { BytecodeNode } from '../../src/ipld/kinds.ts'
import type { Manifest } from '../../src/ipld/manifest.ts'
import { browse } from '../support/browse.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { sha256 } from '../support/memory-store.ts'

const defines = Array.from(
  { length: 200 },
  (_, i) => `(define (f${i} x) (if (> x ${i}) (list "n" x) (f${(i + 1) % 200} (+ x 1))))`,
)

let browser: Browser
let site: BuiltSite
let url: string
beforeAll(async () => {
  if (!hasChromium()) return
  const { loader, kernel, platform, modules, words } = await bundleClient()
  site = await serveSite(
    {
      'src/big.sx': `(define-library (big) (export f0) (begin ${defines.join('\n')}))`,
      'src/small.sx': '(define-library (small) (export twice) (begin (define (twice x) (* 2 x))))',
      'src/a.sx': `
(defpage home :path "/" :title "Big" :content (main (str (f0 (twice 3)))))
(defpage other :path "/other" :title "Small" :content (main (twice 3)))`,
      'public/favicon.ico': '',
    },
    {},
    {
      loader: loader.code,
      kernel: kernel.code,
      platform: platform.code,
      modules: new Map(Object.entries(modules).map(([name, { code }]) => [name, code])),
      words,
    },
  )
  url = await site.gateway.listen(0)
  browser = await launchChromium()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const manifestOf = async (path = ''): Promise<Manifest> =>
  JSON.parse(/data-sx-manifest>(\{.*?\})<\/script>/s.exec(await (await fetch(`${url}${path}`)).text())![1]!)

it.skipIf(!hasChromium())('a large library comes as bytecode, a small one as it is', async () => {
  const { bytecode, packs } = await manifestOf()
  expect(packs.length).toBeGreaterThan(0)
  const big = site.names().big!
  expect(Object.keys(bytecode!)).toEqual([big])
  expect((await manifestOf('other')).bytecode).toBeUndefined()
  const visited = await browse(browser, url)
  expect([visited.state, visited.console]).toEqual(['ready', []])
  expect(await visited.page.locator('main').innerHTML()).toBe('("n" 6)')
  const asked = visited.definitions.map(one => one.cid)
  // The rest is in packs.
  expect(asked.filter(cid => cid.startsWith('bafyrei'))).toEqual([bytecode![big]])
  await visited.close()
})

it.skipIf(!hasChromium())(
  'bytecode is under the root, and shown with what its source compiles to',
  async () => {
    const code = (await manifestOf()).bytecode![site.names().big!]!
    const root = decodeNode(site.store.get(site.store.roots()[0]!.root)!)
    expect(root).toMatchObject({ kind: 'site' })
    if (root.kind === 'site') expect(root.modules.get('sx:bytecode/big')?.cid).toBe(code)
    const shown = await (await fetch(`${url}sx/h/${code}`, { headers: { accept: 'text/html' } })).text()
    expect(shown).toContain('what its source compiles to')
  },
)

const broken: readonly [what: string, change: (node: BytecodeNode) => BytecodeNode][] = [
  ['of another compiler', node => ({ ...node, compiler: 99 })],
  ['with code that is cut short', node => ({ ...node, code: node.code.slice(0, 100) })],
]
it.skipIf(!hasChromium()).each(broken)(
  'bytecode %s gives way to the source, and the console says so',
  async (_what, change) => {
    const big = site.names().big!
    const code = (await manifestOf()).bytecode![big]!
    const block = blockOf(
      encodeNode(change(decodeNode(site.store.get(code)!) as BytecodeNode)),
      DAG_CBOR,
      sha256,
    )
    const context = await browser.newContext()
    const page = await context.newPage()
    const said: string[] = []
    page.on('console', message => said.push(message.text()))
    const html = await (await fetch(url)).text()
    await page.route(url, route =>
      route.fulfill({ contentType: 'text/html', body: html.replace(code, block.cid) }),
    )
    await page.route(`**/${block.cid}`, route => route.fulfill({ body: Buffer.from(block.bytes) }))
    await page.goto(url)
    await page.waitForFunction(() => document.documentElement.dataset.sx)
    expect(await page.evaluate(() => document.documentElement.dataset.sx)).toBe('ready')
    expect(await page.locator('main').innerHTML()).toBe('("n" 6)')
    expect(said).toEqual([expect.stringContaining(`passed over bytecode ${block.cid}`)])
    await context.close()
  },
)

it.skipIf(!hasChromium())('bytecode that nobody has gives way to the source', async () => {
  const big = site.names().big!
  const code = (await manifestOf()).bytecode![big]!
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.route(`**/${code}`, route => route.fulfill({ status: 404, body: '' }))
  await page.goto(url)
  await page.waitForFunction(() => document.documentElement.dataset.sx)
  expect(await page.evaluate(() => document.documentElement.dataset.sx)).toBe('ready')
  expect(await page.locator('main').innerHTML()).toBe('("n" 6)')
  await context.close()
})
