import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cidOf, RAW } from '../../src/ipld/cid.ts'
import type { Manifest } from '../../src/ipld/manifest.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type IslandSite, type Opened, openIslands, serveIslands } from './island-site.ts'
import { client, sha256 } from './page-fixture.ts'

describe.skipIf(!hasChromium())('islands in Chromium', () => {
  let browser: Browser
  let context: BrowserContext
  let site: IslandSite | undefined
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    context = await browser.newContext()
  })
  afterEach(async () => {
    await context.close()
    await site?.stop()
    site = undefined
  })
  const open = async (source: string): Promise<Opened> => {
    site = await serveIslands(source)
    return openIslands(context, site.url)
  }
  /** A page with one island: its parameters, its body, how it is called. */
  const island = (body: string, params = '', call = ''): Promise<Opened> =>
    open(
      `(defisland ~it (&key ${params}) ${body})\n(defpage home :path "/" :content (main (h1 "T") (~it ${call})))`,
    )

  it('adopts what the server rendered without one change, and lives', async () => {
    const { page, said, mutations, shift } = await island(
      `(let ((n (signal start)))
         (p (button :type "button" :on-click (fn (e) (swap! n dec)) "-")
            (output (deref n))
            (button :type "button" :on-click (fn (e) (swap! n inc)) "+")
            (if (> (deref n) 3) (strong "Many ") "Some ") label))`,
      '(start :as number) label',
      ':start 3 :label "apples"',
    )
    expect(said).toEqual([])
    expect(await mutations()).toEqual([])
    expect(await shift()).toBe(0)
    const text = page.locator('p')
    expect(await text.textContent()).toBe('-3+Some apples')
    await page.getByRole('button', { name: '+' }).click()
    expect(await text.innerHTML()).toContain('<output>4</output>')
    expect(await text.textContent()).toBe('-4+Many apples')
    await page.getByRole('button', { name: '+' }).click()
    await page.getByRole('button', { name: '-' }).click()
    await page.getByRole('button', { name: '-' }).click()
    expect(await text.textContent()).toBe('-3+Some apples')
    expect(said).toEqual([])
  })

  it('lives before what only the page around it needs has come, and without it', async () => {
    const loops = cidOf(RAW, sha256(client.modules.loops!.code))
    site = await serveIslands(
      `(defisland ~it () (let ((n (signal 0))) (button :type "button" :on-click (fn () (swap! n inc)) (deref n))))
       (defpage home :path "/" :content (main (ul (map (fn (x) (li x)) (list 1 2))) (~it)))`,
    )
    const served = await (await fetch(site.url)).text()
    const said: Manifest = JSON.parse(/data-sx-manifest>(.*?)<\/script>/.exec(served)![1]!)
    expect([said.runtime, said.live, said.parts?.length]).toEqual([[loops], [], 1])
    // By itself, and in the file that holds it.
    await context.route(
      url => [loops, ...said.parts!].some(cid => url.href.includes(cid)),
      route => route.abort(),
    )
    const { page } = await openIslands(context, site.url, 'failed')
    await page.getByRole('button').click()
    expect(await page.getByRole('button').textContent()).toBe('1')
  })

  const html = ({ page }: Opened): Promise<string> =>
    page.evaluate(() => document.querySelector('[data-sx-island]')!.innerHTML)
  const press = ({ page }: Opened, name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click()

  it('keeps text, attributes, class and style in step with what they read, and nothing else', async () => {
    const opened = await island(
      `(let ((n (signal 0)) (other (signal "o")))
         (div :class {:even (even? (deref n)) :odd (odd? (deref n))} :style {:color (when (> (deref n) 1) "red")} :title other
           (p "n is " (deref n) ", " other " and " (b n) ".") (i "fixed")
           (button :on-click (fn () (swap! n inc)) "more") (button :on-click (fn () (reset! other "x")) "else")))`,
    )
    expect(await opened.mutations()).toEqual([])
    await press(opened, 'more')
    await press(opened, 'more')
    expect(await html(opened)).toBe(
      '<div class="even" style="color:red" title="o"><p>n is 2, o and <b>2</b>.</p><i>fixed</i><button>more</button><button>else</button></div>',
    )
    const before = (await opened.mutations()).length
    await press(opened, 'else')
    expect((await opened.mutations()).slice(before)).toEqual(['attributes DIV title', 'characterData #text'])
    expect(await html(opened)).toContain('title="x"')
    expect(await html(opened)).toContain('n is 2, x and <b>2</b>.')
  })

  it('puts fragments in and takes them out where they belong, empty ones too', async () => {
    const opened = await island(
      `(let ((a (signal false)) (b (signal false)))
         (div (when (deref a) (p "A1") (p "A2")) (when (deref b) "text") (hr) (cond (deref a) (i "a") (deref b) (i "b") :else nil)
           (button :on-click (fn () (swap! a not)) "a") (button :on-click (fn () (swap! b not)) "b")))`,
    )
    expect(await opened.mutations()).toEqual([])
    const inside = async () => (await html(opened)).replace(/<button.*/, '')
    expect(await inside()).toBe('<div><hr>')
    await press(opened, 'b')
    expect(await inside()).toBe('<div>text<hr><i>b</i>')
    await press(opened, 'a')
    expect(await inside()).toBe('<div><p>A1</p><p>A2</p>text<hr><i>a</i>')
    await press(opened, 'b')
    await press(opened, 'a')
    expect(await inside()).toBe('<div><hr>')
  })

  it('moves the nodes of a keyed list and touches only what changed', async () => {
    const opened = await island(
      `(let ((rows (signal (list {:id 1 :t "a"} {:id 2 :t "b"} {:id 3 :t "c"} {:id 4 :t "d"}))))
         (div (ul (map (fn (row) (li :key (get row :id) :id (str "r" (get row :id)) (get row :t))) (deref rows)))
           (button :on-click (fn () (swap! rows reverse)) "reverse")
           (button :on-click (fn () (swap! rows (fn (all) (map (fn (r) (if (= (get r :id) 2) (assoc r :t "B") r)) all)))) "change")
           (button :on-click (fn () (swap! rows (fn (all) (filter (fn (r) (!= (get r :id) 3)) all)))) "remove")
           (button :on-click (fn () (swap! rows (fn (all) (cons {:id 9 :t "new"} all)))) "add")))`,
    )
    expect(await opened.mutations()).toEqual([])
    await opened.page.evaluate(() => {
      for (const li of document.querySelectorAll('li')) Object.assign(li, { was: li.id })
    })
    const rows = () =>
      opened.page.evaluate(() =>
        [...document.querySelectorAll('li')].map(
          li => `${li.textContent}${(li as { was?: string }).was ?? '*'}`,
        ),
      )
    await press(opened, 'reverse')
    expect(await rows()).toEqual(['dr4', 'cr3', 'br2', 'ar1'])
    let before = (await opened.mutations()).length
    await press(opened, 'change')
    expect(await rows()).toEqual(['dr4', 'cr3', 'Br2', 'ar1'])
    expect((await opened.mutations()).slice(before)).toEqual(['characterData #text'])
    before = (await opened.mutations()).length
    await press(opened, 'remove')
    expect(await rows()).toEqual(['dr4', 'Br2', 'ar1'])
    expect((await opened.mutations()).slice(before)).toEqual(['childList UL'])
    before = (await opened.mutations()).length
    await press(opened, 'add')
    expect(await rows()).toEqual(['new*', 'dr4', 'Br2', 'ar1'])
    expect((await opened.mutations()).slice(before)).toEqual(['childList UL'])
  })

  it('keeps the caret and the focus of a field that its own signal follows', async () => {
    const opened = await island(
      `(let ((name (signal "rose")))
         (div (input :aria-label "name" :value (deref name) :on-input (fn (e) (reset! name (upper (get e :value))))) (p (deref name))))`,
    )
    const field = opened.page.getByLabel('name')
    await field.focus()
    await field.evaluate((e: HTMLInputElement) => e.setSelectionRange(2, 2))
    await opened.page.keyboard.type('x')
    expect(await field.inputValue()).toBe('ROXSE')
    expect(await opened.page.locator('p').textContent()).toBe('ROXSE')
    expect(await opened.page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT')
  })

  it('knows checked and selected, and submits what a form holds', async () => {
    const opened = await island(
      `(let ((on (signal true)) (pick (signal "b")) (sent (signal nil)))
         (form :on-submit (fn (e) ((get e :prevent-default)) (reset! sent (get e :fields)))
           (input :type "checkbox" :name "c" :checked (deref on) :on-change (fn (e) (reset! on (get e :checked))))
           (select :name "s" :on-change (fn (e) (reset! pick (get e :value)))
             (map (fn (o) (option :value o :selected (= o (deref pick)) o)) (list "a" "b" "c")))
           (p (if (deref on) "on " "off ") (deref pick) " " (when (deref sent) (get (deref sent) :s)))
           (button :type "button" :on-click (fn () (batch (fn () (reset! on true) (reset! pick "a")))) "reset")
           (button "send")))`,
    )
    expect(await opened.mutations()).toEqual([])
    await opened.page.locator('input').click()
    await opened.page.locator('select').selectOption('c')
    expect(await opened.page.locator('p').textContent()).toBe('off c ')
    await press(opened, 'send')
    expect(await opened.page.locator('p').textContent()).toBe('off c c')
    await press(opened, 'reset')
    expect(await opened.page.locator('input').isChecked()).toBe(true)
    expect(await opened.page.locator('select').inputValue()).toBe('a')
    expect(new URL(opened.page.url()).search).toBe('')
  })

  it('computes once for all that read it, runs effects after the document, and ends them with what made them', async () => {
    const opened = await open(`
(defcomp ~logs (&key n log)
  (do (effect (fn () (let ((v (deref n))) (swap! log (fn (l) (append l (list (str "+" v)))))
                     (fn () (swap! log (fn (l) (append l (list (str "-" v)))))))))
      (b "here")))
(defisland ~it ()
  (let ((n (signal 1)) (log (signal (list))) (show (signal true)))
    (let ((twice (computed (fn () (* 2 (deref n))))))
      (div (when (deref show) (~logs :n twice :log log)) (p (deref twice) "/" (deref twice))
        (pre (join " " (deref log)))
        (button :on-click (fn () (swap! n inc) (swap! n inc)) "add") (button :on-click (fn () (swap! show not)) "toggle")))))
(defpage home :path "/" :content (main (~it)))`)
    const log = () => opened.page.locator('pre').textContent()
    expect(await log()).toBe('+2')
    await press(opened, 'add')
    expect(await log()).toBe('+2 -2 +6')
    expect(await opened.page.locator('p').textContent()).toBe('6/6')
    await press(opened, 'toggle')
    expect(await log()).toBe('+2 -2 +6 -6')
    await press(opened, 'add')
    expect(await log()).toBe('+2 -2 +6 -6')
    await press(opened, 'toggle')
    expect(await log()).toBe('+2 -2 +6 -6 +10')
    expect(opened.said).toEqual([])
  })

  it('shares stores between islands of a page, several of one kind among them', async () => {
    const opened = await open(`
(define make (fn () (signal 0)))
(defisland ~add (&key by) (button :on-click (fn () (swap! (use-store "sum" make) + by)) "add " by))
(defisland ~sum () (output (deref (use-store "sum" make))))
(defpage home :path "/" :content (main (~add :by 1) (~sum) (~add :by 10) (~sum)))`)
    expect(await opened.mutations()).toEqual([])
    await press(opened, 'add 10')
    await press(opened, 'add 1')
    expect(opened.said).toEqual([])
    expect(await opened.page.locator('output').allInnerTexts()).toEqual(['11', '11'])
  })

  it('draws SVG that lives', async () => {
    const opened = await island(
      `(let ((n (signal 1)))
         (div (svg :viewBox "0 0 9 9" (circle :r (deref n) :fill "red") (when (> (deref n) 1) (linearGradient :id "g")))
           (button :on-click (fn () (swap! n inc)) "grow")))`,
    )
    await press(opened, 'grow')
    expect(
      await opened.page.evaluate(() =>
        [...document.querySelectorAll('svg *')].map(e => [e.nodeName, e.namespaceURI, e.getAttribute('r')]),
      ),
    ).toEqual([
      ['circle', 'http://www.w3.org/2000/svg', '2'],
      ['linearGradient', 'http://www.w3.org/2000/svg', null],
    ])
  })

  it('brings islands with children, nested ones, and those in a dynamic scope to life as the page calls them', async () => {
    const opened = await open(`
(defisland ~box (&key title on-more &rest children)
  (let ((open (signal true)))
    (section (button :on-click (fn () (swap! open not)) title) (when (deref open) (div children)) (~inner :say (context tone "none")))))
(defisland ~inner (&key say) (let ((n (signal 0))) (button :on-click (fn () (swap! n inc)) say " " (deref n))))
(defpage home :path "/" :content (main (provide tone "warm" (~box :title "Box" (p "one") (~inner :say "in"))) (~inner :say "out")))`)
    expect(opened.said).toEqual([])
    expect(await opened.mutations()).toEqual([])
    await press(opened, 'in 0')
    await press(opened, 'warm 0')
    await press(opened, 'out 0')
    await press(opened, 'out 1')
    expect(await opened.page.getByRole('button').allInnerTexts()).toEqual(['Box', 'in 1', 'warm 1', 'out 2'])
    await press(opened, 'Box')
    expect(await opened.page.getByRole('button').allInnerTexts()).toEqual(['Box', 'warm 1', 'out 2'])
    await press(opened, 'Box')
    expect(await html(opened)).toContain('<div><p>one</p>')
  })

  it.each(['idle', 'visible', 'interaction'])('waits for the time that the page names: %s', async when => {
    const opened = await open(`
(defisland ~it (&key start) (let ((n (signal start))) (button :on-click (fn () (swap! n inc)) "n " (deref n))))
(defpage home :path "/" :content (main (div :style "height:3000px" "far") (~it :start 1 :hydrate "${when}")))`)
    const live = () => opened.page.evaluate(() => 'sxLive' in document.querySelector('[data-sx-island]')!)
    if (when !== 'idle') expect(await live()).toBe(false)
    if (when === 'visible') await opened.page.getByRole('button').scrollIntoViewIfNeeded()
    if (when !== 'interaction')
      await opened.page.waitForFunction(() => 'sxLive' in document.querySelector('[data-sx-island]')!)
    await press(opened, 'n 1')
    await opened.page.getByRole('button', { name: 'n 2' }).waitFor()
    await press(opened, 'n 2')
    expect(await opened.page.getByRole('button').textContent()).toBe('n 3')
    expect(opened.said).toEqual([])
  })

  /** A page whose client doesn't come before it is released. */
  const held = async (): Promise<{ readonly page: Page; readonly release: () => void }> => {
    const page = await context.newPage()
    let release = (): void => {}
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    await page.route('**/_sx/b/*', async route => {
      await released
      await route.continue()
    })
    return { page, release }
  }

  it('sends a form of before it lived that no handler wants to itself', async () => {
    site = await serveIslands(`
(defisland ~it ()
  (form :action "/" (input :name "who" :aria-label "who") (button :name "by" :value "button" "send")))
(defpage home :path "/" :content (main (~it)))`)
    const { page, release } = await held()
    await page.goto(site.url)
    await page.getByLabel('who').fill('ada')
    await page.getByRole('button', { name: 'send' }).click()
    expect(page.url()).toBe(site.url)
    release()
    await page.waitForURL(`${site.url}?who=ada&by=button`)
    await page.close()
  })

  it('loses no click, no text and no submission of before it lived', async () => {
    site = await serveIslands(`
(defisland ~it ()
  (let ((n (signal 0)) (name (signal "")) (sent (signal nil)))
    (form :on-submit (fn (e) ((get e :prevent-default)) (reset! sent (get (get e :fields) :who)))
      (input :name "who" :aria-label "who" :value (deref name) :on-input (fn (e) (reset! name (get e :value))))
      (button :type "button" :on-click (fn (e) (swap! n inc)) "count") (button "send")
      (output (deref n) " " (deref name) " " (deref sent)))))
(defpage home :path "/" :content (main (~it)))`)
    const { page, release } = await held()
    await page.goto(site.url)
    await page.getByRole('button', { name: 'count' }).click()
    await page.getByRole('button', { name: 'count' }).click()
    await page.getByLabel('who').fill('ada')
    await page.getByRole('button', { name: 'send' }).click()
    expect(await page.locator('output').textContent()).toBe('0  ')
    release()
    await page.waitForFunction(() => document.querySelector('output')!.textContent !== '0  ')
    expect(await page.locator('output').textContent()).toBe('2 ada ada')
    expect(await page.getByLabel('who').inputValue()).toBe('ada')
    expect(new URL(page.url()).search).toBe('')
  })

  it('keeps a box that was checked, and a link that was followed, before it lived', async () => {
    site = await serveIslands(`
(defisland ~it ()
  (let ((yes (signal false)) (at (signal "nowhere")))
    (form
      (input :type "checkbox" :aria-label "yes" :checked (deref yes) :on-change (fn (e) (reset! yes (get e :checked))))
      (a :href "#there" :on-click (fn (e) (reset! at "there")) "go")
      (output (if (deref yes) "yes" "no") " " (deref at)))))
(defpage home :path "/" :content (main (~it)))`)
    const { page, release } = await held()
    await page.goto(site.url)
    await page.getByLabel('yes').check()
    await page.getByRole('link', { name: 'go' }).click()
    release()
    await expect.poll(() => page.locator('output').textContent()).toBe('yes there')
    expect(await page.getByLabel('yes').isChecked()).toBe(true)
    expect(new URL(page.url()).hash).toBe('#there')
    await page.getByLabel('yes').uncheck()
    await expect.poll(() => page.locator('output').textContent()).toBe('no there')
    await page.close()
  })

  it('shows what a guard gives instead of what fails, and nothing of that', async () => {
    const { page, said } = await island(
      `(let ((n (signal start)))
         (div (button :type "button" :on-click (fn (e) (swap! n inc)) "+")
              (if (> (deref n) 0)
                (guard (e (true (i e " " (deref n))))
                  (section (b "half") (when (> (deref n) 1) (p "of it")) (raise "failed")))
                "none")
              (em "after")))`,
      '(start :as number)',
      ':start 1',
    )
    const shown = () =>
      page.locator('[data-sx-island] > div').evaluate(e => e.innerHTML.replace(/<button.*?<\/button>/, ''))
    expect(await shown()).toBe('<i>failed 1</i><em>after</em>')
    await page.getByRole('button').click()
    expect(await shown()).toBe('<i>failed 2</i><em>after</em>')
    expect(said).toEqual([])
  })

  it('stops an island that goes on for ever, says so to everybody, and lets the page live', async () => {
    const opened = await open(`
(defisland ~loop () (let ((on (signal false))) (div (button :on-click (fn () (reset! on true)) "start")
  (when (deref on) (let loop ((i 0)) (loop (+ i 1)))))))
(defisland ~handler () (button :on-click (fn () (let loop ((i 0)) (loop (+ i 1)))) "spin"))
(defisland ~circle () (let ((n (signal 0)) (on (signal false)))
  (do (effect (fn () (when (deref on) (reset! n (inc (deref n)))))) (button :on-click (fn () (reset! on true)) "circle " (deref n)))))
(defisland ~fine () (let ((n (signal 0))) (button :on-click (fn () (swap! n inc)) "fine " (deref n))))
(defpage home :path "/" :content (main (~loop) (~handler) (~circle) (~fine)))`)
    await opened.page.evaluate(() => {
      const failed: unknown[] = []
      Object.assign(globalThis, { sxFailed: failed })
      document.addEventListener('sx:island-failed', e => {
        const { error, stopped } = (e as CustomEvent).detail
        failed.push([error.code, stopped])
      })
    })
    for (const name of ['start', 'spin', 'circle 0']) await press(opened, name)
    await press(opened, 'fine 0')
    expect(await opened.page.getByRole('button', { name: 'fine 1' }).count()).toBe(1)
    expect(
      await opened.page.evaluate(() => (globalThis as unknown as { sxFailed: unknown }).sxFailed),
    ).toEqual(Array.from({ length: 3 }, () => ['eval-limit', true]))
    expect(
      await opened.page
        .locator('[data-sx-island]')
        .evaluateAll(all => all.map(e => 'sxFailed' in (e as HTMLElement).dataset)),
    ).toEqual([true, true, true, false])
    expect(await opened.page.getByRole('alert').allInnerTexts()).toEqual(
      Array.from({ length: 3 }, () => 'This part of the page has stopped.'),
    )
    const before = await opened.page.locator('main').innerHTML()
    await press(opened, 'spin')
    expect(await opened.page.locator('main').innerHTML()).toBe(before)
  })

  it('tells an error in a handler, keeps what it had done, and goes on', async () => {
    const opened = await island(
      `(let ((n (signal 0))) (button :on-click (fn () (swap! n inc) (when (= (deref n) 1) (error "no"))) "n " (deref n)))`,
    )
    await press(opened, 'n 0')
    await press(opened, 'n 1')
    expect(await opened.page.getByRole('button').textContent()).toBe('n 2')
    expect(opened.said).toHaveLength(1)
    expect(opened.said[0]).toContain('no')
  })

  it('leaves nothing behind after 10,000 mounts: the heap is within 5 % of what it was', async () => {
    const opened = await island(
      `(let ((on (signal true)) (n (signal 0)))
         (div (button :on-click (fn () (swap! on not)) "toggle")
           (when (deref on)
             (ul :title (deref n) (map (fn (i) (li :on-click (fn () (swap! n + i)) (deref n) " " i)) (list 1 2 (deref n)))
               (let ((own (computed (fn () (* 2 (deref n)))))) (b (deref own)))))))`,
    )
    const toggle = (times: number) =>
      opened.page.evaluate(count => {
        const button = document.querySelector('button')!
        for (let i = 0; i < count; i++) button.click()
      }, times)
    const session = await context.newCDPSession(opened.page)
    const heap = async (): Promise<number> => {
      await opened.forget()
      for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage')
      return (await session.send('Runtime.getHeapUsage')).usedSize
    }
    // Until then the browser makes code and caches of its own.
    const after = async (rounds: number): Promise<number> => {
      let size = 0
      for (let i = 0; i < rounds; i++) {
        await toggle(5000)
        size = await heap()
      }
      return size
    }
    const before = await after(4)
    expect((await after(4)) / before).toBeLessThan(1.05)
    expect(await opened.page.locator('ul').getAttribute('title')).toBe('0')
    expect(opened.said).toEqual([])
  }, 60_000)

  it('makes an island anew that began with another state than the page says, or with other nodes', async () => {
    site = await serveIslands(`
(defisland ~it (&key start) (let ((n (signal start))) (button :on-click (fn () (swap! n inc)) "n " (deref n))))
(defpage home :path "/" :content (main (~it :start 1) (~it :start 5)))`)
    const page = await context.newPage()
    await page.route(site.url, async route => {
      const response = await route.fetch()
      const body = (await response.text())
        .replace('{&quot;start&quot;:1}"><button>n 1', '{&quot;start&quot;:100}"><button>n 100')
        .replace('<button>n 5', '<i>evil</i><button title="x">n 6')
      await route.fulfill({ response, body })
    })
    await page.goto(site.url)
    await page.locator('html[data-sx=ready]').waitFor()
    expect(await page.locator('main').textContent()).toBe('n 1n 5')
    expect(await page.locator('[title], i').count()).toBe(0)
    for (const name of ['n 1', 'n 5']) await page.getByRole('button', { name }).click()
    expect(await page.locator('main').textContent()).toBe('n 2n 6')
  })
})
