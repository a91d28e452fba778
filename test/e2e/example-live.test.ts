// The example's islands in Chromium, by keyboard alone, as somebody finds them who hears the page.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browse, type Visited } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { createSandbox, project, type Sandbox, type Started } from '../support/sandbox.ts'

/** Goes on with Tab until what has the focus is called `name`. */
const tabTo = async (page: Page, name: string): Promise<void> => {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const e = document.activeElement!
      return e.getAttribute('aria-label') ?? e.closest('label')?.firstChild?.textContent ?? e.textContent
    })
    if (at?.trim() === name) return
  }
  throw new Error(`nothing that Tab reaches is called ${name}`)
}

describe.skipIf(!hasChromium())('the example’s islands', () => {
  let sandbox: Sandbox
  let server: Started
  let browser: Browser
  beforeAll(async () => {
    sandbox = createSandbox()
    ;[server, browser] = await Promise.all([
      sandbox.start(['--port', '0'], {
        command: [process.execPath, 'src/cli/main.ts', 'serve', 'examples/rose-ash'],
        cwd: project,
      }),
      launchChromium(),
    ])
  })
  afterAll(async () => {
    await browser?.close()
    await sandbox?.stop()
  })
  const open = (path: string): Promise<Visited> => browse(browser, server.url + path)

  it('the cart counts, keeps the focus where it is, and says what it comes to', async () => {
    const { page, console: said, close } = await open('cart/')
    const total = () => page.getByRole('row', { name: /^To pay/ }).textContent()
    expect(
      await page
        .getByRole('row', { name: /Rye loaf/ })
        .getByRole('button')
        .count(),
    ).toBe(2)
    const before = await total()
    await tabTo(page, 'One Rye loaf more')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Space')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'One Rye loaf more',
    )
    expect(
      await page
        .getByRole('row', { name: /Rye loaf/ })
        .locator('span')
        .textContent(),
    ).toBe('4')
    expect(await page.getByRole('caption').textContent()).toBe('6 things')
    expect(await total()).not.toBe(before)
    expect(await page.getByRole('status').textContent()).toMatch(/carriage/i)
    // Take away all of one thing: its row goes, the others stay.
    for (let i = 0; i < 4; i++) await page.getByRole('button', { name: 'One Rye loaf less' }).press('Enter')
    expect(await page.getByRole('row', { name: /Rye loaf/ }).count()).toBe(0)
    expect(await page.locator('[data-sx-island] table').ariaSnapshot()).toContain('rowheader "To pay"')
    expect(said).toEqual([])
    await close()
  })

  it('the market shows one kind at a time, and says how many there are', async () => {
    const { page, console: said, close } = await open('market/')
    const shown = () => page.locator('[data-sx-island] article').count()
    const all = await shown()
    await tabTo(page, 'Show')
    await page.keyboard.press('ArrowDown')
    const some = await shown()
    expect(some).toBeGreaterThan(0)
    expect(some).toBeLessThan(all)
    expect(await page.getByRole('status').textContent()).toBe(`${some} thing${some === 1 ? '' : 's'}`)
    expect(await page.getByRole('combobox', { name: 'Show' }).inputValue()).not.toBe('all')
    await page.keyboard.press('Home')
    expect(await shown()).toBe(all)
    expect(said).toEqual([])
    await close()
  })

  it('the calendar goes from month to month and back', async () => {
    const { page, console: said, close } = await open('events/')
    const island = page.locator('[data-sx-island]')
    const march = await island.ariaSnapshot()
    expect(march).toContain('March 2027')
    await tabTo(page, 'Later')
    await page.keyboard.press('Enter')
    expect(await island.textContent()).toContain('April 2027')
    expect(await island.getByRole('link', { name: 'Reading the books' }).count()).toBe(1)
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    expect(await island.ariaSnapshot()).toBe(march)
    await page.keyboard.press('Enter')
    expect(await island.textContent()).toContain('February 2027')
    expect(said).toEqual([])
    await close()
  })
})
