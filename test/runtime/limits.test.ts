import { describe, expect, it } from 'vitest'
import { readOne } from '../../src/lang/reader.ts'
import type { Value } from '../../src/lang/values.ts'
import type { Limits } from '../../src/runtime/machine.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { relativeTo } from '../../src/runtime/url.ts'

const none = { find: () => undefined, load: async () => {} }
const limit = expect.objectContaining({ code: 'eval-limit' })

const run = (text: string, limits: Partial<Limits> = {}, now?: () => number): unknown =>
  createRuntime({ definitions: none, limits, ...(now ? { now } : {}) }).evaluateSync(readOne(text))

describe('limits', () => {
  it('of steps', () => expect(() => run('(let loop () (loop))', { steps: 10_000 })).toThrow(limit))
  it('of depth', () =>
    expect(() => run('(letrec ((f (fn (n) (+ 1 (f n))))) (f 1))', { depth: 10_000 })).toThrow(limit))
  it('of time', () => {
    let t = 0
    expect(() => run('(let loop () (loop))', { time: 50 }, () => ++t)).toThrow(limit)
  })
  it('of output', () => {
    const runtime = createRuntime({ definitions: none, limits: { output: 100_000 } })
    expect(() =>
      runtime.renderHtmlSync(readOne('(div (map (fn (x) (p "some text" x)) (range 100000)))')),
    ).toThrow(limit)
  })
  it('of lists that primitives make', () => expect(() => run('(range 1000000000000)')).toThrow(limit))
  it('of memory: a string that doubles', () =>
    expect(() => run('(let loop ((s "xxxxxxxxxxxxxxxx")) (loop (str s s)))')).toThrow(limit))
  const doubled = (what: string): string =>
    `(let loop ((i 0) (l (list 1)) (other (list 1))) (if (< i 40) (loop (inc i) (list l l) (list other other)) ${what}))`
  it.each([
    ['a list that doubles', '(let loop ((l (list 1))) (loop (concat l l)))'],
    ['a list appended to itself', '(let loop ((l (list 1))) (loop (append l l)))'],
    ['a template that doubles', '(let loop ((l (list 1))) (loop `(,@l ,@l)))'],
    ['lists that are kept', '(let ((all (list))) (let loop () (append! all (range 100)) (loop)))'],
    [
      'results of map that are kept',
      '(let ((all (list))) (let loop () (append! all (map inc (range 100))) (loop)))',
    ],
    ['a chain of lists', '(let loop ((l nil)) (loop (list l)))'],
    ['a chain of dicts', '(let loop ((l nil)) (loop {:l l}))'],
    ['a chain of functions', '(let loop ((f nil)) (loop (fn () f)))'],
    ['a dict that grows', '(let ((d (dict))) (let loop ((i 0)) (dict-set! d (str i) i) (loop (inc i))))'],
    ['a text in many pieces', '(let loop ((s "a b c d ")) (loop (join " " (split (str s s)))))'],
    ['lists joined by a call', '(apply concat (map (fn (i) (range 500)) (range 60000)))'],
    ['forms of a long text', '(sx-parse (join " " (map (fn (i) "(((a)))") (range 100000))))'],
    ['data within data, compared', doubled('(= l other)')],
    ['data within data, as text', doubled('(str l)')],
    ['data within data, as JSON', doubled('(json-encode l)')],
    ['data within data, sorted', doubled('(sort (list l other))')],
    ['data within data, made flat', doubled('(len (flatten l))')],
  ])('of memory: %s', (_, text) =>
    expect(() => run(text, { memory: 500_000 })).toThrow(/its limit of memory$/),
  )
  it('of memory, for each evaluation by itself', () => {
    const runtime = createRuntime({ definitions: none, limits: { memory: 20_000 } })
    for (let i = 0; i < 3; i++) expect(runtime.evaluateSync(readOne('(len (range 15000))'))).toBe(15_000)
    expect(() => runtime.evaluateSync(readOne('(list (range 15000) (range 15000))'))).toThrow(limit)
    expect(runtime.renderHtmlSync(readOne('(ul (map (fn (x) (li x)) (range 3)))')).html).toBe(
      '<ul><li>0</li><li>1</li><li>2</li></ul>',
    )
  })
  it('can not be caught', () =>
    expect(() => run('(guard (e (true 1)) (let loop () (loop)))', { steps: 10_000 })).toThrow(limit))
  it('of nested data in equality, text and JSON', () => {
    const deep = '(let loop ((i 0) (x ())) (if (< i 100000) (loop (+ i 1) (list x)) x))'
    for (const text of [`(= ${deep} ${deep})`, `(str ${deep})`, `(json-encode ${deep})`, `(flatten ${deep})`])
      expect(() => run(text)).toThrow(limit)
  })
  it('but lists of any depth render', () => {
    const deep = '(p (let loop ((i 0) (x (b "x"))) (if (< i 200000) (loop (+ i 1) (list x i)) x)))'
    const { html } = createRuntime({ definitions: none }).renderHtmlSync(readOne(deep))
    expect(html.startsWith('<p><b>x</b>012')).toBe(true)
  })
  it('of nested source', () => {
    let form: Value = 1
    for (let i = 0; i < 5000; i++) form = [readOne('inc'), form]
    expect(() => createRuntime({ definitions: none }).evaluateSync(form)).toThrow(limit)
  })
})

