// The service worker in Chromium, of one release (worker-releases.test.ts has more than one): what was visited is there
// without a network, and it goes when it should.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SiteSettings } from '../../src/publish/build-port.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type IslandSite, serveIslands } from './island-site.ts'
import { workerSource as source } from './worker-site.ts'

const patience = { timeout: 15_000 }

describe.skipIf(!hasChromium())('the service worker', { timeout: 200_000 }, () => {
  let browser: Browser
  let context: BrowserContext
  let site: IslandSite
  let page: Page
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    context = await browser.newContext()
    // As from a host: nothing that isn't content-addressed is taken from the HTTP cache.
    await context.addInitScript(() => {
      for (const type of ['sx:offline-ready', 'sx:root-offered', 'sx:source-error'])
        document.addEventListener(type, event => {
          document.documentElement.dataset[`test${type.slice(3).replace('-', '')}`] =
            (event as CustomEvent<{ reason?: string }>).detail.reason ?? ''
        })
    })
  })
  afterEach(async () => {
    await context.close()
    await site.stop()
  })
  const serve = async (settings: Partial<SiteSettings>): Promise<void> => {
    site = await serveIslands(source('one'), settings, { 'public/site.css': 'main { margin: 1em }' })
    page = await context.newPage()
  }
  const heard = (what: string) =>
    page.waitForFunction(name => name in document.documentElement.dataset, `test${what}`)
  const ready = () => page.waitForFunction(() => document.documentElement.dataset.sx === 'ready')
  const workers = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)
  const heading = () => page.locator('h1').textContent()

  it('shows what was visited without a network, alive and with its styles, and says where nobody was', async () => {
    await serve({ offline: true })
    await page.goto(site.url)
    await heard('offlineready')
    await context.setOffline(true)
    await page.reload()
    await ready()
    expect(await heading()).toBe('Home one')
    await page.getByRole('button').click()
    expect(await page.getByRole('button').textContent()).toBe('n 1')
    expect(await page.evaluate(() => getComputedStyle(document.querySelector('main')!).marginTop)).toBe(
      '16px',
    )
    await page.goto(`${site.url}other/`)
    expect(await heading()).toBe('No network')
  })

  it('leaves a page as it is where storage is full: alive, without errors, on every visit', async () => {
    await serve({ offline: true })
    const said: string[] = []
    page.on('pageerror', error => said.push(error.message))
    const devtools = await context.newCDPSession(page)
    await devtools.send('Storage.overrideQuotaForOrigin', {
      origin: new URL(site.url).origin,
      quotaSize: 1000,
    })
    for (let visit = 0; visit < 3; visit++) {
      await page.goto(site.url)
      await ready()
      expect(await heading()).toBe('Home one')
      await page.getByRole('button').click()
      await expect.poll(() => page.getByRole('button').textContent(), patience).toBe('n 1')
    }
    // Nothing is said to be there that isn't.
    expect(await page.evaluate(() => 'testofflineready' in document.documentElement.dataset)).toBe(false)
    expect(said).toEqual([])
  })

  it('keeps to the loader that it knows: a page with another one is not shown, and that is told', async () => {
    await serve({ offline: true })
    await page.goto(site.url)
    await heard('offlineready')
    await page.reload()
    await ready()
    await context.route(site.url, async route => {
      const answer = await route.fetch()
      const body = (await answer.text())
        .replace('Home one', 'Home lie')
        .replace('<script type="module" async>', '<script type="module" async>/* another */')
      await route.fulfill({ response: answer, body })
    })
    await page.reload()
    expect(await heading()).toBe('Home one')
  })

  it('goes when its reader says so, and comes back', async () => {
    await serve({ offline: true })
    await page.goto(site.url)
    await heard('offlineready')
    await page.goto(`${site.url}?sx-worker=off`)
    await ready()
    await expect.poll(workers, patience).toBe(0)
    await page.goto(site.url)
    await ready()
    await page.waitForTimeout(300)
    expect(await workers()).toBe(0)
    await page.goto(`${site.url}?sx-worker=on`)
    await heard('offlineready')
  })

  it('is not there where the configuration does not ask for it', async () => {
    await serve({})
    await page.goto(site.url)
    await ready()
    await page.waitForTimeout(300)
    expect(await workers()).toBe(0)
    expect((await fetch(`${site.url}sx-worker.js`)).status).toBe(404)
  })
})
