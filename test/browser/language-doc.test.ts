// The islands of docs/language.md: rendered, brought to life, used, and seen to show what the document says.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { fits, islandExamplesOf, languageDoc } from '../support/language-doc.ts'
import { openIslands, serveIslands } from './island-site.ts'

describe.skipIf(!hasChromium())('islands of docs/language.md', () => {
  const examples = islandExamplesOf(languageDoc)
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  it('are there', () => expect(examples.length).toBeGreaterThan(2))

  for (const { line, source, steps } of examples)
    it(`${line}: ${source.split('\n')[0]}`, async () => {
      const site = await serveIslands(source)
      const context = await browser.newContext()
      try {
        const { page, said } = await openIslands(context, site.url)
        for (const { act, name, text, expected } of steps) {
          if (act === 'click') await page.getByRole('button', { name, exact: true }).click()
          if (act === 'type') await page.getByRole('textbox', { name, exact: true }).fill(text)
          const seen = await page.locator('[data-sx-island]').innerHTML()
          if (!fits(expected, seen)) expect(seen).toBe(expected)
        }
        expect(said).toEqual([])
      } finally {
        await context.close()
        await site.stop()
      }
    })
})
