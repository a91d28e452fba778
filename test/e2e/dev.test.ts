import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browse, type Visited } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { createSandbox, type Sandbox, type Started } from '../support/sandbox.ts'

describe.skipIf(!hasChromium())('sx dev', () => {
  let sandbox: Sandbox
  let folder: string
  let server: Started
  let browser: Browser
  let visited: Visited
  beforeAll(async () => {
    sandbox = createSandbox()
    folder = sandbox.copyExample('site')
    ;[server, browser] = await Promise.all([sandbox.start(['dev', folder, '--port', '0']), launchChromium()])
    visited = await browse(browser, server.url)
    expect(visited.state).toBe('ready')
  })
  afterAll(async () => {
    await browser?.close()
    await sandbox?.stop()
  })
  const home = 'src/home.sx'
  const edit = (path: string, from: string, to: string): void => {
    const text = readFileSync(join(folder, path), 'utf8')
    expect(text).toContain(from)
    writeFileSync(join(folder, path), text.replace(from, to))
  }
  const shows = async (text: string): Promise<number> => {
    const began = performance.now()
    await visited.page.locator('h1', { hasText: text }).waitFor({ timeout: 5000 })
    return performance.now() - began
  }

  it('shows an edit in the browser when it is saved', async () => {
    edit(home, 'From the seed to the page"', 'From the seed to the crumb"')
    await shows('From the seed to the crumb')
    await visited.page.locator('html[data-sx=ready]').waitFor()
  })

  it('hears of the same file again when an editor saves by renaming', async () => {
    for (const word of ['table', 'plate']) {
      const text = readFileSync(join(folder, home), 'utf8').replace(
        /From the seed to the \w+"/,
        `From the seed to the ${word}"`,
      )
      writeFileSync(join(folder, `${home}.swap`), text)
      renameSync(join(folder, `${home}.swap`), join(folder, home))
      await shows(`From the seed to the ${word}`)
    }
    edit(home, 'to the plate"', 'to the crumb"')
    await shows('From the seed to the crumb')
  })

  it('says a mistake over the page and in the terminal, with the line and a caret, and keeps the last good build', async () => {
    edit(home, '(number-word ', '(number-wrd ')
    const cover = visited.page.getByRole('alertdialog', { name: 'The build failed' })
    await cover.waitFor({ timeout: 3000 })
    const text = (await cover.textContent()) ?? ''
    expect(text).toContain('number-wrd')
    expect(text).toMatch(/home\.sx:\d+:\d+/)
    expect(text).toMatch(/\n +\^/)
    expect(text).toContain('number-word')
    await expect
      .poll(() => server.said.err)
      .toMatch(
        /error \S*src\/home\.sx:\d+:\d+: .*number-wrd[\s\S]*\n +\^[\s\S]*last good build is still served/,
      )
    expect(await (await fetch(server.url)).text()).toContain('From the seed to the crumb')
    const late = await browse(browser, `${server.url}market/`)
    await late.page.getByRole('alertdialog').waitFor({ timeout: 3000 })
    await late.close()
  })

  it('takes the mistake away when it is mended, also when the page is as it was', async () => {
    edit(home, '(number-wrd ', '(number-word ')
    await visited.page.getByRole('alertdialog').waitFor({ state: 'detached', timeout: 3000 })
    await shows('From the seed to the crumb')
  })

  it('shows a changed style sheet, a new page and a page that is gone', async () => {
    edit('public/site.css', '--radius: 14px', '--radius: 3px')
    await visited.page.waitForFunction(
      () => getComputedStyle(document.documentElement).getPropertyValue('--radius') === '3px',
      undefined,
      { timeout: 3000 },
    )
    writeFileSync(
      join(folder, 'src/extra.sx'),
      '(defpage extra :path "/extra" :title "Extra" :content (h1 "Extra"))',
    )
    await expect.poll(async () => (await fetch(`${server.url}extra/`)).status, { timeout: 3000 }).toBe(200)
    renameSync(join(folder, 'src/extra.sx'), join(folder, 'extra.txt'))
    await expect.poll(async () => (await fetch(`${server.url}extra/`)).status, { timeout: 3000 }).toBe(404)
  })

  it('ends on a signal, with browsers listening, in a moment', async () => {
    const began = performance.now()
    expect((await server.stop()).status).toBe(0)
    expect(performance.now() - began).toBeLessThan(3000)
  })
})

