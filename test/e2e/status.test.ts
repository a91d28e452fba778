// `<sx-status>` in Chromium: what it says is what happened, and it proves which root the page is of.
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type Published, publishSite } from '../support/published.ts'

const parts = Array.from(
  { length: 20 },
  (_, i) => `(defcomp ~part-${i} () (p "${i}" ${i ? `(~part-${i - 1})` : ''}))`,
)

describe.skipIf(!hasChromium())('the status panel', () => {
  let site: Published
  let browser: Browser
  let context: BrowserContext
  beforeAll(async () => {
    site = await publishSite({
      'sx.config.json': '{"status": true}',
      'src/parts.sx': parts.join('\n'),
      'src/home.sx': `(defpage home :path "/" :title "Home" :content (main (~part-19) (a :href "/more" "More")))
        (defpage more :path "/more" :title "More" :content (main (~part-3)))`,
    })
    browser = await launchChromium()
    context = await browser.newContext()
  })
  afterAll(async () => {
    await browser.close()
    await site.stop()
  })

  const open = async (url: string): Promise<Page> => {
    const page = await context.newPage()
    await page.goto(url)
    await page.waitForFunction(() => document.documentElement.dataset.sx)
    await page.locator('sx-status summary').click()
    return page
  }
  const row = (page: Page, name: string) =>
    page.locator(`sx-status dt:text-is("${name}") + dd`).textContent({ timeout: 5000 })
  const root = (page: Page) => expect.poll(() => row(page, 'Root'), { timeout: 5000 })
  const pageCid = (page: Page): Promise<string> =>
    page.evaluate(
      () =>
        (
          JSON.parse(document.querySelector('script[data-sx-manifest]')!.textContent!) as {
            page: string
          }
        ).page,
    )

  it('says what was verified, from where, and proves the page from the root that the host names', async () => {
    for (const url of [site.serving.url, site.host.url]) {
      const page = await open(url)
      await root(page).toBe(`${site.receipt.root}lists this page: proven`)
      expect(await page.locator('sx-status summary').textContent()).toMatch(/^Verified · [\d.]+ KB loaded$/)
      expect(await row(page, 'Page')).toBe(await pageCid(page))
      expect(await row(page, 'Verified')).toMatch(/^21 definitions, [\d.]+ KB$/)
      expect(await row(page, 'From')).toMatch(/^this site: \d+ blocks, \d+ KB$/)
      expect(await row(page, 'Loaded')).toMatch(/^[\d.]+ KB over the network, 0 bytes were here$/)
      expect(await page.locator('sx-status dt').allTextContents()).not.toContain('Passed over')
      await page.close()
    }
  })

  it('has all code of the page compressed from our own gateway', async () => {
    const fresh = await browser.newContext()
    const page = await fresh.newPage()
    await page.goto(site.serving.url)
    await page.waitForFunction(() => document.querySelector('sx-status'))
    const { packs } = await page.evaluate(
      () =>
        JSON.parse(document.querySelector('script[data-sx-manifest]')!.textContent!) as { packs: string[] },
    )
    const plain = await page.evaluate(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(e => e.name.includes('/_sx/b/') && e.encodedBodySize === e.decodedBodySize)
        .map(e => e.name.split('/').at(-1)),
    )
    expect(plain).toEqual(packs)
    await fresh.close()
  })

  it('says that a second visit loaded nothing', async () => {
    const page = await open(site.serving.url)
    expect(await page.locator('sx-status summary').textContent()).toBe('Verified · 0 bytes loaded')
    expect(await row(page, 'From')).toMatch(/kept in this browser: \d blocks?/)
    await page.close()
  })

  it('goes on to the next page with its reader', async () => {
    const page = await open(site.serving.url)
    const first = await pageCid(page)
    await root(page).toContain('lists this page')
    await page.getByRole('link', { name: 'More' }).click()
    await page.waitForFunction(() => document.title === 'More')
    expect(await pageCid(page)).not.toBe(first)
    await expect.poll(() => row(page, 'Page')).toBe(await pageCid(page))
    await root(page).toBe(`${site.receipt.root}lists this page: proven`)
    await page.close()
  })

  it('names who was passed over, and says when the root can’t be proven', async () => {
    const fresh = await browser.newContext()
    const page = await fresh.newPage()
    await page.route('**/_sx/b/bafkrei*', async route => {
      const answer = await route.fetch()
      const body = await answer.body()
      if (body.length < 1000) await route.fulfill({ response: answer, body: Buffer.concat([body, body]) })
      else await route.continue()
    })
    await page.route('**/_sx/release.cbor', async route => {
      const answer = await route.fetch()
      const body = await answer.body()
      // The root's link, led astray.
      body[body.indexOf(Buffer.from([0xd8, 0x2a, 0x58, 0x25])) + 12]! ^= 1
      await route.fulfill({ response: answer, body })
    })
    await page.goto(site.serving.url)
    await page.waitForFunction(() => document.documentElement.dataset.sx)
    await page.locator('sx-status summary').click()
    await expect.poll(() => row(page, 'Root'), { timeout: 15_000 }).toMatch(/^not proven: no source has bafy/)
    expect(await row(page, 'Passed over')).toMatch(/this site: mismatch/)
    await fresh.close()
  })

  it('can be read with the keyboard and is named for who hears it', async () => {
    const page = await open(site.serving.url)
    await page.locator('sx-status summary').focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('sx-status details').getAttribute('open')).toBeNull()
    await page.keyboard.press('Enter')
    expect(await page.locator('sx-status details').getAttribute('open')).toBe('')
    await page.close()
  })
})
