// Sites with islands for browser tests: built by the real builder, served by the real gateway, opened in Chromium.
import type { BrowserContext, Page } from 'playwright-core'
import type { SiteSettings } from '../../src/publish/build-port.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'
import { client } from './page-fixture.ts'

const boot = {
  loader: client.loader.code,
  kernel: client.kernel.code,
  platform: client.platform.code,
  worker: client.worker.code,
  workerOff: client.workerOff.code,
  modules: new Map(Object.entries(client.modules).map(([name, { code }]) => [name, code])),
  words: client.words,
}

export interface Opened {
  readonly page: Page
  /** what the console said, and errors that nobody caught */
  readonly said: string[]
  /** mutations of the body since it was parsed */
  mutations(): Promise<string[]>
  /** forgets the mutations until now */
  forget(): Promise<void>
  /** how much content has moved, as Chromium reports it */
  shift(): Promise<number>
}

interface Watched {
  sxMutations: string[]
  sxShift: number
}

export interface IslandSite extends BuiltSite {
  readonly url: string
}

export const serveIslands = async (
  source: string,
  settings: Partial<SiteSettings> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<IslandSite> => {
  const site = await serveSite(
    { 'src/site.sx': source, 'public/favicon.ico': '', ...files },
    {},
    boot,
    settings,
  )
  const url = await site.gateway.listen(0, '127.0.0.1')
  return Object.assign(site, { url })
}

/** Opens a page and waits until the client has done all that it does by itself. */
export const openIslands = async (context: BrowserContext, url: string, state = 'ready'): Promise<Opened> => {
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', message => said.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', error => said.push(`pageerror: ${error.message}`))
  await page.addInitScript(() => {
    const watched = Object.assign(globalThis, { sxMutations: [], sxShift: 0 }) as unknown as Watched
    document.addEventListener('DOMContentLoaded', () => {
      new MutationObserver(records => {
        for (const { type, target, attributeName } of records)
          watched.sxMutations.push(`${type} ${target.nodeName} ${attributeName ?? ''}`.trim())
      }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
    })
    new PerformanceObserver(list => {
      for (const entry of list.getEntries()) watched.sxShift += (entry as unknown as { value: number }).value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(url)
  await page.waitForFunction(wanted => document.documentElement.dataset.sx === wanted, state)
  return {
    page,
    said,
    mutations: () => page.evaluate(() => (globalThis as unknown as Watched).sxMutations),
    forget: () =>
      page.evaluate(() => {
        ;(globalThis as unknown as Watched).sxMutations = []
      }),
    shift: () => page.evaluate(() => (globalThis as unknown as Watched).sxShift),
  }
}
