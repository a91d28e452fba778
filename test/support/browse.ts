// A page as its visitor meets it: what it asked for, what it said, what it shows.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export interface SourceErrorSeen {
  readonly cid: string
  readonly source: string
  readonly reason: string
}

export interface Visited {
  readonly page: Page
  readonly status: number | undefined
  /** `ready`, `failed`, or undefined: neither came, or scripts are off */
  readonly state: string | undefined
  /** `type: text` of each message, uncaught errors among them */
  readonly console: readonly string[]
  /** the answers to requests below /_sx/b/, in order */
  readonly definitions: readonly {
    readonly cid: string
    readonly status: number
    readonly bytes: Uint8Array
  }[]
  /** details of sx:source-error */
  readonly skipped: readonly SourceErrorSeen[]
  /** what the page shows as text */
  readonly text: string
  close(): Promise<void>
}

interface Watched {
  sxSkipped: SourceErrorSeen[]
}

/**
 * Opens `url` in a fresh profile and waits until the client is done, for at most `patience` milliseconds (or, with
 * scripts off, until the page is there).
 */
export async function browse(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  patience = 8000,
): Promise<Visited> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const said: string[] = []
  const definitions: Promise<{ cid: string; status: number; bytes: Uint8Array }>[] = []
  page.on('console', message => said.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', error => said.push(`pageerror: ${error.message}`))
  page.on('response', response => {
    const cid = /\/_sx\/b\/([^/?]+)$/.exec(new URL(response.url()).pathname)?.[1]
    if (cid !== undefined)
      definitions.push(
        // The body of an answer that nobody reads never comes.
        Promise.race([response.body(), new Promise<never>((_, late) => setTimeout(late, 3000))]).then(
          bytes => ({ cid, status: response.status(), bytes }),
          () => ({ cid, status: response.status(), bytes: new Uint8Array() }),
        ),
      )
  })
  await page.addInitScript(() => {
    const watched = Object.assign(globalThis, { sxSkipped: [] }) as unknown as Watched
    document.addEventListener('sx:source-error', event =>
      watched.sxSkipped.push((event as CustomEvent<SourceErrorSeen>).detail),
    )
  })
  const response = await page.goto(url)
  const scripts = options.javaScriptEnabled !== false
  const state = scripts
    ? await page
        .waitForFunction(() => document.documentElement.dataset.sx, undefined, { timeout: patience })
        .then(
          handle => handle.jsonValue(),
          () => undefined,
        )
    : undefined
  return {
    page,
    status: response?.status(),
    state,
    console: said,
    definitions: await Promise.all(definitions),
    skipped: scripts ? await page.evaluate(() => (globalThis as unknown as Watched).sxSkipped) : [],
    text: (await page.locator('body').textContent()) ?? '',
    close: () => context.close(),
  }
}
