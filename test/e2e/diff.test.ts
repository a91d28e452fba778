// sx diff: what changed between two releases, what is merely affected by it, and who will notice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Difference } from '../../src/publish/diff.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { jsonIn, runnerIn } from '../support/in-process.ts'
import { createSandbox } from '../support/sandbox.ts'

const sandbox = createSandbox()
afterAll(() => sandbox.stop())
const sx = runnerIn(sandbox)
const folder = sandbox.path('site')
const told = jsonIn(sx, folder)
const one = `
(defpage home :path "/" :title "Home" :content (~top :title "Hi"))
(defpage old :path "/old" :title "Old" :content (p "old"))
(defcomp ~top (&key title) (section (~leaf :text title) (~same)))
(defcomp ~leaf (&key text) (p text))
(defcomp ~same () (p "same"))
(defcomp ~gone () (p "gone"))
(defcomp ~called-so () (p "renamed"))
(define grows (fn (a) a))
(define shrinks (fn (a b) (+ a b)))
(define typed (fn ((a :as number)) a))
(define inner (fn (a) (+ a 1)))
(define even (fn (n) (or (= n 0) (odd (- n 1)))))
(define odd (fn (n) (and (not (= n 0)) (even (- n 1)))))`
const two = `
(defpage home :path "/" :title "Home" :content (~top :title "Hi"))
(defpage new :path "/new" :title "New" :content (p "new"))
(defcomp ~top (&key title) (section (~leaf :text title) (~same)))
(defcomp ~leaf (&key text (note :as string?)) (p text (em note)))
(defcomp ~same () (p "same"))
(defcomp ~fresh () (p "fresh"))
(defcomp ~called-otherwise () (p "renamed"))
(define grows (fn (a &rest more) a))
(define shrinks (fn (a) a))
(define typed (fn ((a :as string)) a))
(define inner (fn (a) (+ a 2)))
(define even (fn (n) (or (= n 0) (odd (- n 1)))))
(define odd (fn (n) (and (not (= n 0)) (even (- n 1)))))`

beforeAll(async () => {
  for (const text of [one, two]) {
    sandbox.write('site', { 'src/all.sx': text })
    await told(['publish'])
  }
})

describe('sx diff', () => {
  it('tells changed from affected, renamed from gone and new, and says what callers notice', async () => {
    const { definitions, pages, compatibility, before, after } = await told(['diff', '1', '2'])
    const brief = ({ name, change, from, compatibility: worth }: Difference) =>
      [change, name, ...(from ? [`was ${from}`] : []), ...(worth ? [worth] : [])].join(' ')
    expect(definitions.map(brief)).toEqual([
      'removed ~gone breaking',
      'renamed ~called-otherwise was ~called-so breaking',
      'changed grows additive',
      'changed inner compatible',
      'changed shrinks breaking',
      'changed typed breaking',
      'changed ~leaf additive',
      'added ~fresh additive',
      'affected ~top',
    ])
    expect(pages.map(brief)).toEqual(['removed /old', 'added /new', 'affected /'])
    expect(compatibility).toBe('breaking')
    expect([before, after]).toEqual(
      (await told(['log'])).releases.map(({ root }: { root: string }) => root).reverse(),
    )
    const noticed = (name: string) => definitions.find((found: Difference) => found.name === name).notices
    expect(noticed('~leaf')).toEqual(['it takes :note'])
    expect(noticed('shrinks')).toEqual(['it takes 1 arguments, and took 2'])
    expect(noticed('typed')).toEqual(['a is string, and was number'])
    expect(noticed('grows')).toEqual(['it takes any number of arguments'])
    const { text } = definitions.find((found: Difference) => found.name === 'inner')
    expect(text).toContain('-(define inner (fn (a) (+ a 1)))')
    expect(text).toContain('+(define inner (fn (a) (+ a 2)))')
  })

  it('of a root and itself is nothing, of members of a cycle only what is theirs', async () => {
    expect(await told(['diff', '2', '2'])).toMatchObject({ definitions: [], pages: [] })
    sandbox.write('site', { 'src/all.sx': two.replace('(odd (- n 1))', '(odd (- n 1 0))') })
    await told(['publish'])
    const { definitions } = await told(['diff', '2', '3'])
    expect(definitions.map(({ name, change }: Difference) => `${change} ${name}`)).toEqual([
      'changed even',
      'affected odd',
    ])
  })

  it('reads as lines', async () => {
    const ran = await sx(['diff', '1', '2'], folder)
    expect(ran.out).toMatch(/changed {3}~leaf component · additive\n {10}it takes :note\n/)
    expect(ran.out).toMatch(/affected {2}~top/)
    expect(ran.err).toMatch(/breaking/)
    expect((await sx(['diff', '1', '99'], folder)).status).toBe(3)
  })

  it.skipIf(!hasChromium())('is a page that loads nothing and runs nothing', async () => {
    const ran = await sx(['diff', '1', '2', '--html'], folder)
    const browser = await launchChromium()
    const page = await browser.newPage()
    const said: string[] = []
    page.on('console', message => said.push(message.text()))
    await page.setContent(ran.out)
    expect(await page.locator('h3 code').allTextContents()).toContain('~leaf')
    expect(await page.locator('ins').count()).toBeGreaterThan(3)
    expect(await page.locator('script').count()).toBe(0)
    expect(said).toEqual([])
    await browser.close()
  })
})
