import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browse, type Visited } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { build, createSandbox, example, project, type Sandbox, type Started } from '../support/sandbox.ts'

const areas = ['/', '/blog/', '/market/', '/cart/', '/events/', '/federation/']
const all = [...areas, '/blog/saving-seed/', '/market/rye-loaf/', '/events/night-bake/']

const hashesTo = (cid: string, bytes: Uint8Array): boolean =>
  Buffer.compare(CID.parse(cid).multihash.digest, createHash('sha256').update(bytes).digest()) === 0

describe.skipIf(!hasChromium())('the example, served by the command of npm start', () => {
  let sandbox: Sandbox
  let server: Started
  let browser: Browser
  beforeAll(async () => {
    sandbox = createSandbox()
    const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
      scripts: { start: string }
    }
    const [node, ...command] = scripts.start.split(' ')
    expect(node).toBe('node')
    ;[server, browser] = await Promise.all([
      sandbox.start(['--port', '0'], { command: [process.execPath, ...command], cwd: project }),
      launchChromium(),
    ])
  })
  afterAll(async () => {
    await browser?.close()
    await sandbox?.stop()
  })
  const at = (path: string): string => server.url + path.slice(1)
  /** Pages stay open: what is looked at in one, in all sizes and colours, is one visit. */
  const visited = new Map<string, Promise<Visited>>()
  const open = (path: string): Promise<Visited> => {
    const known = visited.get(path) ?? browse(browser, at(path), { reducedMotion: 'reduce' })
    visited.set(path, known)
    return known
  }

  it.each(all)(
    '%s shows the same text with JavaScript on and off, and nothing is said in the console',
    async path => {
      const [on, off] = await Promise.all([
        open(path),
        browse(browser, at(path), { javaScriptEnabled: false }),
      ])
      expect(on.console).toEqual([])
      expect([on.status, on.state]).toEqual([200, 'ready'])
      expect(off.text).toBe(on.text)
      expect(on.text.length).toBeGreaterThan(200)
      await off.close()
    },
  )

  it('gets its definitions in packs, and every answer hashes to the CID that was asked for', async () => {
    const { definitions, page } = await open('/market/')
    const packs: string[] = await page.evaluate(
      () => JSON.parse(document.querySelector('script[data-sx-manifest]')!.textContent!).packs,
    )
    const asked = definitions.map(({ cid }) => cid)
    expect(definitions.filter(({ cid, status, bytes }) => status !== 200 || !hashesTo(cid, bytes))).toEqual(
      [],
    )
    expect(packs.length).toBe(2)
    expect(asked).toEqual(expect.arrayContaining(packs))
    expect(asked.filter(cid => cid.startsWith('bafyrei'))).toEqual([])
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('goes from page to page by links that work, and says where one is', async () => {
    const { page, close } = await browse(browser, at('/'))
    await page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Market' }).click()
    await page.waitForURL(/\/market\/$/)
    await page.getByRole('link', { name: 'Rye loaf' }).click()
    await page.waitForURL(/\/market\/rye-loaf\/$/)
    await page.waitForFunction(() => document.title === 'Rye loaf · Rose Ash')
    expect(await page.locator('[aria-current]').allInnerTexts()).toEqual(['Market'])
    await close()
  })

  it('answers an unknown address with a page of its own', async () => {
    const visited = await browse(browser, at('/market/nothing/here/'))
    expect(visited.status).toBe(404)
    expect(visited.text).toContain('Nothing grows at this address')
    await visited.close()
  })

  it('holds what it is an example of', async () => {
    const { definitions, names, pages, files } = await build(sandbox, example)
    expect(definitions).toBeGreaterThanOrEqual(150)
    expect(files).toBeGreaterThanOrEqual(18)
    expect(pages.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/', '/blog', '/market', '/cart', '/events', '/federation', '/404']),
    )
    const kinds = await Promise.all(
      ['~cart/cart', '~events/calendar', '~market/filter', 'unless', 'market/count-shelf', 'tw'].map(
        async name =>
          names[name] === undefined
            ? [name]
            : [
                name,
                (JSON.parse((await sandbox.run(['inspect', names[name], '--json'])).out) as { kind: string })
                  .kind,
              ],
      ),
    )
    expect(Object.fromEntries(kinds)).toMatchObject({
      '~cart/cart': 'island',
      '~events/calendar': 'island',
      '~market/filter': 'island',
      unless: 'macro',
      'market/count-shelf': 'member',
    })
  })

  describe.each([
    ['desktop', { width: 1200, height: 900 }],
    ['phone', { width: 390, height: 844 }],
  ] as const)('on a %s', (_, size) => {
    it.each(areas)(
      '%s can be read by everybody: landmarks, headings in order, nothing wider than the screen',
      async path => {
        const { page } = await open(path)
        await page.setViewportSize(size)
        const found = await page.evaluate(() => ({
          lang: document.documentElement.lang,
          landmarks: ['body > header', 'nav[aria-label]', 'main', 'body > footer'].filter(
            at => document.querySelectorAll(at).length !== 1,
          ),
          headings: [...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.nodeName.slice(1))),
          nameless: [...document.querySelectorAll('a, button, select, input')]
            .filter(
              e =>
                !(e.getAttribute('aria-label') ?? e.closest('label')?.textContent ?? e.textContent)?.trim(),
            )
            .map(e => e.outerHTML),
          wide: document.documentElement.scrollWidth > innerWidth,
        }))
        expect(found).toMatchObject({ lang: 'en', landmarks: [], nameless: [], wide: false })
        expect(found.headings.filter(level => level === 1)).toHaveLength(1)
        expect(found.headings.filter((level, i) => level > (found.headings[i - 1] ?? 0) + 1)).toEqual([])
      },
    )
  })

  it('lets a keyboard skip the navigation, and shows where it is', async () => {
    const { page, close } = await browse(browser, at('/market/'))
    await page.keyboard.press('Tab')
    const focus = await page.evaluate(() => ({
      text: document.activeElement?.textContent,
      visible: (document.activeElement?.getBoundingClientRect().top ?? -1) >= 0,
      outline: document.activeElement && getComputedStyle(document.activeElement).outlineStyle,
    }))
    expect(focus).toEqual({ text: 'Skip to content', visible: true, outline: 'solid' })
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
    await close()
  })

  it.each(['light', 'dark'] as const)(
    'has enough contrast for everybody (WCAG AA) in the %s scheme',
    async colorScheme => {
      for (const path of all) {
        const { page } = await open(path)
        await page.emulateMedia({ colorScheme })
        expect(await page.evaluate(weakText), path).toEqual([])
      }
    },
  )
})

