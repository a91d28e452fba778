// A page by packs and patches in Chromium: what each visit asks of the server, and what happens to every lie.
import type { Browser, BrowserContext, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cidOf, RAW } from '../../src/ipld/cid.ts'
import { gzip } from '../../src/ipld/gzip.ts'
import type { Manifest } from '../../src/ipld/manifest.ts'
import { nodesOfPage } from '../../src/ipld/page-nodes.ts'
import type { Skeleton } from '../../src/ipld/skeleton.ts'
import { writePack } from '../../src/ipld/write-pack.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { sha256 } from '../support/memory-store.ts'
import { type IslandSite, serveIslands } from './island-site.ts'

const source = (word: string, other = ''): string => `
${Array.from({ length: 20 }, (_, i) => `(defcomp ~part-${i} () (p "part ${i}" ${i ? `(~part-${i - 1})` : `"${word}"`}))`).join('\n')}
(defpage home :path "/" :title "Home" :content (main (h1 "Home") (~part-19)))
(defpage other :path "/other" :title "Other" :content (main (p "other ${other}") (~part-18)))`

interface Seen {
  readonly state: string
  readonly text: string
  readonly from: Readonly<Record<string, number>>
  readonly skipped: readonly { readonly source: string; readonly reason: string }[]
  /** what the server was asked, without HTML */
  readonly asked: readonly string[]
  readonly manifest: Manifest
}

