// References: what is free after expansion, and laws that hold for any program (format §2).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { expand } from '../../src/lang/expand.ts'
import type { ExpandPorts, Home } from '../../src/lang/meaning.ts'
import { print } from '../../src/lang/printer.ts'
import { read, readOne } from '../../src/lang/reader.ts'
import { isDict, isList, Link, Ref, Sym, sym, type Value } from '../../src/lang/values.ts'
import { auxiliary, forms } from '../../src/lang/words.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { show, tinySite } from '../support/tiny-site.ts'

const site = () =>
  tinySite(`
    (define d1 (fn (x) x)) (define d2 (fn (x y) y))
    (defmacro swap (a b) \`(let ((tmp ,a)) (set! ,a ,b) (set! ,b tmp)))
    (defmacro my-or (a b) \`(let ((tmp ,a)) (if tmp tmp ,b)))
    (defmacro unless (test &rest body) \`(when (not ,test) (list ,@body)))
    (defmacro let-it (v body) \`(let ((,'it ,v)) ,body))
    (defmacro def (name v) \`(begin (define tmp ,v) (define ,name tmp)))
    (defmacro twice (x) \`(my-or ,x (unless tmp-free ,x)))
    (define tmp-free 1)`)

const locals = ['tmp', 'x', 'y', 'it', 'list', 'not', 'd1', 'unless']
const name = fc.constantFrom(...locals)
const usable = fc.constantFrom(
  ...locals.filter(one => one !== 'unless' && one !== 'it' && one !== 'tmp' && one !== 'x' && one !== 'y'),
  '1',
  '"s"',
  ':k',
  'nil',
)

/** Programs as text. Every one reads; names are bound more often than not. */
const { program } = fc.letrec<{ program: string }>(tie => {
  const p = tie('program') as fc.Arbitrary<string>
  const bound = fc.tuple(name, p).map(([n, e]) => `(fn (${n}) ${e})`)
  return {
    program: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      usable,
      bound,
      fc.tuple(p, p).map(([a, b]) => `(d2 ${a} ${b})`),
      fc.tuple(name, p, p).map(([n, a, b]) => `(let ((${n} ${a})) (list ${b} ${n}))`),
      fc.tuple(name, p, p).map(([n, a, b]) => `(let* [${n} ${a} x ${n}] (my-or x ${b}))`),
      fc
        .tuple(name, name, p)
        .map(([a, b, e]) => `(let ((${a} 1) (q ${e})) (let ((${b} 2)) (swap ${a} ${b}) (list ${a} ${b})))`),
      fc.tuple(p, p).map(([a, b]) => `(my-or ${a} ${b})`),
      fc.tuple(name, p).map(([n, b]) => `(fn (&key ${n} &rest more) (my-or ${n} ${b}) more)`),
      fc.tuple(p, p).map(([a, b]) => `(let-it ${a} (list it ${b}))`),
      fc.tuple(name, p, p).map(([n, a, b]) => `(fn () (def ${n} ${a}) (list ${b} ${n}))`),
      fc.tuple(name, p).map(([n, e]) => `(letrec ((${n} (fn () (${n} ${e})))) (${n}))`),
      fc.tuple(name, p, p).map(([n, a, b]) => `(match ${a} ((${n} _ {:k z}) (list z ${n} ${b})) (_ 1))`),
      fc.tuple(name, p, p).map(([n, a, b]) => `(guard (${n} (true ${n}) (else ${a})) ${b})`),
      fc.tuple(name, p).map(([n, e]) => `(let ${n} ((i ${e})) (when i (${n} i)))`),
      fc.tuple(name, p).map(([n, e]) => `(do ((${n} ${e} ${n})) ((= ${n} 1) ${n}) ${n})`),
      p.map(a => `(twice ${a})`),
      p.map(a => `(-> ${a} (my-or 2) list)`),
      p.map(a => `(quasiquote (tmp list (unquote ${a}) (quasiquote (unquote (tmp (unquote ${a}))))))`),
      p.map(a => `{:b ${a} :a (quote (list tmp))}`),
      p.map(a => `(unless ${a} ${a})`).filter(text => text.length < 400),
    ),
  }
})

const outcome = (text: string): { text: string; refs: string[]; body: Value } | string => {
  try {
    const { body, refs } = site().expression(text)
    return { text: show(body), refs: refs.map(ref => ref.name), body: body[0]! }
  } catch (error) {
    return (error as { code: string }).code
  }
}