describe.skipIf(!hasChromium())('what readers made of a page under sx dev', () => {
  let sandbox: Sandbox
  let browser: Browser
  let visited: Visited
  const source = (title: string, counter: string): string => `
${counter}
(defisland ~field (&key hint)
  (let ((text (signal "")) (shape (signal {:k (list 1 nil)})) (f (signal (fn () 1))))
    (p (input :name "text" :aria-label hint :value (deref text) :on-input (fn (e) (reset! text (get e :value))))
      (button :on-click (fn () (swap! shape assoc "more" (list true 0.5 {})) (reset! f 2)) "shape")
      (output :id "text" (deref text) " " (json-encode (deref shape)) (if (number? (deref f)) " f" "")))))
(defisland ~basket ()
  (let ((items (get (use-store "basket" (fn () {:items (signal (list))})) :items)))
    (p (button :on-click (fn () (swap! items append (list "pear"))) "put") (output :id "basket" (join "," (deref items))))))
(defisland ~late (&key from) (let ((n (signal from))) (button :id "late" :on-click (fn () (swap! n inc)) (deref n))))
(defpage home :path "/" :title "x" :content
  (main (h1 "${title}") (~counter :start 1) (~counter :start 5) (~field :hint "hint") (~basket) (~late :from 0 :hydrate "interaction")
    (div :style "height:4000px")))`
  const counter = `(defisland ~counter (&key start)
  (let ((n (signal start))) (p (button :class "up" :on-click (fn () (swap! n inc)) (deref n)))))`
  const save = async (title: string, made = counter): Promise<void> => {
    sandbox.write('kept', { 'src/a.sx': source(title, made) })
    await visited.page.locator('h1', { hasText: title }).waitFor({ timeout: 8000 })
    await visited.page.locator('html[data-sx=ready]').waitFor()
  }
  const counts = (): Promise<string[]> => visited.page.locator('.up').allTextContents()
  const text = (id: string): Promise<string | null> => visited.page.locator(`#${id}`).textContent()
  beforeAll(async () => {
    sandbox = createSandbox()
    const folder = sandbox.write('kept', { 'src/a.sx': source('First', counter), 'public/favicon.ico': '' })
    const [server, chromium] = await Promise.all([
      sandbox.start(['dev', folder, '--port', '0']),
      launchChromium(),
    ])
    browser = chromium
    visited = await browse(browser, server.url)
    expect(visited.state).toBe('ready')
  })
  afterAll(async () => {
    await browser?.close()
    await sandbox?.stop()
  })

  it('outlives an edit: signals that are data, stores, the place, focus and caret, and islands that came late', async () => {
    const { page } = visited
    for (const i of [0, 1, 1]) await page.locator('.up').nth(i).click()
    await page.getByRole('button', { name: 'shape' }).click()
    await page.getByRole('button', { name: 'put' }).click()
    await page.locator('#late').click()
    await expect.poll(() => text('late')).toBe('1')
    await page.getByLabel('hint').fill('abcdef')
    await page.getByLabel('hint').evaluate(input => (input as HTMLInputElement).setSelectionRange(2, 4))
    await page.evaluate(() => scrollTo(0, 700))
    await save('Second')
    expect(await counts()).toEqual(['2', '7'])
    expect(await text('text')).toBe('abcdef {"k":[1,null],"more":[true,0.5,{}]}')
    expect(await text('basket')).toBe('pear')
    expect(await page.evaluate(() => scrollY)).toBe(700)
    const focused = await page.evaluate(() => {
      const { name, value, selectionStart, selectionEnd } = document.activeElement as HTMLInputElement
      return { name, value, selectionStart, selectionEnd }
    })
    expect(focused).toEqual({ name: 'text', value: 'abcdef', selectionStart: 2, selectionEnd: 4 })
    await save('Third')
    // It sleeps again, and finds what it was when it wakes.
    await page.locator('#late').click()
    await expect.poll(() => text('late')).toBe('2')
    expect(visited.console).toEqual([])
  })

  it('is dropped where an edit made something else of it: another beginning, another number of signals', async () => {
    const { page } = visited
    await save('Fourth', counter.replace('(signal start)', '(signal (* 10 start))'))
    expect(await counts()).toEqual(['10', '50'])
    await page.locator('.up').first().click()
    await save('Fifth', counter.replace('(signal start)', '(signal (* 10 start))').replace('(p (', '(div ('))
    expect(await counts()).toEqual(['11', '50'])
    await save('Sixth', counter.replace('((n (signal start))', '((m (signal 0)) (n (signal (* 10 start)))'))
    expect(await counts()).toEqual(['10', '50'])
    expect(await text('basket')).toBe('pear')
    expect(visited.console).toEqual([])
  })

  it('is forgotten when the reader loads the page, and when what is stored is none of it', async () => {
    const { page } = visited
    await page.reload()
    await page.locator('html[data-sx=ready]').waitFor()
    expect(await text('basket')).toBe('')
    await page.evaluate(() => {
      const path = location.pathname
      const islands = document.querySelectorAll('[data-sx-island]').length
      sessionStorage.setItem(
        'sx state',
        JSON.stringify({ path, islands, stores: { basket: [['[]', '{"a":1}']] } }),
      )
    })
    await page.reload()
    await page.locator('html[data-sx=ready]').waitFor()
    expect(await text('basket')).toBe('')
    await page.getByRole('button', { name: 'put' }).click()
    expect(await text('basket')).toBe('pear')
    expect(visited.console).toEqual([])
  })
})
