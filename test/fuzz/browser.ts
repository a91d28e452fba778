// Chromium as one more way to run programs: the client as it is built, many sites in each call.
import type { Browser, Page } from 'playwright-core'
import { bundle, bundleClient } from '../../scripts/build-client.ts'
import { hostIo } from '../../src/lang/words.ts'
import { extensions } from '../../src/runtime/extensions.ts'
import type { Limits } from '../../src/runtime/machine.ts'
import type { BrowserOutcome, BrowserSite, sxFuzz } from '../browser/entries/fuzz.ts'
import { launchChromium } from '../support/chromium.ts'
import { type BuiltPage, type BuiltSite, closureOf } from './built-site.ts'
import { modulesOf, wordsIn } from './configurations.ts'
import { samplePage } from './sample.ts'

export interface FuzzBrowser {
  /** Outcomes of the pages that each site is given with, in order. */
  run(sites: readonly BrowserSite[], limits: Partial<Limits>): Promise<BrowserOutcome[][]>
  close(): Promise<void>
}

/** In a browser they are answered: pages that ask for these are left out. */
const answered = [...hostIo, 'random-int']

/** What is sent of a site. */
export const browserSite = (site: BuiltSite, pages: readonly BuiltPage[] = site.pages): BrowserSite => {
  const sent = pages.flatMap(page => {
    const words = wordsIn(site, page)
    if (answered.some(word => words.has(word))) return []
    return [{ index: page.index, cid: page.cid, modules: modulesOf(site, page) }]
  })
  const cids = new Set(sent.flatMap(page => [...closureOf(site, page.cid)]))
  return {
    blocks: Object.fromEntries(
      [...cids].map(cid => [cid, Buffer.from(site.bytes.get(cid)!).toString('base64')]),
    ),
    pages: sent,
  }
}

const text = (code: Uint8Array): string => new TextDecoder().decode(code)

export const openFuzzBrowser = async (): Promise<FuzzBrowser> => {
  const client = await bundleClient()
  const entry = await bundle('test/browser/entries/fuzz.ts')
  const modules = Object.entries(client.modules)
    .filter(([name]) => Object.hasOwn(extensions, name))
    .map(([name, { code }]) => [name, text(code)] as const)
  const { site, page: sample } = samplePage()
  const browser: Browser = await launchChromium()
  const page: Page = await browser.newPage()
  await page.addScriptTag({ content: text(entry.code), type: 'module' })
  await page.waitForFunction(() => 'sxFuzz' in globalThis)
  type Global = { sxFuzz: typeof sxFuzz }
  await page.evaluate(
    ([kernel, all, one]) =>
      (globalThis as unknown as Global).sxFuzz.start(kernel, Object.fromEntries(all), one),
    [text(client.kernel.code), modules, browserSite(site, [sample])] as const,
  )
  return {
    run: (sites, limits) =>
      page.evaluate(([all, most]) => (globalThis as unknown as Global).sxFuzz.run(all, most), [
        sites,
        limits,
      ] as const),
    close: () => browser.close(),
  }
}
