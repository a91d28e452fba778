// From page to page in one document: what stays, what goes, what is left to the browser.
import type { Browser, BrowserContext, Page, Request } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SiteSettings } from '../../src/publish/build-port.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type IslandSite, serveIslands } from './island-site.ts'

const source = `
(defisland ~counter (&key label)
  (let ((n (signal 0)))
    (button :type "button" :on-click (fn (e) (swap! n inc)) label " " (deref n))))
(defisland ~basket ()
  (let ((items (use-store "basket" (fn () (signal 0)))))
    (button :type "button" :on-click (fn (e) (swap! items inc)) "basket " (deref items))))
(defisland ~fold (&key label &rest children)
  (let ((open (signal false)))
    (section (button :type "button" :on-click (fn (e) (swap! open not)) label (if (deref open) " open" " shut"))
      (when (deref open) (div :class "inside" children)))))
(defcomp ~layout (&key title &rest children)
  (<> (link :rel "stylesheet" :href "/site.css")
      (header (~counter :label "visits")
        (nav (a :href "/" "Home") " " (a :href "/tall" "Tall") " " (a :href "/folds" "Folds") " " (a :href "/posts/first" "First") " "
             (a :href "/tall#end" "End") " " (a :href "/file.txt" "File") " "
             (a :href "/plain.html" "Plain") " " (a :href "/tall" :target "_blank" "Blank") " "
             (a :href "/tall" :data-sx-navigation "off" "Whole") " "
             (a :href "/tall" :download "" "Download") " " (a :href "/lost" "Lost")))
      (main (h1 title) children)))
(defpage home :path "/" :title "Home"
  :content (~layout :title "Home" (~counter :label "home") (~basket) (meta :name "where" :content "home")
    (input :aria-label "Note")))
(defpage folds :path "/folds" :title "Folds"
  :content (~layout :title "Folds" (~fold :label "fold" (p "inside") (~counter :label "deep"))
    (form :action "/tall" (input :name "q" :aria-label "Query") (button "search"))))
(defpage tall :path "/tall" :title "Tall"
  :content (~layout :title "Tall" (~basket) (div :style "height:4000px" "tall") (p :id "end" "the end")))
(defpage post :path "/posts/<slug>" :paths (list "first") :title "Post"
  :content (~layout :title (str "Post " slug) (style "h1 { color: red }")))
`

interface Marked {
  sxDocument: number
  sxErrors: string[]
}

