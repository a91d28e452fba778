// sx eval and sx repl: values, errors, definitions that live on, and a site's own definitions.
import { afterEach, describe, expect, it } from 'vitest'
import { createRealSite, type RealSite } from '../support/run-real.ts'

const files = {
  'sx.config.json': '{}',
  'src/card.sx':
    '; A card.\n(defcomp ~card (&key title &rest children) (article (h2 title) children))\n(define greet (fn (x) (str "Hi " x)))\n(define loud (fn (x) (upper (greet x))))',
  'src/macros.sx': '(defmacro unless (test &rest body) `(when (not ,test) ,@body))',
}
let site: RealSite
afterEach(() => site.remove())
const evaluate = (expr: string, ...more: string[]) => {
  site = createRealSite()
  return site.run(['eval', expr, ...more])
}

describe('sx eval', () => {
  it.each([
    ['(map inc (list 1 2 3))', '(2 3 4)'],
    ['"a\\nb"', '"a\\nb"'],
    ['{:b 1 :a (list)}', '{:a () :b 1}'],
    [':k', '"k"'],
    ['(quote (a :b #\\c))', '(a :b #\\c)'],
    ['nil', 'nil'],
    ['inc', '<lambda>'],
    ['(list 1 (fn (x) x))', '(1 <lambda>)'],
    ['(define f (fn (x) (* x 2))) (f 4)', '8'],
    ["(defmacro twice (x) `(list ,x ,x)) (twice 'a)", '(a a)'],
    ['(deref (signal 3))', '3'],
  ])('%s is %s', async (expr, value) => {
    const { status, out } = await evaluate(expr)
    expect({ status, out }).toEqual({ status: 0, out: `${value}\n` })
  })

  it('compares arguments with declared types when it is told to', async () => {
    const form = '((fn ((a :as string)) a) 1)'
    expect(await evaluate(form)).toMatchObject({ status: 0, out: '1\n' })
    site.remove()
    expect(await evaluate(form, '--strict')).toMatchObject({
      status: 1,
      err: expect.stringContaining('fn takes a as string, not 1'),
    })
  })

  it('exits 1 with the error and its place', async () => {
    expect(await evaluate('(list 1\n  (frob 2))')).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringMatching(/^error expression:2:4: `frob` is not defined\n {4}\(frob 2\)\)\n {5}\^\n/),
    })
    site.remove()
    expect((await evaluate('(first 1')).status).toBe(1)
    site.remove()
    const { status, err } = await evaluate('(upper 1)', '--json')
    expect([status, JSON.parse(err).error]).toEqual([1, 'eval-failed'])
  })

  it('stops what does not end', async () => {
    const { status, err } = await evaluate('(define f (fn (x) (+ 1 (f x)))) (f 1)')
    expect(status).toBe(5)
    expect(err).toContain('limit')
  })

  it('renders markup with --html, and says so without', async () => {
    expect((await evaluate('(p :class "x" "<" (b 1))', '--html')).out).toBe('<p class="x">&lt;<b>1</b></p>\n')
    site.remove()
    expect(await evaluate('(p 1)')).toEqual({ status: 0, out: '<markup>\n', err: '--html renders it\n' })
  })

  it('uses a site’s definitions in its folder, and stores nothing', async () => {
    site = createRealSite(files)
    expect((await site.run(['eval', '(unless false (greet "Ada"))'])).out).toBe('"Hi Ada"\n')
    expect((await site.run(['eval', '--html', '(~card :title "T" "x")'])).out).toBe(
      '<article><h2>T</h2>x</article>\n',
    )
    expect((await site.run(['eval', '1', '--dir', 'nowhere'])).status).toBe(3)
  })

  it('reads standard input with -', async () => {
    site = createRealSite()
    expect((await site.run(['eval', '-'], '(define x 1)\n(+ x 1) ; two')).out).toBe('2\n')
    expect(JSON.parse((await site.run(['eval', '-', '--json'], '(+ 1 1)')).out)).toEqual({ value: '2' })
  })
})

describe('sx repl in a pipe', () => {
  const repl = (...lines: string[]) => site.run(['repl'], lines.map(line => `${line}\n`).join(''))

  it('prints results only, and takes forms of several lines', async () => {
    site = createRealSite()
    expect(
      await repl('(define f', '  (fn (x)', '    (* x 2)))', '(f 4) "a', 'b"', '', '; no form', '(p (f 1))'),
    ).toEqual({
      status: 0,
      out: '8\n"a\\nb"\n<p>2</p>\n',
      err: '',
    })
  })

  it('goes on after an error, shows it with a caret, and exits 1', async () => {
    site = createRealSite()
    const { status, out, err } = await repl('(define x 1)', '(frob x)', '(+ x 1)', ')', '(+ x 2')
    expect({ status, out }).toEqual({ status: 1, out: '2\n' })
    expect(err).toContain('repl:1:2: `frob` is not defined\n  (frob x)\n   ^')
    expect(err).toContain(') closes nothing')
    expect(err).toContain('never closed')
  })

  it('lets a definition take the place of an earlier one, also of the site’s', async () => {
    site = createRealSite(files)
    const { out, err } = await repl(
      '(loud "x")',
      '(define greet (fn (x) (str "Yo " x)))',
      '(loud "x")',
      '(define greet (fn (x) x))',
      '(loud "x")',
      '(define greet (fn (x) (frob x)))',
      '(loud "y")',
    )
    expect(out).toBe('"HI X"\n"YO X"\n"X"\n"Y"\n')
    expect(err).toContain('frob')
  })

  it('knows :doc, :expand, :help and :quit', async () => {
    site = createRealSite(files)
    const { out, err } = await repl(
      ':doc ~card',
      ':doc shout',
      ':doc when',
      ':expand (unless a 1)',
      ':expand (unless true (greet 1))',
      ':help',
      ':quit',
      '(frob)',
    )
    expect(out).toContain('(~card &key title &rest …)  component\nA card.\ncard.sx:2\n')
    expect(out).toContain('(when test expr…)  form\n')
    expect(out).toContain('(when (not true) (greet 1))\n')
    expect(out).toContain(':doc name')
    expect(err).not.toContain('frob')
  })

  it('goes on without a site that has errors', async () => {
    site = createRealSite({ 'sx.config.json': '{}', 'a.sx': '(define a (frob))' })
    const { out, err, status } = await repl('(+ 1 2)')
    expect({ out, status }).toEqual({ out: '3\n', status: 1 })
    expect(err).toContain('frob')
  })
})
