import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../scripts/build-client.ts'
import type { createIndexedDbTier } from '../../src/client/tiers/indexeddb.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'

type Global = { createIndexedDbTier: typeof createIndexedDbTier }

describe.skipIf(!hasChromium())('indexeddb tier in Chromium', () => {
  let browser: Browser
  let server: PageServer
  let code: string
  beforeAll(async () => {
    browser = await launchChromium()
    server = await startPageServer()
    server.pages.set('/', '<!doctype html><title>t</title>')
    code = new TextDecoder().decode((await bundle('test/browser/entries/indexeddb.ts')).code)
  })
  afterAll(async () => {
    await browser.close()
    await server.stop()
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
  })
  const open = async (): Promise<Page> => {
    const context = browser.contexts()[0] ?? (await browser.newContext())
    const page = await context.newPage()
    await page.goto(server.url)
    await page.addScriptTag({ content: code, type: 'module' })
    await page.waitForFunction(() => 'createIndexedDbTier' in globalThis)
    return page
  }

  it('keeps blocks from one page to the next', async () => {
    const first = await open()
    await first.evaluate(async () => {
      const tier = (globalThis as unknown as Global).createIndexedDbTier(() => indexedDB)
      for (let i = 0; i < 300; i++) tier.put?.(`c${i}`, new Uint8Array([i & 255, 7]))
      await new Promise(r => setTimeout(r, 300))
    })
    const second = await open()
    const read = await second.evaluate(async () => {
      const tier = (globalThis as unknown as Global).createIndexedDbTier(() => indexedDB)
      const signal = AbortSignal.timeout(5000)
      const all = await Promise.all(Array.from({ length: 301 }, (_, i) => tier.get(`c${i}`, signal)))
      return {
        there: all.filter(b => b instanceof Uint8Array && b[1] === 7).length,
        missing: all[300] === undefined,
      }
    })
    expect(read).toEqual({ there: 300, missing: true })
  })

  const emptyWhen = (title: string, how: string): void =>
    it(`is an empty tier, and no error, when ${title}`, async () => {
      const page = await open()
      const problems: string[] = []
      page.on('pageerror', e => problems.push(e.message))
      page.on('console', m => problems.push(m.text()))
      const got = await page.evaluate(async source => {
        const factories: Record<string, () => IDBFactory | undefined> = {
          absent: () => undefined,
          denied: () => {
            throw new DOMException('no', 'SecurityError')
          },
          'open fails': () => {
            void indexedDB.open('sx', 99)
            return indexedDB
          },
          quota: () => {
            IDBObjectStore.prototype.put = () => {
              throw new DOMException('full', 'QuotaExceededError')
            }
            return indexedDB
          },
          aborts: () => {
            const { put } = IDBObjectStore.prototype
            IDBObjectStore.prototype.put = function (...args) {
              queueMicrotask(() => this.transaction.abort())
              return put.apply(this, args)
            }
            return indexedDB
          },
        }
        const tier = (globalThis as unknown as Global).createIndexedDbTier(factories[source]!)
        const signal = AbortSignal.timeout(5000)
        const before = await tier.get('a', signal)
        tier.put?.('a', new Uint8Array([1]))
        await new Promise(r => setTimeout(r, 250))
        return [before, await tier.get('a', signal)]
      }, how)
      expect(got).toEqual([undefined, undefined])
      expect(problems).toEqual([])
    })
  emptyWhen('there is no IndexedDB', 'absent')
  emptyWhen('storage is denied', 'denied')
  emptyWhen('a newer program has the database', 'open fails')
  emptyWhen('writing throws', 'quota')
  emptyWhen('writing is rolled back', 'aborts')

  it('lets the database go when somebody deletes it, and is empty from then on', async () => {
    const page = await open()
    const got = await page.evaluate(async () => {
      const tier = (globalThis as unknown as Global).createIndexedDbTier(() => indexedDB)
      const signal = AbortSignal.timeout(5000)
      tier.put?.('a', new Uint8Array([1]))
      await new Promise(r => setTimeout(r, 250))
      const before = (await tier.get('a', signal))?.[0]
      await new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('sx')
        request.onsuccess = resolve
        request.onblocked = reject
      })
      tier.put?.('b', new Uint8Array([1]))
      return [before, await tier.get('a', signal)]
    })
    expect(got).toEqual([1, undefined])
  })
})
