// sx check: what a build finds, what it doesn't look for, and nothing stored.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createRealSite, type RealSite } from '../support/run-real.ts'

let site: RealSite
afterEach(() => site.remove())

interface Found {
  readonly code: string
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly hint?: string
  readonly related?: readonly { readonly note: string; readonly line: number }[]
}
const check = async (
  files: Record<string, string>,
  ...more: string[]
): Promise<{ status: number; errors: Found[]; warnings: Found[] }> => {
  site = createRealSite(files)
  const { status, out } = await site.run(['check', '--json', ...more])
  expect(existsSync(join(site.folder, '.store'))).toBe(false)
  return { status, ...JSON.parse(out) }
}
const brief = (all: readonly Found[]): string[] =>
  all.map(one => `${one.line}:${one.column} ${one.code} ${one.message}`)
const home = (content: string): string => `(defpage home :path "/" :title "x" :content ${content})`

describe('sx check', () => {
  it('finds nothing in a good site', async () => {
    const { status, errors, warnings } = await check({
      'a.sx': `(defcomp ~a (&key t &rest children) (p t children))\n${home('(~a :t "x" "y")')}`,
    })
    expect({ status, errors, warnings }).toEqual({ status: 0, errors: [], warnings: [] })
  })

  it('tells all that a build would: unknown and duplicate names, two pages of one route', async () => {
    const { status, errors } = await check({
      'src/a.sx': `(define f (fn (x) (gone x)))\n(define f 2)\n(defpage a :path "/x/<a>" :title "x" :content a)\n(defpage b :path "/x/<b>" :title "x" :content (frob b))`,
    })
    expect(status).toBe(1)
    expect(errors.map(one => [one.file, one.line, one.code])).toEqual([
      ['src/a.sx', 1, 'unknown-name'],
      ['src/a.sx', 2, 'duplicate-name'],
      ['src/a.sx', 4, 'duplicate-name'],
      ['src/a.sx', 4, 'unknown-name'],
    ])
  })

  it('tells all texts that can’t be read', async () => {
    const { status, errors } = await check({ 'a.sx': '(f', 'b.sx': '"x' })
    expect([status, ...errors.map(one => `${one.file} ${one.code}`)]).toEqual([
      1,
      'a.sx read-syntax',
      'b.sx read-syntax',
    ])
  })

  it('checks calls against the definition, and says where that is', async () => {
    const { status, errors } = await check({
      'a.sx': [
        '(defcomp ~card (&key title) (p title))',
        '(define two (fn (a b) (+ a b)))',
        '(define (some-of a &rest b) (list a b))',
        home('(<> (~card :titel "x") (~card "x") (two 1) (some-of) (upper "a" "b") (two 1 2) (some-of 1 2))'),
      ].join('\n'),
    })
    expect(status).toBe(1)
    expect(brief(errors)).toEqual([
      '4:49 unknown-keyword ~card takes no keyword :titel',
      '4:68 call-arity ~card takes 0 arguments beside its keywords, not 1',
      '4:80 call-arity two takes 2 arguments, not 1',
      '4:88 call-arity some-of takes at least 1 argument, not 0',
      '4:98 call-arity upper takes 1 argument, not 2',
    ])
    expect(errors[0]).toMatchObject({
      hint: 'did you mean :title?',
      related: [{ note: '~card is defined here', line: 1 }],
    })
  })

  it('tells of a :ref on an element, rendered or not, and lets components and functions have one', async () => {
    const { status, errors } = await check({
      'a.sx': [
        '(defcomp ~ref (&key ref) (p ref))',
        '(define inner (fn (input) (input :ref 1)))',
        home('(<> (~ref :ref "x") (when false (input\n :ref (signal nil))))'),
      ].join('\n'),
    })
    expect(status).toBe(1)
    expect(brief(errors)).toEqual(['3:77 unknown-keyword <input> takes no :ref'])
  })

  it('checks calls inside macros, threading and libraries, and of exports', async () => {
    const { errors } = await check({
      'lib.sx':
        '(define-library (my lib) (export shout) (import) (begin\n(define loud (fn (s) (upper s)))\n(define shout (fn (s) (loud s 1)))))',
      'a.sx': `(defmacro twice (x) \`(list ,x ,x))\n(define f (fn (x) (-> x (shout 2))))\n${home('(twice (f))')}`,
    })
    expect(errors.map(one => `${one.file} ${one.line} ${one.message}`)).toEqual([
      'a.sx 2 shout takes 1 argument, not 2',
      'a.sx 3 f takes 1 argument, not 0',
      'lib.sx 3 loud takes 1 argument, not 2',
    ])
  })

  it('knows a local of the same name from the definition', async () => {
    const { errors } = await check({
      'a.sx': `(define f (fn (x) x))\n${home('(let ((f (fn () 1))) (f))')}`,
    })
    expect(errors).toEqual([])
  })

  it('warns of keywords that are given twice, or left out though they are typed without `?`', async () => {
    const { status, warnings } = await check({
      'a.sx': `(defcomp ~a (&key (t :as string) (u :as string?) v) (p t u v))\n${home('(<> (~a) (~a :t "x" :v 1 :v 2))')}`,
    })
    expect(status).toBe(0)
    expect(brief(warnings)).toEqual([
      '2:49 missing-keyword ~a is called without :t, which is then nil',
      '2:54 duplicate-keyword :v is given twice to ~a',
    ])
  })

  it('compares literals with declared types in strict mode only', async () => {
    const files = {
      'a.sx': `(defcomp ~a (&key (t :as string) (n :as number?) (m :as markup)) (p t n m))\n${home('(<> (~a :t 1 :n nil :m 3) (~a :t (str 1) :n "2" :m "x") (~a :t nil :m {}))')}`,
    }
    expect((await check(files)).errors).toEqual([])
    site.remove()
    expect(brief((await check(files, '--strict')).errors)).toEqual([
      '2:49 wrong-type :t of ~a is string, not 1',
      '2:71 wrong-type :n of ~a is number?, not "2"',
      '2:101 wrong-type :t of ~a is string, not nil',
      '2:101 wrong-type :m of ~a is markup, not {}',
    ])
  })

  it('shows the call of a macro and what it expands to, where what it made is wrong', async () => {
    const files = {
      'a.sx': `(defcomp ~a (&key title) (p title))\n(defmacro mk (x) \`(~a :titel ,x))\n${home('(mk 1)')}`,
    }
    const { errors } = await check(files)
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'unknown-keyword',
        line: 3,
        call: '(mk 1)',
        expansion: '(~a :titel 1)',
      }),
    ])
    const { out } = await site.run(['check'])
    expect(out).toContain('  in the expansion of `mk`\n  the call    (mk 1)\n  expands to  (~a :titel 1)\n')
    site.write({ 'a.sx': `(defmacro mk (x) \`(frob ,x))\n${home('(mk 1)')}` })
    expect((await site.run(['check'])).out).toContain('  the call    (mk 1)\n  expands to  (frob 1)\n')
  })

  it('looks for types that are none and for effects that are missing in strict mode, which the configuration may ask for', async () => {
    const files = {
      'sx.config.json': '{"strict": true}',
      'src/a.sx': `(deftype slug strng)\n(deftype list any)\n(deftype post {:slug slug :to (list post)})\n(define (f (s :as slg) (p :as post?)) s)\n(defeffect shop)\n(define (buy) :effects (shop) 1)\n(define (by-way) (buy))\n(define (calm) :effects () (by-way))\n(define (open) :effects (shop) (buy))\n${home('(p (calm) (open) (f "a" {:slug 1}))')}`,
    }
    const found = brief((await check(files)).errors)
    expect(found).toEqual([
      '1:1 unknown-type no type is named strng',
      '2:1 unknown-type list is a type of the language’s own',
      '4:1 unknown-type no type is named slg',
      '8:1 effect-undeclared calm refers to by-way, which has the effect shop',
      expect.stringContaining('wrong-type p of f is post?, not {:slug 1}'),
    ])
  })

  it('warns of definitions that no page reaches, but for names with _ and what a host runs', async () => {
    const { warnings } = await check({
      'a.sx': `(define used 1)\n(define unused (fn () also-unused))\n(define also-unused 2)\n(define _kept 3)\n(defmacro m () 'used)\n(defmacro n () 1)\n(defquery find () (helper))\n(define helper (fn () 1))\n${home('(p (m) used)')}`,
    })
    expect(brief(warnings)).toEqual([
      '2:1 unused-definition no page reaches unused',
      '3:1 unused-definition no page reaches also-unused',
      '6:1 unused-definition no page reaches n',
    ])
    site.remove()
    // Definitions for others to use.
    expect((await check({ 'a.sx': '(define f (fn (x) x))' })).warnings).toEqual([])
  })

  it('warns of what a library neither exports nor uses', async () => {
    const { warnings } = await check({
      'a.sx':
        ';; @client\n(define-library (l) (export aa) (import) (begin (define aa (fn () (bb))) (define bb (fn () 1)) (define cc (fn () (cc)))))',
    })
    expect(brief(warnings)).toEqual(['2:96 unused-definition cc is neither exported nor used in its library'])
  })

  it('warns of parameters and locals that are never used, where there is something to mend', async () => {
    const { warnings } = await check({
      'a.sx': [
        '(defcomp ~a (&key used (typed :as string?) &rest children) (p used))',
        '(define f (fn (before used after) used))',
        '(define (k x y) x)',
        '(define h (fn (_x) (map (fn (i) 1) (let ((a 1) (_b 2) (c 3)) (define d (fn () c)) (list c)))))',
        '(defmacro each (b &rest body) `(map (fn (,(first b)) ,@body) ,(nth b 1)))',
        home('(<> (~a :used 1 :typed "x") (f 1 2 3) (k 1 2) (h 1) (each (x (list 1)) (p x)))'),
      ].join('\n'),
    })
    expect(brief(warnings)).toEqual([
      '1:24 unused-parameter ~a never uses its parameter typed',
      '1:50 unused-parameter ~a never uses its parameter children',
      '2:28 unused-parameter f never uses its parameter after',
      '3:14 unused-parameter k never uses its parameter y',
      '4:43 unused-local a is never used',
      '4:70 unused-local d is never used',
    ])
  })

  it('warns of islands that reach host words, and says the way', async () => {
    const { status, warnings } = await check({
      'a.sx': `(define who (fn () (current-user)))\n(defcomp ~name () (p (who)))\n(defisland ~i () (~name))\n(defisland ~pure () (p 1))\n${home('(<> (~i) (~pure))')}`,
    })
    expect(status).toBe(0)
    expect(warnings).toEqual([
      expect.objectContaining({
        code: 'impure-island',
        line: 3,
        hint: expect.stringContaining('~i → ~name → who → current-user'),
      }),
    ])
  })

  it('shows carets and a sum to people', async () => {
    site = createRealSite({ 'a.sx': `(define f (fn (x) x))\n${home('(f)')}` })
    const { status, out, err } = await site.run(['check'])
    expect(status).toBe(1)
    expect(out).toBe(
      'error a.sx:2:45: f takes 1 argument, not 0\n' +
        `  ${home('(f)')}\n${' '.repeat(46)}^\n` +
        'a.sx:1:1: f is defined here\n  (define f (fn (x) x))\n  ^\n  hint: it is called (f x)\n',
    )
    expect(err).toMatch(/^1 error, 0 warnings · 1 definition of 1 file · \d+ ms\n$/)
  })

  it('finds mistakes in calls even where other things are wrong', async () => {
    const { errors } = await check({ 'a.sx': `(define f (fn (x) (frob x)))\n${home('(f)')}` })
    expect(errors.map(one => one.code).sort()).toEqual(['call-arity', 'unknown-name'])
  })

  it('takes 10,000 definitions in about a second of processor time', async () => {
    const files: Record<string, string> = {}
    for (let f = 0; f < 100; f++)
      files[`f${f}.sx`] = Array.from({ length: 100 }, (_, i) => {
        const n = f * 100 + i
        return `(define f${n} (fn (x) (let ((y (inc x))) (if (> y 3) (str y) ${n > 1 ? `(f${n - 2} y)` : 'y'}))))`
      }).join('\n')
    files['home.sx'] = home('(f9999 1)')
    const before = process.cpuUsage()
    const { errors } = await check(files)
    const { user, system } = process.cpuUsage(before)
    expect(errors).toEqual([])
    expect((user + system) / 1000).toBeLessThan(4000)
  })
})
