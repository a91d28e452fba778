// The service worker from one release to the next, in Chromium as readers have it: without a debugger at the worker.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasChromium } from '../support/chromium.ts'
import { type PlainChromium, type PlainTab, startPlainChromium } from '../support/plain-chromium.ts'
import { createSwitchedFront, type SwitchedFront } from '../support/switched-front.ts'
import { type IslandSite, serveIslands } from './island-site.ts'
import { workerSource } from './worker-site.ts'

/** Writes down what a page's client says, where it can be waited for. */
const listen = `for (const type of ['offline-ready', 'root-offered'])
  document.addEventListener('sx:' + type, () => document.documentElement.setAttribute('said-' + type, ''))`
const heard = (type: string): string => `document.documentElement.hasAttribute('said-${type}')`
const ready = `document.documentElement.dataset.sx === 'ready'`
const cachesOf = (start: string): string =>
  `caches.keys().then(all => all.filter(name => name.startsWith('${start}')).length)`
const heading = `document.querySelector('h1').textContent`

describe.skipIf(!hasChromium())('the service worker and the next release', { timeout: 120_000 }, () => {
  let browser: PlainChromium
  let site: IslandSite
  let front: SwitchedFront
  let page: PlainTab
  beforeEach(async () => {
    site = await serveIslands(
      workerSource('one'),
      { offline: true },
      { 'public/site.css': 'main { margin: 1em }' },
    )
    front = await createSwitchedFront(site.url)
    browser = await startPlainChromium()
    page = await browser.open(listen)
    await visit(page, front.url)
  })
  afterEach(async () => {
    await browser.close()
    await front.stop()
    await site.stop()
  })
  /** Opens a page, and waits until it is there without a network. */
  const visit = async (tab: PlainTab, url: string): Promise<void> => {
    await tab.goto(url)
    await tab.until(heard('offline-ready'))
  }
  /** Opens a page, and waits until it says that another release is there. */
  const seeOffer = async (tab: PlainTab, url: string): Promise<void> => {
    await tab.goto(url)
    await tab.until(heard('root-offered'))
  }
  const publishNext = () => site.build({ 'src/site.sx': workerSource('two') })
  /** Goes from page to page until the next release has taken over: it doesn't where a closed tab is still known. */
  const goOn = async (): Promise<void> => {
    for (let pages = 0; pages < 5; pages++) {
      await page.goto(front.url)
      const taken = page.until(`${cachesOf('sx site ')}.then(n => n === 1)`, 8000)
      if (
        await taken.then(
          () => true,
          () => false,
        )
      )
        return
    }
    throw new Error('the next release did not take over')
  }
  const isAlive = async (tab: PlainTab): Promise<void> => {
    await tab.until(ready)
    await tab.evaluate(`document.querySelector('button').click()`)
    await tab.until(`document.querySelector('button').textContent === 'n 1'`)
  }

  it('takes it in whole, tells of it, and shows it without a network when readers have gone on', async () => {
    await visit(page, `${front.url}other/`)
    await publishNext()
    // The network comes first: a release is there at once.
    await seeOffer(page, front.url)
    expect(await page.evaluate(heading)).toBe('Home two')
    await goOn()
    await front.cut()
    await page.goto(front.url)
    expect(await page.evaluate(heading)).toBe('Home two')
    // Visited before, fetched with the release, and with all that its island needs.
    await page.goto(`${front.url}other/`)
    expect(await page.evaluate(heading)).toBe('Other two')
    await isAlive(page)
  })

  it('waits with it while another tab shows this one', async () => {
    const tab = await browser.open(listen)
    await visit(tab, `${front.url}other/`)
    await publishNext()
    await seeOffer(page, front.url)
    await seeOffer(page, front.url)
    await new Promise(resolve => setTimeout(resolve, 2000))
    expect(await page.evaluate(cachesOf('sx site '))).toBe(2)
    // The other tab is of one release still, without a network too.
    await front.cut()
    await tab.goto(`${front.url}other/`)
    await tab.until(ready)
    expect(await tab.evaluate(heading)).toBe('Other one')
    await front.mend()
    await tab.close()
    await goOn()
    expect(await page.evaluate(heading)).toBe('Home two')
  })

  it('has this one whole when the browser is killed while the next one is taken in, and takes that in later', async () => {
    await visit(page, `${front.url}other/`)
    await publishNext()
    const stuck = front.hold(path => path === '/other/')
    await page.goto(front.url)
    await stuck
    await front.cut()
    await browser.crash()
    page = await browser.open(listen)
    await page.goto(`${front.url}other/`)
    expect(await page.evaluate(heading)).toBe('Other one')
    await isAlive(page)
    await front.mend()
    await seeOffer(page, front.url)
    await goOn()
    await front.cut()
    await page.goto(`${front.url}other/`)
    expect(await page.evaluate(heading)).toBe('Other two')
    await isAlive(page)
  })

  it('goes when the next one wants none', async () => {
    await site.build({}, { offline: false })
    await page.goto(front.url)
    await page.until(`navigator.serviceWorker.getRegistrations().then(all => all.length === 0)`)
    await page.until(`${cachesOf('sx site ')}.then(n => n === 0)`)
    await page.until(`${cachesOf('sx blocks')}.then(n => n === 0)`)
  })
})