describe('streaming', () => {
  it('gives pieces as they are asked for, which together are the whole', async () => {
    const runtime = createRuntime({ definitions: none })
    const form = readOne(
      '(div (title "T") (map (fn (x) (let ((y (list x))) (p "text" (map (fn (z) z) y)))) (range 30000)))',
    )
    const stream = runtime.streamHtml(form)
    let html = ''
    let pieces = 0
    let next = await stream.next()
    for (; !next.done; next = await stream.next()) {
      html += next.value
      pieces++
    }
    const whole = runtime.renderHtmlSync(form)
    expect(html).toBe(whole.html)
    expect(pieces).toBeGreaterThan(1)
    expect(next.value).toEqual({ head: whole.head, islands: [] })
  })
})

describe('URLs', () => {
  it.each([
    ['/', '/market', 'market/'],
    ['/', '/', './'],
    ['/market', '/market', './'],
    ['/market', '/', '../'],
    ['/market', '/img/a.svg', '../img/a.svg'],
    ['/posts/one', '/posts/two?x=1#y', '../two/?x=1#y'],
    ['/posts/one', '/posts', '../'],
    ['/posts', '/posts/one', 'one/'],
    ['/404.html', '/market', 'market/'],
    ['/market', '//cdn.example/x', '//cdn.example/x'],
    ['/market', 'https://a.example/', 'https://a.example/'],
    ['/market', '#top', '#top'],
    ['/a', '/a.png', '../a.png'],
    ['/x', '/?q=1', '../?q=1'],
  ])('on %s, %s is %s', (page, url, expected) => {
    expect(relativeTo(page)(url)).toBe(expected)
    if (url.startsWith('/') && !url.startsWith('//')) {
      const base = new URL(page.endsWith('.html') ? page : page.replace(/\/?$/, '/'), 'https://x.example')
      expect(new URL(expected, base).pathname.replace(/\/$/, '')).toBe(
        new URL(url, base).pathname.replace(/\/$/, ''),
      )
    }
  })

  it('are rewritten in URL attributes, and only there', () => {
    const runtime = createRuntime({ definitions: none })
    const form = readOne(
      '(div :title "/a" (a :href "/a" "/a") (img :src "/i.png" :srcset "/i.png 1x, /j.png 2x") (use :xlink:href "/s.svg#x") (form :action "/f"))',
    )
    expect(runtime.renderHtmlSync(form, undefined, { url: relativeTo('/p/q') }).html).toBe(
      '<div title="/a"><a href="../../a/">/a</a><img src="../../i.png" srcset="../../i.png 1x, ../../j.png 2x"><use xlink:href="../../s.svg#x"></use><form action="../../f/"></form></div>',
    )
  })
})
