// Libraries in Chromium: in the page's closure where it refers to them, and on demand, by name, where it does not.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleClient } from '../../scripts/build-client.ts'
import { browse } from '../support/browse.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'

const sources = {
  'src/text.sx': `(define-library (rose text) (export shout) (import (rose marks))
    (begin (define (shout s) (str (upper s) bang))))`,
  'src/marks.sx': '(define-library (rose marks) (export bang) (begin (define bang "!")))',
  'src/price.sx': ';; @client\n(define (pounds n) (str "£" n))',
  'src/far.sx': `
(define (deep n) (* n n))
(define (squared s) (computed (fn () (if (> (deref s) 1) (deep (deref s)) "small"))))
(define (day ms) (guard (e (true "no day")) (format-date ms)))`,
  'src/a.sx': `
(defisland ~asking ()
  (let ((n (signal 1)) (shown (signal "none")) (square (signal nil)))
    (p (button :type "button" :on-click (fn (e) (swap! n inc)) "more")
       (button :type "button" :id "day" :on-click (fn (e) (reset! shown ((lookup "day") 0))) "day")
       (button :type "button" :id "no-day" :on-click (fn (e) (reset! shown ((lookup "day") "soon"))) "none")
       (button :type "button" :id "square" :on-click (fn (e) (reset! square ((lookup "squared") n))) "square")
       (output (deref shown)) (b (if (deref square) (deref (deref square)) "-")))))
(defpage asks :path "/asks" :title "Asks" :content (main (~asking)))
(defcomp ~card (&key title &rest children) (article (h2 title) children))
(defcomp ~other () (p "never asked for"))
(defisland ~loud (&key text) (b (shout text)))
(defpage static :path "/static" :title "Static" :content (main (~loud :text "hi")))
(defpage named :path "/named/<what>" :title what
  :content (main ((lookup (str "~" what)) :title ((lookup "shout") what) (p ((lookup "pounds") 7)))))
(defpage text :path "/text" :title "Text"
  :content (main (eval (first (sx-parse "(~card :title (shout \\"from text\\") (p (pounds 3)))")))))`,
  'public/favicon.ico': '',
}

let browser: Browser
let site: BuiltSite
let url: string
let names: ReadonlyMap<string, string>
beforeAll(async () => {
  if (!hasChromium()) return
  const { loader, kernel, platform, modules, words } = await bundleClient()
  site = await serveSite(
    sources,
    {},
    {
      loader: loader.code,
      kernel: kernel.code,
      platform: platform.code,
      modules: new Map(Object.entries(modules).map(([name, { code }]) => [name, code])),
      words,
    },
  )
  names = new Map(Object.entries(site.names()))
  url = await site.gateway.listen(0)
  browser = await launchChromium()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})
const asked = (visited: Awaited<ReturnType<typeof browse>>): string[] =>
  [...names]
    .filter(([, cid]) => visited.definitions.some(one => one.cid === cid))
    .map(([name]) => name)
    .sort()

it.skipIf(!hasChromium())(
  'an island’s libraries are in its page’s pack, those that they import too',
  async () => {
    const visited = await browse(browser, `${url}static`)
    expect([visited.state, visited.console]).toEqual(['ready', []])
    expect(await visited.page.locator('main b').textContent()).toBe('HI!')
    expect(asked(visited)).toEqual([])
    await visited.close()
  },
)

it.skipIf(!hasChromium())(
  'a name that is computed brings its component or library, and no other',
  async () => {
    const visited = await browse(browser, `${url}named/card`)
    expect([visited.state, visited.skipped]).toEqual(['ready', []])
    expect(await visited.page.locator('main').innerHTML()).toBe('<article><h2>CARD!</h2><p>£7</p></article>')
    expect(asked(visited)).toEqual(['price', 'rose/marks', 'rose/text', '~card'])
    await visited.close()
  },
)

it.skipIf(!hasChromium())(
  'names in SX that came as text mean what they mean in the site, as when it was built',
  async () => {
    const html = '<article><h2>FROM TEXT!</h2><p>£3</p></article>'
    expect(await (await fetch(`${url}text`)).text()).toContain(html)
    const visited = await browse(browser, `${url}text`)
    expect([visited.state, visited.console]).toEqual(['ready', []])
    expect(await visited.page.locator('main').innerHTML()).toBe(html)
    await visited.close()
  },
)

it.skipIf(!hasChromium())(
  'a handler looks up what needs more of the runtime, and a computed signal whose parts nobody has loaded',
  async () => {
    const visited = await browse(browser, `${url}asks`)
    const { page } = visited
    const later: string[] = []
    page.on('request', request => later.push(request.url().split('/').at(-1)!))
    expect([visited.state, visited.console]).toEqual(['ready', []])
    await page.locator('#day').click()
    await expect.poll(() => page.locator('output').textContent()).toBe('1970-01-01')
    await page.locator('#no-day').click()
    await expect.poll(() => page.locator('output').textContent()).toBe('no day')
    await page.locator('#square').click()
    await expect.poll(() => page.locator('main b').textContent()).toBe('small')
    // Only now the branch that needs another definition is taken.
    await page.locator('button').first().click()
    await expect.poll(() => page.locator('main b').textContent()).toBe('4')
    const came = [...names].filter(([, cid]) => later.includes(cid)).map(([name]) => name)
    expect(came.sort()).toEqual(['day', 'deep', 'squared'])
    expect(visited.console).toEqual([])
    await visited.close()
  },
)

it.skipIf(!hasChromium())('a page that was built follows what a name means, by whatever edit', async () => {
  await site.build({ 'src/price.sx': ';; @client\n(define (pounds n) (str "EUR " n))' })
  expect(await (await fetch(`${url}text`)).text()).toContain('<p>EUR 3</p>')
  await site.build({ 'src/price.sx': sources['src/price.sx'] })
})

it.skipIf(!hasChromium())(
  'what answers for a library with other bytes is passed over, and the page stays',
  async () => {
    const library = names.get('rose/text')!
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.route(`**/${library}`, route =>
      route.fulfill({ body: Buffer.from(site.store.get(names.get('price')!)!) }),
    )
    await page.goto(`${url}named/card`)
    await page.waitForFunction(() => document.documentElement.dataset.sx)
    expect(await page.evaluate(() => document.documentElement.dataset.sx)).toBe('failed')
    expect(await page.locator('h1').textContent()).toBe('Nothing is here')
    await context.close()
  },
)