const cid = 'bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
const linked = (form: Value): Value =>
  form instanceof Ref
    ? new Link(cid)
    : isList(form)
      ? form.map(linked)
      : isDict(form)
        ? new Map([...form].map(([key, item]) => [key, linked(item)]))
        : form

const bare: Home = { lookup: () => undefined, near: () => [] }
const runtime = createRuntime({ definitions: { find: () => undefined, load: async () => {} } })
const ports: ExpandPorts = { callMacro: runtime.callMacro, placeOf: () => undefined }

/** Every symbol of the program renamed, outside the words of the language and of the site. */
const renamed = (form: Value, from: string, to: string): Value =>
  form instanceof Sym
    ? form.name === from
      ? sym(to)
      : form
    : isList(form)
      ? form.map(item => renamed(item, from, to))
      : isDict(form)
        ? new Map([...form].map(([key, item]) => [key, renamed(item, from, to)]))
        : form

describe('laws of expansion', () => {
  it('most programs of the generator expand', () => {
    const results = fc.sample(program, { numRuns: 400, seed: 7 }).map(outcome)
    expect(results.filter(one => typeof one === 'object').length).toBeGreaterThan(200)
  })

  it('the same program expands to the same form', () => {
    fc.assert(
      fc.property(program, text => {
        expect(outcome(text)).toEqual(outcome(text))
      }),
      { numRuns: 300 },
    )
  })

  it('an expanded form, printed and read back with links for references, expands to itself', () => {
    fc.assert(
      fc.property(program, text => {
        const first = outcome(text)
        fc.pre(typeof first === 'object')
        const stored = print(linked(first.body))
        const again = expand({ kind: 'value', body: [readOne(stored)], stored: true }, bare, ports)
        expect(print(again.body[0]!)).toBe(stored)
        expect(again.refs).toEqual([])
        expect(again.warnings.filter(one => one.code === 'literal-name')).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('a stored form has no names with a mark but those counted from 1 in order of their binders', () => {
    fc.assert(
      fc.property(program, text => {
        const first = outcome(text)
        fc.pre(typeof first === 'object')
        const numbers = [...first.text.matchAll(/#(\d+)/g)].map(match => Number(match[1]))
        const all = new Set(numbers)
        expect([...all].sort((a, b) => a - b)).toEqual([...all].map((_, i) => i + 1))
      }),
      { numRuns: 300 },
    )
  })

  it('renaming a local variable to a fresh name changes that name only', () => {
    fc.assert(
      fc.property(program, fc.constantFrom('x', 'y', 'q', 'z', 'i', 'tmp'), (text, from) => {
        // Names that are nothing but local variables of the author's; `tmp` is one of every template's too.
        const before = outcome(text)
        fc.pre(typeof before === 'object')
        const after = outcome(print(renamed(readOne(text), from, 'fresh')))
        expect(after).toMatchObject({ refs: before.refs })
        const plain = (shown: string) =>
          shown.replace(new RegExp(`(?<![^\\s()'\`,@])${from}(?![^\\s(){}])`, 'g'), 'fresh')
        expect((after as { text: string }).text).toBe(plain(before.text))
      }),
      { numRuns: 500 },
    )
  })

  it('reading with brackets, comments and long quotes gives the same form', () => {
    fc.assert(
      fc.property(program, text => {
        const other = `; note\n${text.replace(/\((?=let|fn|match)/g, '( #;ignored ')}`
        expect(outcome(other)).toEqual(outcome(text))
      }),
      { numRuns: 200 },
    )
  })
})

describe('nonsense', () => {
  const words = [
    ...forms,
    ...auxiliary,
    'x',
    'y',
    'list',
    'div',
    'swap',
    'my-or',
    'def',
    'unless',
    'let-it',
    '.',
    'x#1',
  ]
  const atoms = fc.oneof(
    fc.constantFrom(...words).map(word => sym(word)),
    fc.constantFrom<Value>(
      1,
      'text',
      null,
      true,
      readOne(':else'),
      readOne(':value'),
      readOne(':as'),
      readOne(':effects'),
      new Link(cid),
    ),
  )
  const { form } = fc.letrec<{ form: Value }>(tie => ({
    form: fc.oneof(
      { depthSize: 'small' },
      atoms,
      fc.array(tie('form'), { maxLength: 5 }) as fc.Arbitrary<Value>,
      fc
        .tuple(fc.constantFrom(...forms), fc.array(tie('form'), { maxLength: 4 }))
        .map(([head, rest]) => [sym(head), ...(rest as Value[])]) as fc.Arbitrary<Value>,
      tie('form').map(one => new Map([['k', one as Value]])) as fc.Arbitrary<Value>,
    ),
  }))
  it('is expanded or refused with a code, never by accident; what is expanded stays so', () => {
    let passed = 0
    fc.assert(
      fc.property(form, nonsense => {
        const one = site()
        let expanded: Value[]
        try {
          const { body } = expand({ kind: 'component', params: [], body: [nonsense] }, one.home, one.ports)
          passed++
          expanded = body.map(linked)
        } catch (error) {
          if (!(error instanceof SxError)) throw error
          expect(error.code).toMatch(/^(syntax-form|syntax-reserved|unknown-name|macro-failed|macro-limit)$/)
          return
        }
        const again = expand({ kind: 'component', params: [], body: expanded, stored: true }, bare, ports)
        expect(again.body).toEqual(expanded)
      }),
      { numRuns: 5000 },
    )
    expect(passed).toBeGreaterThan(100)
  })
})

describe('what expanded programs do', () => {
  const run = (definitions: string, source: string) =>
    runtime.evaluateSync(tinySite(definitions).expression(source).body[0]!)
  it.each([
    [
      '(defmacro swap (a b) `(let ((tmp ,a)) (set! ,a ,b) (set! ,b tmp)))',
      '(let ((tmp 1) (other 2)) (swap tmp other) (list tmp other))',
      [2, 1],
    ],
    ['(defmacro my-or (a b) `(let ((t1 ,a)) (if t1 t1 ,b)))', '(let ((t1 5)) (my-or false t1))', 5],
    [
      '(defmacro my-or (a b) `(let ((t1 ,a)) (if t1 t1 ,b)))',
      '((fn (&key t1 not) (my-or false not)) :not 7)',
      7,
    ],
    ['(defmacro unless (a &rest b) `(when (not ,a) ,@b))', '((fn (&key not) (unless false not)) :not 7)', 7],
    [
      '(defmacro unless (a &rest b) `(when (not ,a) ,@b))',
      '(let ((not (fn (x) x))) (unless (not false) (not 3)))',
      3,
    ],
    [
      '(defmacro while (t &rest body) `(let loop () (when ,t ,@body (loop))))',
      '(let ((loop 0)) (while (< loop 5) (set! loop (+ loop 1))) loop)',
      5,
    ],
    [
      '(defmacro def2 (a b v) `(begin (define both ,v) (define ,a both) (define ,b both)))',
      '((fn (both) (def2 x y 2) (list both x y)) 1)',
      [1, 2, 2],
    ],
    ["(defmacro aif (t a b) `(let ((,'it ,t)) (if ,'it ,a ,b)))", '(aif (+ 1 2) (+ it it) 0)', 6],
    [
      '(defmacro times (n e) `(do ((i 0 (+ i 1)) (acc (list) (append acc (list ,e)))) ((= i ,n) acc)))',
      '(let ((i 7) (acc 3)) (times 2 (list i acc)))',
      [
        [7, 3],
        [7, 3],
      ],
    ],
    ['', '(as-> 5 x (+ x 1) (* x x))', 36],
    ['', '(->> (list 1 2 3) (map inc) (reduce + 0))', 9],
    [
      '',
      '((fn (n) (define (ev n) (if (= n 0) true (od (- n 1)))) (define (od n) (if (= n 0) false (ev (- n 1)))) (ev n)) 10)',
      true,
    ],
  ] as const)('%s %s', (definitions, source, result) => {
    expect(run(definitions, source)).toEqual(result)
  })
})

describe('references', () => {
  it('stand in order of first occurrence, each once', () => {
    const { refs } = tinySite('(define b1 1) (define a1 2)').expression('(list b1 a1 b1 {:z b1 :a a1})')
    expect(refs.map(ref => ref.name)).toEqual(['b1', 'a1'])
  })
  it('prefer definitions to exports, exports to primitives', () => {
    const one = tinySite('(define str 1) (define x1 2)', { lib: ['x1', 'get'] })
    expect(show(one.expression('(list str x1 get len)').body)).toBe('(list @str @x1 @lib#get len)')
  })
  it('take links from the author, in evaluated positions', () => {
    const text = `(@h:${cid} :title @x:${cid}#tw \`(a (unquote @h:${cid})))`
    const { body, refs } = tinySite('').expression(text)
    expect(print(body[0]!)).toBe(print(read(text).forms[0]!))
    expect(refs).toEqual([])
  })
})
