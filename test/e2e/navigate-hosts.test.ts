// From page to page wherever a release is shown: a folder of a static host, a gateway's path, a gateway's subdomain.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type Published, publishSite } from '../support/published.ts'

const source = `
(defisland ~counter () (let ((n (signal 0))) (button :type "button" :on-click (fn (e) (swap! n inc)) "n " (deref n))))
(defcomp ~layout (&key title &rest children)
  (<> (link :rel "stylesheet" :href "/site.css")
      (header (~counter) (nav (a :href "/" "Home") (a :href "/posts/first" "First") (a :href "/find" "Find")))
      (main (h1 title) children)))
(defpage home :path "/" :title "Home" :content (~layout :title "Home" (img :src "/dot.svg" :alt "dot")))
(defpage post :path "/posts/<slug>" :paths (list "first") :title "Post"
  :content (~layout :title (str "Post " slug) (img :src "/dot.svg" :alt "dot")))
(defpage find :path "/find" :title "Find"
  :content (~layout :title "Find"
    (form :action "/find" (label "What " (input :name "what")) (button "Search"))))`

describe.skipIf(!hasChromium())('navigation at every kind of host', () => {
  let site: Published
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let said: string[]
  beforeAll(async () => {
    site = await publishSite(
      {
        'sx.config.json': '{"offline": true}',
        'src/site.sx': source,
        'public/site.css': 'main { margin: 1em }',
        'public/favicon.ico': '',
        'public/dot.svg':
          '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="4"/></svg>',
      },
      '/some/folder/',
    )
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await site.stop()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
    said = []
    page.on('console', message => {
      // Chromium asks for one at the top of a host, which is not the site's.
      if (!message.location().url.endsWith('/favicon.ico')) said.push(`${message.type()}: ${message.text()}`)
    })
    page.on('pageerror', error => said.push(`pageerror: ${error.message}`))
    await page.addInitScript(() => {
      document.addEventListener('sx:navigable', () => {
        document.documentElement.dataset.test = 'navigable'
      })
      document.addEventListener('sx:offline-ready', () => {
        document.documentElement.dataset.offline = 'ready'
      })
    })
  })
  afterEach(() => context.close())

  const port = () => new URL(site.serving.url).port
  const hosts: Readonly<Record<string, () => string>> = {
    'the site’s own address': () => site.serving.url,
    'a folder of a static host': () => new URL('/some/folder/', site.host.url).href,
    'a gateway’s path': () => `http://127.0.0.1:${port()}/ipfs/${site.receipt.directory}/`,
    'a gateway’s subdomain': () => `http://${site.receipt.directory}.ipfs.localhost:${port()}/`,
  }
  const navigable = () => page.waitForFunction(() => document.documentElement.dataset.test === 'navigable')
  const heading = (text: string) => page.getByRole('heading', { name: text, exact: true }).waitFor()
  const drawn = () =>
    expect.poll(() => page.evaluate(() => document.querySelector('img')!.naturalWidth)).toBe(9)

  for (const [name, at] of Object.entries(hosts)) {
    it(`goes there and back in one document, with addresses that are right: ${name}`, async () => {
      const base = at()
      await page.goto(base)
      await navigable()
      await page.evaluate(() => Object.assign(globalThis, { sxSame: true }))
      await page.getByRole('button', { name: 'n 0' }).click()
      await page.getByRole('link', { name: 'First' }).click()
      await heading('Post first')
      expect(page.url()).toBe(`${base}posts/first/`)
      await drawn()
      await page.getByRole('button', { name: 'n 1' }).waitFor()
      // From a page that lies deeper, to one beside it.
      await page.getByRole('link', { name: 'Find' }).click()
      await heading('Find')
      expect(page.url()).toBe(`${base}find/`)
      await page.goBack()
      await heading('Post first')
      await page.goBack()
      await heading('Home')
      expect(page.url()).toBe(base)
      await drawn()
      expect(await page.evaluate(() => 'sxSame' in globalThis)).toBe(true)
      expect(said).toEqual([])
      // What a reload shows is the same.
      await page.getByRole('link', { name: 'First' }).click()
      await heading('Post first')
      await page.reload()
      await heading('Post first')
      await page.waitForFunction(() => document.documentElement.dataset.sx === 'ready')
      await drawn()
    })

    it(`sends a form that asks, and shows its page in the same document: ${name}`, async () => {
      const base = at()
      await page.goto(base)
      await navigable()
      await page.getByRole('link', { name: 'Find' }).click()
      await heading('Find')
      await page.evaluate(() => Object.assign(globalThis, { sxSame: true }))
      await page.getByLabel('What').fill('rye bread')
      await page.getByRole('button', { name: 'Search' }).click()
      await page.waitForURL(`${base}find/?what=rye+bread`)
      await heading('Find')
      expect(await page.evaluate(() => 'sxSame' in globalThis)).toBe(true)
      expect(said).toEqual([])
    })
  }

  for (const name of ['a folder of a static host', 'a gateway’s subdomain'])
    it(`keeps what was visited, without a network: ${name}`, async () => {
      const base = hosts[name]!()
      await page.goto(base)
      await page.waitForFunction(() => document.documentElement.dataset.offline === 'ready')
      await context.setOffline(true)
      await page.reload()
      await heading('Home')
      await page.waitForFunction(() => document.documentElement.dataset.sx === 'ready')
      await page.getByRole('button', { name: 'n 0' }).click()
      await page.getByRole('button', { name: 'n 1' }).waitFor()
    })

  it('registers no worker at a gateway’s path, whose origin is everybody’s', async () => {
    await page.goto(hosts['a gateway’s path']!())
    await navigable()
    await page.waitForTimeout(300)
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0)
  })
})
