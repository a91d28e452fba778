// WebAssembly in Chromium: compiled of verified bytes only, under a policy that allows it on these pages alone, and there
// again without the network.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { bundleClient } from '../../scripts/build-client.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { linksIn } from '../../src/ipld/links.ts'
import { decodeUnixFs } from '../../src/store/unixfs.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { compileWasm, everything } from '../support/wasm-module.ts'

/** The module with a section that nobody reads, so that it is a file of leaves. */
const padded = (module: Uint8Array, size: number): Uint8Array => {
  const body = new Uint8Array(size)
  for (let i = 2; i < size; i++) body[i] = (i * 2654435761) >>> 24
  body.set([1, 0x78])
  const length = [0, 1, 2, 3].map(i => ((size >> (7 * i)) & 127) | (i < 3 ? 128 : 0))
  return Uint8Array.from([...module, 0, ...length, ...body])
}

let browser: Browser
let context: BrowserContext
let site: BuiltSite
let url: string
beforeAll(async () => {
  if (!hasChromium()) return
  const { loader, kernel, platform, modules, words } = await bundleClient()
  const module = await compileWasm(everything)
  site = await serveSite(
    {
      'src/lib/small.wasm': module,
      'src/lib/large.wasm': padded(module, 1_500_000),
      'src/lib/text.sx': `(define-library (rose text) (export glue sum)
        (import (only (lib small.wasm) join add))
        (begin (define glue (foreign join [:string :string] :string)) (define sum (fn (a b) (add a b)))))`,
      'src/lib/big.sx': `(define-library (rose big) (export big) (import (only (lib large.wasm) twice))
        (begin (define (big n) (twice n))))`,
      'src/a.sx': `
(defpage plain :path "/" :title "Plain" :content (main "no module"))
(defpage small :path "/small" :title "Small" :content (main (glue "ü€" "b") " " (sum 40 2)))
(defpage large :path "/large/<n>" :title n :content (main (big (parse-int n))))`,
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
let said: string[]
let asked: string[]
beforeEach(async () => {
  if (!hasChromium()) return
  context = await browser.newContext()
  said = []
  asked = []
})
afterEach(() => context?.close())

const bytesOf = (name: string): string => {
  const node = decodeNode(site.store.get(site.names()[name]!)!)
  if (node.kind !== 'wasm') throw new Error('no module')
  return node.bytes.cid
}
const leaves = (cid: string): readonly string[] =>
  decodeUnixFs(cid, site.store.get(cid)!).links.map(link => link.cid)

const open = async (path: string, prepare?: (page: Page) => Promise<unknown>): Promise<Page> => {
  const page = await context.newPage()
  page.on('console', message => said.push(message.text()))
  page.on('request', request => asked.push(request.url().split('/').at(-1)!))
  await prepare?.(page)
  await page.goto(`${url}${path}`)
  await page.waitForFunction(() => document.documentElement.dataset.sx)
  return page
}
const state = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.documentElement.dataset.sx)

it.skipIf(!hasChromium())('a page that was rendered with a module is adopted as it is', async () => {
  const html = await (await fetch(`${url}small`)).text()
  expect(html).toContain('<main>ü€b 42</main>')
  expect(html).toContain("'wasm-unsafe-eval'")
  expect(await (await fetch(url)).text()).not.toContain('wasm-unsafe-eval')
  const page = await open('small')
  expect([await state(page), said]).toEqual(['ready', []])
  expect(await page.innerHTML('main')).toBe('ü€b 42')
  expect(asked).toContain(bytesOf('lib/small.wasm'))
})

it.skipIf(!hasChromium())('a page without a module asks for none, and may run none', async () => {
  const page = await open('')
  expect(asked).not.toContain(bytesOf('lib/small.wasm'))
  const refused = await page.evaluate(() =>
    WebAssembly.compile(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])).then(
      () => 'compiled',
      error => (error as Error).name,
    ),
  )
  expect(refused).toBe('CompileError')
})

it.skipIf(!hasChromium())('a module over 1 MiB comes in leaves', async () => {
  const page = await open('large/21')
  expect([await state(page), await page.innerHTML('main')]).toEqual(['ready', '42'])
  const cid = bytesOf('lib/large.wasm')
  expect(leaves(cid).length).toBe(2)
  for (const block of [cid, ...leaves(cid)]) expect(asked).toContain(block)
})

it.skipIf(!hasChromium())('blocks of modules are kept by CID, and asked for no more', async () => {
  for (const [path, cids] of [
    ['small', [bytesOf('lib/small.wasm')]],
    ['large/4', [bytesOf('lib/large.wasm'), ...leaves(bytesOf('lib/large.wasm'))]],
  ] as const) {
    await (await open(path)).waitForTimeout(200)
    asked.length = 0
    const page = await open(path)
    expect(await state(page)).toBe('ready')
    expect(asked.filter(one => cids.includes(one))).toEqual([])
    const kept = await page.evaluate(async () =>
      (await (await caches.open('sx-wasm')).keys()).map(one => one.url.split('/').at(-1)!),
    )
    expect(kept).toEqual(expect.arrayContaining([...cids]))
  }
})

it.skipIf(!hasChromium())(
  'what somebody wrote into the cache is not compiled: it is fetched again, and healed',
  async () => {
    const cid = bytesOf('lib/small.wasm')
    const first = await open('small')
    await first.waitForTimeout(200)
    await first.evaluate(async cid => {
      const cache = await caches.open('sx-wasm')
      await cache.put(
        `https://sx.invalid/${cid}`,
        new Response(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])),
      )
    }, cid)
    const second = await open('small')
    expect([await state(second), await second.innerHTML('main')]).toEqual(['ready', 'ü€b 42'])
    expect(said.filter(line => line.includes(`skipped cache for ${cid}: mismatch`))).toHaveLength(1)
    await second.waitForTimeout(200)
    asked.length = 0
    expect(await state(await open('small'))).toBe('ready')
    expect(asked).not.toContain(cid)
  },
)

it.skipIf(!hasChromium())('nothing is compiled when one leaf has a byte that differs', async () => {
  const [, leaf] = leaves(bytesOf('lib/large.wasm'))
  const lie = Buffer.from(site.store.get(leaf!)!)
  lie[lie.length - 1]! ^= 1
  const page = await open('large/4', async page => {
    await page.route(`**/${leaf}*`, route =>
      route.fulfill({ body: lie, contentType: 'application/octet-stream' }),
    )
  })
  expect(await state(page)).toBe('failed')
  expect(said.some(line => line.includes(`for ${leaf}: mismatch`))).toBe(true)
  expect(await page.locator('main').innerHTML()).not.toBe('8')
})

it.skipIf(!hasChromium())(
  'where caches are denied a module is fetched each time, and nothing is said',
  async () => {
    await context.addInitScript(() => {
      Object.defineProperty(globalThis, 'caches', {
        get() {
          throw new DOMException('denied', 'SecurityError')
        },
      })
    })
    expect(await state(await open('small'))).toBe('ready')
    expect(said).toEqual([])
  },
)

it('the closure of a page holds the module and its bytes, so that pinning the root pins them', () => {
  if (!hasChromium()) return
  const library = site.names()['rose/text']!
  expect(linksIn(site.store.get(library)!)).toContain(site.names()['lib/small.wasm'])
  expect(linksIn(site.store.get(site.names()['lib/small.wasm']!)!)).toContain(bytesOf('lib/small.wasm'))
})