/** Runs in the page: texts whose contrast with what is behind them is below WCAG 2.2's 4.5 (large text: 3). */
function weakText(): string[] {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  // paints the layers one over the other, so that any notation and any transparency is understood
  const paint = (layers: readonly string[]): readonly number[] => {
    pen.clearRect(0, 0, 1, 1)
    for (const layer of layers) {
      pen.fillStyle = layer
      pen.fillRect(0, 0, 1, 1)
    }
    return [...pen.getImageData(0, 0, 1, 1).data]
  }
  const light = (rgb: readonly number[]): number => {
    const [r, g, b] = rgb.map(c =>
      c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  const weak: string[] = []
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    if (element.closest('svg') || !element.checkVisibility()) continue
    const own = [...element.childNodes].filter(n => n.nodeType === 3 && n.nodeValue?.trim())
    if (own.length === 0) continue
    const style = getComputedStyle(element)
    const behind: string[] = []
    for (let at: Element | null = element; at; at = at.parentElement)
      behind.unshift(getComputedStyle(at).backgroundColor)
    const [a, b] = [light(paint(behind)), light(paint([...behind, style.color]))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    const size = Number.parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    if (ratio < (large ? 3 : 4.5)) weak.push(`${ratio.toFixed(2)} ${own[0]!.nodeValue!.trim().slice(0, 40)}`)
  }
  return weak
}