describe.skipIf(!hasChromium())('navigation in Chromium', () => {
  let browser: Browser
  let context: BrowserContext
  let site: IslandSite
  let page: Page
  let said: string[]
  let asked: Request[]
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 800, height: 600 } })
  })
  afterEach(async () => {
    await context.close()
    await site.stop()
  })

  const open = async (settings: Partial<SiteSettings> = {}, path = '', waits = true): Promise<void> => {
    site = await serveIslands(source, settings, {
      'public/site.css': 'main { margin: 1em }',
      'public/file.txt': 'a file',
      'public/plain.html': '<!doctype html><title>Plain</title><h1>Plain</h1>',
    })
    page = await context.newPage()
    said = []
    asked = []
    page.on('console', message => said.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', error => said.push(`pageerror: ${error.message}`))
    page.on('request', request => asked.push(request))
    await page.addInitScript(() => {
      const marked = Object.assign(globalThis, { sxDocument: Math.random(), sxErrors: [] as string[] })
      document.addEventListener('sx:navigable', () => {
        document.documentElement.dataset.test = 'navigable'
      })
      document.addEventListener('sx:source-error', event =>
        marked.sxErrors.push((event as CustomEvent<{ reason: string }>).detail.reason),
      )
    })
    await page.goto(site.url + path)
    await page.waitForFunction(() => document.documentElement.dataset.sx === 'ready')
    if (waits) await page.waitForFunction(() => document.documentElement.dataset.test === 'navigable')
  }
  const documentOf = () => page.evaluate(() => (globalThis as unknown as Marked).sxDocument)
  const heading = (text: string) => page.getByRole('heading', { name: text, exact: true }).waitFor()
  /** The island of this name is alive: it counts. */
  const button = (name: RegExp | string) => page.getByRole('button', { name })
  const follow = async (name: string, title: string): Promise<void> => {
    await page.getByRole('link', { name, exact: true }).click()
    await heading(title)
    await page.waitForFunction(() => !('sxNavigating' in document.documentElement.dataset))
  }

  it('shows the next page in the same document, with its title, head and address, and brings it to life', async () => {
    await open()
    const before = await documentOf()
    const margin = () => page.evaluate(() => getComputedStyle(document.querySelector('main')!).marginTop)
    asked = []
    await follow('Tall', 'Tall')
    // The style sheet that both pages have stays, and is not asked for again.
    expect(asked.filter(request => request.url().endsWith('.css'))).toEqual([])
    expect(await margin()).toBe('16px')
    expect(await page.title()).toBe('Tall')
    expect(new URL(page.url()).pathname).toBe('/tall/')
    expect(await page.locator('meta[name=where]').count()).toBe(0)
    expect(await page.locator('main').textContent()).toContain('the end')
    expect(
      await page.evaluate(() => JSON.parse(document.querySelector('[data-sx-manifest]')!.textContent!).path),
    ).toBe('/tall')
    await follow('Home', 'Home')
    expect(await margin()).toBe('16px')
    expect(await page.locator('meta[name=where]').count()).toBe(1)
    await button('home 0').click()
    await button('home 1').waitFor()
    expect(await documentOf()).toBe(before)
    expect(said).toEqual([])
  })

  it('keeps islands that are in both pages, and stores; ends those that are not', async () => {
    await open()
    await button('visits 0').click()
    await button('home 0').click()
    await button('basket 0').click()
    await page.getByLabel('Note').fill('typed')
    await follow('Tall', 'Tall')
    await button('visits 1').click()
    await button('visits 2').waitFor()
    // Another place of the same store.
    await button('basket 1').click()
    await follow('Home', 'Home')
    await button('visits 2').waitFor()
    await button('basket 2').waitFor()
    await button('home 0').waitFor()
    expect(await page.getByLabel('Note').inputValue()).toBe('')
    expect(said).toEqual([])
  })

  it('brings islands with children to life, and what is inside them, each time that their page comes', async () => {
    await open()
    const before = await documentOf()
    for (let time = 0; time < 2; time++) {
      await follow('Folds', 'Folds')
      await button('fold shut').click()
      await page.locator('.inside').waitFor()
      expect(await page.locator('.inside p').textContent()).toBe('inside')
      await button('deep 0').click()
      await button('deep 1').waitFor()
      await button('fold open').click()
      await page.locator('.inside').waitFor({ state: 'detached' })
      await follow('Home', 'Home')
    }
    expect([await documentOf(), said]).toEqual([before, []])
  })

  it('goes where a form leads that only asks', async () => {
    await open()
    const before = await documentOf()
    await follow('Folds', 'Folds')
    await page.getByLabel('Query').fill('rose')
    await page.getByRole('button', { name: 'search' }).click()
    await heading('Tall')
    expect(new URL(page.url()).search).toBe('?q=rose')
    expect([await documentOf(), said]).toEqual([before, []])
  })

  it('moves from page to page in a view transition where the site wants that, and without where readers don’t', async () => {
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      await context.close()
      context = await browser.newContext({ viewport: { width: 800, height: 600 }, reducedMotion })
      await open({ navigation: 'transition' })
      const before = await documentOf()
      await page.evaluate(() => {
        const start = document.startViewTransition.bind(document)
        document.startViewTransition = (...given) => {
          document.documentElement.dataset.moved = ''
          return start(...given)
        }
      })
      await follow('Tall', 'Tall')
      expect(await page.evaluate(() => 'moved' in document.documentElement.dataset)).toBe(
        reducedMotion === 'no-preference',
      )
      await button('visits 0').click()
      await button('visits 1').waitFor()
      // One that comes while another still moves.
      await page.getByRole('link', { name: 'Home', exact: true }).dispatchEvent('click')
      await follow('Folds', 'Folds')
      await button('visits 1').waitFor()
      expect([await documentOf(), said]).toEqual([before, []])
      if (reducedMotion === 'no-preference') await site.stop()
    }
  })

  it('goes back and forward, to where the reader was, and to what an address names', async () => {
    await open()
    await follow('Tall', 'Tall')
    await page.evaluate(() => scrollTo(0, 1500))
    await page.waitForTimeout(100)
    await page
      .getByRole('link', { name: 'Home', exact: true })
      .evaluate(link => (link as HTMLElement).click())
    await heading('Home')
    await page.waitForFunction(() => scrollY === 0)
    await page.goBack()
    await heading('Tall')
    await page.waitForFunction(() => Math.abs(scrollY - 1500) < 5)
    await page.goForward()
    await heading('Home')
    await follow('End', 'Tall')
    await page.waitForFunction(() => scrollY > 2000)
    expect(page.url()).toMatch(/\/tall\/#end$/)
    expect(said).toEqual([])
  })

  it('begins with the focus at the heading, by keyboard alone, and says the title', async () => {
    await open()
    await page.getByRole('link', { name: 'Tall', exact: true }).focus()
    await page.keyboard.press('Enter')
    await heading('Tall')
    const focused = () => page.evaluate(() => document.activeElement!.textContent)
    await page.waitForFunction(() => document.activeElement!.localName === 'h1')
    await page.waitForFunction(() => document.querySelector('html > [role=status]')?.textContent === 'Tall')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('basket 0')
    await page.getByRole('link', { name: 'Home', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('html > [role=status]')?.textContent === 'Home')
    expect(await focused()).toBe('Home')
    await page.getByRole('link', { name: 'End', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement!.id === 'end')
  })

  it('leaves to the browser what is its own: other windows, downloads, files, pages that are none of the site’s', async () => {
    await open()
    const before = await documentOf()
    const [blank] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Blank' }).click(),
    ])
    await blank.getByRole('heading', { name: 'Tall' }).waitFor()
    const [tab] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Tall', exact: true }).click({ modifiers: ['ControlOrMeta'] }),
    ])
    await tab.close()
    await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()])
    expect(await documentOf()).toBe(before)
    await page.getByRole('link', { name: 'File' }).click()
    await page.waitForURL('**/file.txt')
    await page.goBack()
    await heading('Home')
    await page.getByRole('link', { name: 'Plain' }).click()
    await page.waitForFunction(() => document.title === 'Plain')
  })

  it.each([
    ['that is not there', 'Lost', undefined],
    ['whose link says so', 'Whole', 'Tall'],
  ])('a page %s is a document of its own', async (_what, link, title) => {
    await open()
    const before = await documentOf()
    await page.getByRole('link', { name: link, exact: true }).click()
    if (title) await heading(title)
    await page.waitForFunction(id => (globalThis as unknown as Marked).sxDocument !== id, before)
    expect(new URL(page.url()).pathname).toMatch(/^\/(lost|tall)\/?$/)
  })

  it('applies styles that the policy of the first page forbids as elements, and lets go of them', async () => {
    await open()
    const before = await documentOf()
    const color = () => page.evaluate(() => getComputedStyle(document.querySelector('h1')!).color)
    await follow('First', 'Post first')
    expect(await color()).toBe('rgb(255, 0, 0)')
    await follow('Home', 'Home')
    expect(await color()).toBe('rgb(0, 0, 0)')
    expect([await documentOf(), said]).toEqual([before, []])
  })

  it('asks first, and can be switched off', async () => {
    await open()
    const before = await documentOf()
    await page.evaluate(() => document.addEventListener('sx:navigate', event => event.preventDefault()))
    await page.getByRole('link', { name: 'Tall', exact: true }).click()
    await page.waitForFunction(id => (globalThis as unknown as Marked).sxDocument !== id, before)
    await site.stop()
    await open({ navigation: 'off' }, '', false)
    const whole = await documentOf()
    await page.getByRole('link', { name: 'Tall', exact: true }).click()
    await page.waitForFunction(id => (globalThis as unknown as Marked).sxDocument !== id, whole)
  })

  it('of several clicks the last one counts', async () => {
    await open()
    // The first answer takes its time.
    await page.route('**/tall/', async route => {
      await new Promise(resolve => setTimeout(resolve, 600))
      await route.continue().catch(() => {})
    })
    const before = await documentOf()
    await page.getByRole('link', { name: 'Tall', exact: true }).dispatchEvent('click')
    await page.waitForFunction(() => document.documentElement.ariaBusy === 'true')
    await page.getByRole('link', { name: 'Home', exact: true }).dispatchEvent('click')
    await heading('Home')
    await page.waitForTimeout(900)
    expect(await page.title()).toBe('Home')
    expect(new URL(page.url()).pathname).toBe('/')
    expect(await page.evaluate(() => document.documentElement.ariaBusy)).toBe(null)
    expect(await documentOf()).toBe(before)
  })

  it('asks for the next page’s definitions only, and for nothing when it comes back', async () => {
    await open()
    await page.waitForLoadState('networkidle')
    asked = []
    await follow('Tall', 'Tall')
    const first = asked.map(request => new URL(request.url()).pathname)
    expect(first.filter(path => path === '/site.css').length).toBeLessThan(2)
    // What takes the document over, once, and the page's own pack.
    expect(first.filter(path => path.startsWith('/_sx/b/')).length).toBe(2)
    await page.waitForLoadState('networkidle')
    asked = []
    await page.goBack()
    await heading('Home')
    await page.goForward()
    await heading('Tall')
    expect(
      asked
        .filter(request => !request.url().startsWith('blob:'))
        .map(request => new URL(request.url()).pathname),
    ).toEqual([])
  })

  it('shows nothing that is not proven: what was tampered with is passed over and told', async () => {
    await open()
    await page.waitForLoadState('networkidle')
    let lied = 0
    await page.route('**/_sx/b/*', route => {
      lied++
      return route.fulfill({ status: 200, body: 'a lie' })
    })
    await follow('Tall', 'Tall')
    expect(lied).toBeGreaterThan(0)
    expect(await page.locator('main').textContent()).toContain('the end')
    expect(await page.evaluate(() => (globalThis as unknown as Marked).sxErrors)).toContain('mismatch')
  })

  it('fetches ahead what a pointer rests on, and what sx-prefetch says', async () => {
    await open()
    await page.waitForLoadState('networkidle')
    asked = []
    await page.getByRole('link', { name: 'Tall', exact: true }).hover()
    await page.waitForTimeout(400)
    await page.waitForLoadState('networkidle')
    expect(asked.map(request => new URL(request.url()).pathname)).toContain('/tall/')
    asked = []
    await follow('Tall', 'Tall')
    expect(asked.filter(request => /\/(tall|_sx\/b)\//.test(request.url()))).toEqual([])
    await page.evaluate(() => document.querySelector('nav')!.setAttribute('sx-prefetch', 'none'))
    asked = []
    await page.getByRole('link', { name: 'Home', exact: true }).hover()
    await page.waitForTimeout(300)
    expect(asked).toEqual([])
    await page.evaluate(() => document.querySelector('nav')!.setAttribute('sx-prefetch', 'pointer-down'))
    await page.getByRole('link', { name: 'First', exact: true }).hover()
    await page.waitForTimeout(200)
    expect(asked).toEqual([])
    await page.mouse.down()
    await page.waitForTimeout(300)
    expect(asked.map(request => new URL(request.url()).pathname)).toContain('/posts/first/')
    await page.mouse.up()
  })

  it.each(['visible', 'idle'])(
    'fetches ahead links that are marked %s, unless data is to be saved',
    async when => {
      for (const saves of [false, true]) {
        await open({}, `?prefetch=${when}`)
        await page.waitForLoadState('networkidle')
        await page.evaluate(
          saves => Object.defineProperty(navigator, 'connection', { value: { saveData: saves } }),
          saves,
        )
        await page.evaluate(wish => {
          document.addEventListener(
            'sx:ready',
            () => document.querySelector('nav')!.setAttribute('sx-prefetch', wish),
            { once: true },
          )
        }, when)
        asked = []
        // Links of a page are looked at when it has come.
        await page.evaluate(() => navigation.navigate('/?again').finished)
        await page.waitForTimeout(600)
        const pages = asked.map(request => new URL(request.url()).pathname)
        if (saves) expect(pages).not.toContain('/tall/')
        else expect(pages).toContain('/tall/')
        if (!saves) await site.stop()
      }
    },
  )

  it('leaves nothing behind after 200 pages: the heap is within 5 % of what it was', async () => {
    await open()
    const session = await context.newCDPSession(page)
    const heap = async (): Promise<number> => {
      await session.send('HeapProfiler.collectGarbage')
      await session.send('HeapProfiler.collectGarbage')
      return (await session.send('Runtime.getHeapUsage')).usedSize
    }
    const round = async (times: number): Promise<void> => {
      await page.evaluate(async times => {
        for (let i = 0; i < times; i++) await navigation.navigate(i % 2 ? '/' : '/tall/').finished
      }, times)
    }
    // A tab holds 50 entries of history, and compiles what runs often: 8 % in these, in the next 1,400 5 % together.
    await round(600)
    const nodes = async () => (await session.send('Memory.getDOMCounters')).nodes
    const before = await heap()
    const there = await nodes()
    await round(200)
    // What the browser's own tasks still hold goes with a later collection.
    await expect.poll(async () => (await heap()) / before, { timeout: 10_000 }).toBeLessThan(1.05)
    await expect.poll(nodes, { timeout: 10_000 }).toBeLessThan(there * 1.05)
  }, 60_000)
})