describe.skipIf(!hasChromium())('packs in Chromium', () => {
  let browser: Browser
  let context: BrowserContext
  let site: IslandSite
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    site = await serveIslands(source('one'))
    context = await browser.newContext()
  })
  afterEach(async () => {
    await context.close()
    await site.stop()
  })

  const visit = async (path = '/'): Promise<Seen> => {
    const page = await context.newPage()
    await page.addInitScript(() => {
      const watched = Object.assign(globalThis, { skipped: [] as unknown[], ready: {} as unknown })
      document.addEventListener('sx:source-error', e => watched.skipped.push((e as CustomEvent).detail))
      document.addEventListener('sx:ready', e => {
        watched.ready = (e as CustomEvent).detail
      })
    })
    const before = site.log.length
    await page.goto(`${site.url}${path.slice(1)}`)
    const state = await page.waitForFunction(() => document.documentElement.dataset.sx)
    const manifest: Manifest = await page.evaluate(() =>
      JSON.parse(document.querySelector('script[data-sx-manifest]')!.textContent!),
    )
    // What it proved is kept a moment later.
    await page
      .waitForFunction(
        ([key, cid]) => localStorage[`sx ${key}`]?.startsWith(cid),
        [path, manifest.page] as const,
        { timeout: 1500 },
      )
      .catch(() => undefined)
    const { skipped, ready } = await page.evaluate(() => {
      const { skipped, ready } = globalThis as unknown as {
        skipped: { source: string; reason: string }[]
        ready: { from: Record<string, number> }
      }
      return { skipped, ready }
    })
    const asked = site.log
      .slice(before)
      .map(line => (JSON.parse(line) as { url?: string }).url ?? '')
      .filter(url => /\/sx\/|_sx/.test(url))
    const seen = {
      state: await state.jsonValue(),
      text: (await page.textContent('body'))!,
      from: ready.from,
      skipped: skipped.map(({ source, reason }) => ({ source, reason })),
      asked,
      manifest,
    }
    await page.close()
    return seen as Seen
  }
  const contentOf = ({ asked }: Seen): string[] => asked.filter(url => /bafyrei|_sx\/patches/.test(url))

  it('loads a page by its packs, then by nothing, then by one patch, then by nothing', async () => {
    const cold = await visit()
    expect([cold.state, cold.skipped]).toEqual(['ready', []])
    expect(cold.text).toContain('one')
    const { packs } = cold.manifest
    for (const cid of packs) expect(cold.asked).toContain(`/_sx/b/${cid}`)
    expect(contentOf(cold)).toEqual([])

    const warm = await visit()
    expect([warm.state, warm.asked, warm.from.network]).toEqual(['ready', [], 0])

    await site.build({ 'src/site.sx': source('two') })
    const changed = await visit()
    expect(changed.manifest.page).not.toBe(cold.manifest.page)
    expect([changed.state, changed.skipped]).toEqual(['ready', []])
    expect(changed.text).toContain('two')
    expect(changed.asked).toEqual([`/_sx/patches/${cold.manifest.page}?to=${changed.manifest.page}`])

    const again = await visit()
    expect([again.state, again.asked, again.text]).toEqual(['ready', [], changed.text])
    await site.build({ 'src/site.sx': source('three') })
    const third = await visit()
    expect(third.text).toContain('three')
    expect(third.asked).toEqual([`/_sx/patches/${changed.manifest.page}?to=${third.manifest.page}`])
  })

  /** Flips a bit in all that the database holds, and in localStorage where that is wanted too. */
  const corrupt = async (both: boolean): Promise<void> => {
    const page = await context.newPage()
    await page.goto(`${site.url}sx/h/nothing`)
    await page.evaluate(both => {
      const packs = Object.keys(localStorage).filter(name => name.startsWith('sx b'))
      if (both)
        for (const name of packs) {
          const text: string = localStorage[name]
          const middle = text.length >> 1
          localStorage[name] =
            text.slice(0, middle) + String.fromCharCode(text.charCodeAt(middle) ^ 1) + text.slice(middle + 1)
        }
      else for (const name of packs) localStorage.removeItem(name)
      return new Promise<void>(done => {
        const request = indexedDB.open('sx', 1)
        request.onsuccess = () => {
          const store = request.result.transaction('blocks', 'readwrite').objectStore('blocks')
          store.openCursor().onsuccess = event => {
            const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result
            if (!cursor) return done()
            const bytes = cursor.value as Uint8Array
            bytes[bytes.length >> 1]! ^= 1
            cursor.update(bytes)
            cursor.continue()
          }
        }
      })
    }, both)
    await page.close()
  }

  it.each([
    [true, ['localstorage', 'indexeddb']],
    [false, ['indexeddb']],
  ])(
    'believes no storage: what was changed there is passed over, told, and replaced (both: %s)',
    async (both, told) => {
      await visit()
      await corrupt(both)
      const seen = await visit()
      expect(seen.state).toBe('ready')
      expect(seen.text).toContain('one')
      expect([...new Set(seen.skipped.map(({ source }) => source))]).toEqual(told)
      const next = await visit()
      expect([next.state, next.skipped, next.asked]).toEqual(['ready', [], []])
    },
  )

  it('has small packs at hand in localStorage, of a few pages, and the others in the database', async () => {
    await visit()
    const warm = await visit()
    expect([warm.from.network, warm.from.indexeddb]).toEqual([0, 0])
    expect(warm.from.localstorage).toBeGreaterThan(0)
    // As if many pages had been visited since.
    const page = await context.newPage()
    await page.goto(`${site.url}sx/h/nothing`)
    await page.evaluate(() => {
      for (let i = 0; i < 11; i++) localStorage.setItem(`sx bafkrei${i}`, 'a pack')
    })
    await visit('/other/')
    const names = await page.evaluate(() => Object.keys(localStorage).filter(name => name.startsWith('sx b')))
    expect(names.length).toBeLessThan(4)
    const evicted = await visit()
    expect([evicted.state, evicted.skipped, evicted.asked, evicted.from.localstorage]).toEqual([
      'ready',
      [],
      [],
      0,
    ])
    expect(evicted.from.indexeddb).toBeGreaterThan(0)
    const recalled = await visit()
    expect([recalled.from.indexeddb, recalled.from.network]).toEqual([0, 0])
  })

  const answers: Readonly<Record<string, (route: Route, body: Buffer, other: Buffer) => Promise<void>>> = {
    lying: (route, body) =>
      route.fulfill({ body: Buffer.from(body.map((byte, i) => (i === body.length >> 1 ? byte ^ 1 : byte))) }),
    truncating: (route, body) => route.fulfill({ body: body.subarray(0, body.length - 9) }),
    'over-long': (route, body) => route.fulfill({ body: Buffer.concat([body, Buffer.alloc(2 << 20)]) }),
    'of something else': route =>
      route.fulfill({ body: '<!doctype html><p>Welcome', contentType: 'text/html' }),
    'a gzip bomb': route => route.fulfill({ body: Buffer.from(gzip(new Uint8Array(9 << 20))) }),
    'for another page': (route, _, other) => route.fulfill({ body: other }),
    redirecting: (route, body) =>
      route.request().url().includes('elsewhere')
        ? route.fulfill({ body })
        : route.fulfill({ status: 302, headers: { location: '/sx/h/elsewhere' } }),
    failing: route => route.fulfill({ status: 500, body: 'no' }),
    silent: async () => undefined,
  }

  it.each(Object.keys(answers))('passes over a patch that is %s, and takes the packs', async how => {
    const old = (await visit()).manifest.page
    const otherBefore = (await visit('/other/')).manifest.page
    await site.build({ 'src/site.sx': source('two', 'too') })
    const other = (await site.gateway.inject({ method: 'GET', url: '/other/' })).payload
    const { page } = JSON.parse(/data-sx-manifest>(.*?)<\/script>/.exec(other)![1]!) as Manifest
    const wrong = Buffer.from(
      (await site.gateway.inject({ method: 'GET', url: `/_sx/patches/${otherBefore}?to=${page}` }))
        .rawPayload,
    )
    expect(wrong.length).toBeGreaterThan(50)
    await context.route('**/_sx/patches/**', async route => {
      const { pathname, search } = new URL(route.request().url())
      await answers[how]!(
        route,
        Buffer.from((await site.gateway.inject({ method: 'GET', url: pathname + search })).rawPayload),
        wrong,
      )
    })
    const seen = await visit()
    expect([seen.state, seen.manifest.page === old]).toEqual(['ready', false])
    expect(seen.text).toContain('two')
    expect(seen.skipped.map(({ source }) => source)).toContainEqual(expect.stringContaining('/_sx/patches/'))
    // and from now on it has the new page
    await context.unroute('**/_sx/patches/**')
    expect((await visit()).asked).toEqual([])
  })

  /** What a publisher could get wrong, or do on purpose: the pack's bytes are what its CID says, and no pack of the page. */
  const packs: Readonly<Record<string, (nodes: readonly Skeleton[]) => Uint8Array>> = {
    'with an extra node': nodes =>
      writePack([
        { parts: [Uint8Array.of(1)], refs: [] },
        ...nodes.map(({ parts, refs }) => ({ parts, refs: refs.map(ref => ref + 1) })),
      ]),
    'of another page': nodes => writePack(nodes.slice(0, -1)),
    'of noise': () => Uint8Array.from({ length: 1000 }, (_, i) => (i * 7919) & 255),
    'that is a bomb': () => new Uint8Array(9 << 20),
  }
  it.each(Object.keys(packs))('passes over a pack %s, and loads block by block', async how => {
    const get = (cid: string): Uint8Array => site.store.get(cid)!
    let bad = ''
    await context.route(/\/$/, async route => {
      const html = (await site.gateway.inject({ method: 'GET', url: '/' })).payload
      const text = /data-sx-manifest>(.*?)<\/script>/.exec(html)![1]!
      const manifest = JSON.parse(text) as Manifest
      const bytes = gzip(packs[how]!(nodesOfPage(manifest.page, get).nodes))
      bad = site.store.put(bytes, RAW)
      expect(bad).toBe(cidOf(RAW, sha256(bytes)))
      await route.fulfill({
        body: html.replace(text, JSON.stringify({ ...manifest, packs: [bad] }).replaceAll('<', '\\u003c')),
        contentType: 'text/html',
      })
    })
    const seen = await visit()
    expect(seen.state).toBe('ready')
    expect(seen.text).toContain('one')
    expect(seen.skipped.map(({ source }) => source)).toEqual(['packs'])
    expect(contentOf(seen).length).toBeGreaterThan(20)
  })
})
