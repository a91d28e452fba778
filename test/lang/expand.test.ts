// Expansion as its callers see it: limits, errors with places, macros prepared for storage, libraries, pages.
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { expand, expandMacro } from '../../src/lang/expand.ts'
import type { ExpandPorts, Home, MacroDefinition } from '../../src/lang/meaning.ts'
import { print } from '../../src/lang/printer.ts'
import { read, readOne } from '../../src/lang/reader.ts'
import { Link, type List, Ref, Sym, sym, type Value } from '../../src/lang/values.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { show, tinySite } from '../support/tiny-site.ts'

const failure = (work: () => unknown): SxError => {
  try {
    work()
  } catch (error) {
    if (error instanceof SxError) return error
    throw error
  }
  throw new Error('it did not fail')
}

const cid = 'bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
const nest = (depth: number, around: (inner: Value) => Value): Value => {
  let form: Value = 1
  for (let i = 0; i < depth; i++) form = around(form)
  return form
}
const empty: Home = { lookup: () => undefined, near: () => [] }
const ports: ExpandPorts = {
  callMacro: createRuntime({ definitions: { find: () => undefined, load: async () => {} } }).callMacro,
  placeOf: () => undefined,
}
const value = (form: Value) => expand({ kind: 'value', body: [form] }, empty, ports)

describe('depth', () => {
  const shapes: Record<string, (inner: Value) => Value> = {
    call: inner => [sym('list'), inner],
    fn: inner => [sym('fn'), [], inner],
    let: inner => [sym('let'), [[sym('x'), inner]], sym('x')],
    'let*': inner => [sym('let*'), [[sym('x'), inner]], sym('x')],
    letrec: inner => [sym('letrec'), [[sym('x'), inner]], sym('x')],
    body: inner => [sym('let'), [], [sym('define'), sym('x'), inner]],
    begin: inner => [sym('begin'), inner],
    'begin in a body': inner => [sym('begin'), [sym('fn'), [], [sym('begin'), inner]]],
    cond: inner => [sym('cond'), [inner, inner]],
    case: inner => [sym('case'), 1, [[1], inner]],
    match: inner => [sym('match'), 1, [sym('_'), inner]],
    guard: inner => [sym('guard'), [sym('e'), [inner, 1]], 1],
    do: inner => [sym('do'), [[sym('i'), inner]], [true], 1],
    thread: inner => [sym('->'), inner, sym('list')],
    dict: inner => new Map([['a', inner]]),
    quote: inner => [sym('quote'), inner],
    data: inner => [sym('quote'), [inner]],
    template: inner => [sym('quasiquote'), inner],
    unquote: inner => [sym('quasiquote'), [sym('unquote'), inner]],
    scope: inner => [sym('scope'), sym('s'), inner],
  }
  for (const [name, around] of Object.entries(shapes)) {
    // cond mentions its inner form twice: deep enough is 2^depth of work, so its test is only the outer one.
    const once = name === 'cond' ? (inner: Value): Value => [sym('cond'), [inner, 1]] : around
    it(`${name}: nested 100,000 deep is a clean error`, () => {
      expect(failure(() => value(nest(100_000, once))).code).toBe('read-limit')
    })
    it(`${name}: what a block can hold passes`, () => {
      // A block's 512 levels are lists; forms of several lists reach that with fewer forms.
      const lists = (form: Value): number =>
        Array.isArray(form)
          ? 1 + Math.max(0, ...form.map(lists))
          : form instanceof Map
            ? 1 + Math.max(...[...form.values()].map(lists))
            : 0
      const each = lists(once(1))
      expect(() => value(nest(Math.floor(508 / each), once))).not.toThrow()
    })
  }
  it('patterns and parameter types nested 100,000 deep are a clean error', () => {
    const deep = nest(100_000, inner => [inner])
    for (const form of [
      [sym('match'), 1, [deep, 1]],
      [sym('fn'), [[sym('x'), readOne(':as'), deep]], 1],
      [sym('case'), 1, [[deep], 1]],
    ] as Value[])
      expect(failure(() => value(form)).code).toBe('read-limit')
  })
})

describe('limits of macros', () => {
  it('says which macros need each other without end', () => {
    const site = tinySite('(defmacro m1 (x) `(m2 ,x))\n(defmacro m2 (x) `(m1 ,x))')
    const error = failure(() => site.expression('(list (m1 1))'))
    expect(error.code).toBe('macro-limit')
    expect(error.message).toContain('m1 → m2 → m1')
    expect(error.detail.place).toMatchObject({ file: 'expression.sx', line: 1, column: 7 })
    expect((error.detail.chain as string[]).length).toBeLessThan(12)
  })
  it('stops an expansion that grows faster than it nests', () => {
    const site = tinySite('(defmacro m (&rest xs) `(m ,@xs ,@xs))')
    expect(failure(() => site.expression('(m 1 2 3)')).code).toBe('macro-limit')
  })
  it('stops a macro that computes without end', () => {
    const site = tinySite('(defmacro m () (let loop () (loop)))')
    const error = failure(() => site.expression('(m)'))
    expect(error.code).toBe('macro-limit')
  })
  it('lets 300 calls stand in each other', () => {
    const site = tinySite('(defmacro m (n) (if (= n 0) 0 `(+ 1 (m ,(- n 1)))))')
    expect(print(site.expression('(m 300)').body[0]!)).toContain('(+ 1 (+ 1 0')
  })
  it('lets the author write 2,000 calls beside each other, and 5,000 calls that end at once', () => {
    const site = tinySite('(defmacro m (x) `(list ,x))')
    expect(site.expression(`(list ${'(m 1) '.repeat(2000)})`).body).toHaveLength(1)
  })
  it('takes limits from the caller', () => {
    const site = tinySite('(defmacro m (x) `(list ,x))', {}, { expansions: 2 })
    expect(() => site.expression('(list (m 1) (m 2))')).not.toThrow()
    expect(failure(() => site.expression('(list (m 1) (m 2) (m 3))')).code).toBe('macro-limit')
  })
})

describe('errors', () => {
  it('in an expansion show the call, the expansion, and each macro on the way', () => {
    const site = tinySite('(defmacro inner (x) `(no-such ,x))\n(defmacro outer (x) `(list (inner ,x)))')
    const error = failure(() => site.expression('(list\n  (outer 1))'))
    expect(error.code).toBe('unknown-name')
    expect(error.detail).toMatchObject({
      name: 'no-such',
      call: '(inner 1)',
      expansion: '(no-such 1)',
      place: { file: 'expression.sx', line: 2, column: 3 },
      related: [{ note: 'in the expansion of `outer`', place: { line: 2, column: 3 } }],
    })
  })
  it('in what the caller wrote point there, also inside a macro call', () => {
    const site = tinySite('(defmacro unless (test &rest body) `(when (not ,test) ,@body))')
    const error = failure(() => site.expression('(unless (list\n  (no-such 1)) 2)'))
    expect(error.detail.place).toMatchObject({ line: 2, column: 4 })
  })
  it('of a macro itself carry its words and the call', () => {
    const site = tinySite('(defmacro m (x) (error (str "bad: " x)))')
    const error = failure(() => site.expression('(list (m 5))'))
    expect(error.code).toBe('macro-failed')
    expect(error.message).toContain('bad: 5')
    expect(error.detail).toMatchObject({ call: '(m 5)', place: { line: 1, column: 7 } })
  })
  it('suggest near misses: locals, words, definitions', () => {
    const site = tinySite('(define greeting 1)')
    const near = (source: string) => failure(() => site.expression(source)).detail.near
    expect(near('(fn (customer) (list custmer))')).toContain('customer')
    expect(near('(lst 1)')).toContain('list')
    expect(near('(gre 1)')).toContain('greeting')
    expect(near('(wehn 1)')).toContain('when')
  })
  it('name the usage of a form', () => {
    expect(failure(() => value(readOne('(if 1)'))).detail.hint).toBe('it is written (if test then else?)')
  })
  it('of ambiguous names get the place of the use', () => {
    const site = tinySite('', { one: ['x1'], two: ['x1'] })
    const error = failure(() => site.expression('(list x1)'))
    expect(error).toMatchObject({ code: 'ambiguous-name', detail: { place: { line: 1, column: 7 } } })
  })
  it('survive forms that no text stands for', () => {
    const site = tinySite('(defmacro m () (list (fn () 1) 2))')
    expect(failure(() => site.expression('(m)')).code).toBe('macro-failed')
  })
})

describe('a macro prepared for storage', () => {
  const site = tinySite(`
    (define helper (fn (x) x))
    (define used 1)
    (defmacro inner (x) \`(list ,x))
    (defmacro m (a1 &rest more)
      (let ((n1 (helper (list a1))))
        (if (empty? more) (inner n1) \`(let ((t1 (used ,n1))) (inner t1) (m t1 'used ,@more) (div t1)))))`)
  it('has its code expanded and its templates as written', () => {
    const { params, body } = site.macro('m')
    expect(show(params)).toBe('a1 &rest more')
    expect(show(body)).toBe(
      "(let ((n1 (@helper (list a1)))) (if (empty? more) (list n1) `(let ((t1 (used ,n1))) (inner t1) (m t1 'used ,@more) (div t1))))",
    )
  })
  it('refers to what its code uses, and says what names in templates mean', () => {
    const { refs, templateRefs, macros } = site.macro('m')
    expect(refs.map(ref => ref.name)).toEqual(['helper'])
    expect([...templateRefs.keys()].sort()).toEqual(['inner', 'm', 'used'])
    expect(templateRefs.get('used')).toEqual(new Ref('used'))
    expect([...macros]).toEqual(['inner'])
  })
  it('carries no marks in what is stored', () => {
    const marks: number[] = []
    const walk = (form: Value): void => {
      if (form instanceof Sym) marks.push(form.mark)
      else if (Array.isArray(form)) for (const item of form as List) walk(item)
    }
    for (const form of site.macro('m').body) walk(form)
    expect(new Set(marks)).toEqual(new Set([0]))
  })
  it('expands the same once it is stored, its home made of its templateRefs', () => {
    const stored = site.macro('m')
    const links = new Map([...stored.templateRefs].map(([name]) => [name, new Link(cid)]))
    const home: Home = {
      lookup: name => (links.has(name) ? { kind: 'link', link: links.get(name)! } : undefined),
      near: () => [],
    }
    const foreign: MacroDefinition = {
      name: 'm',
      params: read(`(${show(stored.params)})`).forms[0] as List,
      // Its code called `helper`, which has no CID here: any function will do.
      body: read(show(stored.body).replace('@helper', 'first')).forms,
      home,
      stored: true,
    }
    const user: Home = {
      lookup: name => (name === 'm' ? { kind: 'macro', macro: foreign } : undefined),
      near: () => [],
    }
    const result = expand({ kind: 'value', body: [readOne('(fn (used t1) (m used t1))')] }, user, ports)
    expect(print(result.body[0]!)).toBe(
      `(fn (used t1) (let ((t1#1 (@h:${cid} used))) (@h:${cid} t1#1) (@h:${cid} t1#1 'used t1) (div t1#1)))`,
    )
  })
  it('may have hygienic names in its own code', () => {
    const one = tinySite(
      '(defmacro my-or (a1 b1) `(let ((t1 ,a1)) (if t1 t1 ,b1)))\n(defmacro m (t1) (my-or nil t1))',
    )
    expect(show(one.macro('m').body)).toBe('(let ((t1#1 nil)) (if t1#1 t1#1 t1))')
    expect(show(one.expression('(m 5)').body)).toBe('5')
  })
  it('may make its template by another macro, whose symbols stay apart', () => {
    const one = tinySite(
      '(defmacro wrapping (x) (list (quote quasiquote) `(let ((t1 1)) (list t1 ,x))))\n(defmacro m (t1) (wrapping ,t1))\n(defmacro n () (wrapping t1))',
    )
    expect(show(one.expression('(fn (t1) (m t1))').body)).toBe('(fn (t1) (let ((t1#1 1)) (list t1#1 t1)))')
    // The inner t1 was written in n, the binder in `wrapping`: two names.
    expect(failure(() => one.expression('(n)')).code).toBe('unknown-name')
  })
  it('is refused when its code is not pure, with a hint', () => {
    const one = tinySite('(defmacro m () (signal 1))')
    expect(failure(() => one.macro('m'))).toMatchObject({
      code: 'macro-failed',
      detail: { hint: expect.any(String) },
    })
  })
})

describe('a library', () => {
  const forms = (text: string) => read(text, 'lib.sx').forms
  const library = (text: string, home: Home = empty) => {
    const body = forms(text)
    const names = new Set(
      body.map(form => {
        const target = (form as List)[1]!
        return (Array.isArray(target) ? (target[0] as Sym) : (target as Sym)).name
      }),
    )
    return expand({ kind: 'library', body, names }, home, ports)
  }
  it('keeps its own names as symbols, and refers to imports', () => {
    const home: Home = {
      lookup: name => (name === 'shout' ? { kind: 'export', library: 'rose', name } : undefined),
      near: () => [],
    }
    const { body, refs } = library('(define a1 (fn (x) (b1 x)))\n(define (b1 y) (shout (a1 y)))', home)
    expect(show(body)).toBe('(define a1 (fn (x) (b1 x))) (define b1 (fn (y) (@rose#shout (a1 y))))')
    expect(refs).toEqual([new Ref('shout', 'rose')])
  })
  it('may define a primitive anew, for itself', () => {
    expect(show(library('(define inc (fn (x) (+ x 2)))\n(define a1 (inc 1))').body)).toContain(
      '(define a1 (inc 1))',
    )
  })
  it('never changes a definition', () => {
    expect(failure(() => library('(define a1 1)\n(define (b1) (set! a1 2))')).code).toBe('syntax-form')
  })
  it('holds defines only', () => {
    expect(
      failure(() => expand({ kind: 'library', body: forms('(list 1)'), names: new Set() }, empty, ports))
        .code,
    ).toBe('not-a-definition')
  })
  it('uses macros of its own, whose templates mean its own names', () => {
    const home: Home = {
      lookup: name => (name === 'm' ? { kind: 'macro', macro } : undefined),
      near: () => [],
    }
    const macro: MacroDefinition = { name: 'm', params: [sym('x')], body: forms('`(b1 ,x)'), home }
    const { body } = library('(define (a1 b1) (m b1))\n(define b1 1)', home)
    expect(show(body)).toBe('(define a1 (fn (b1#1) (b1 b1#1))) (define b1 1)')
  })
})

describe('a page', () => {
  it('binds the names of its path', () => {
    const site = tinySite('(define slug 1)')
    const { body, refs } = site.expression('(list slug)', { bound: ['slug'] })
    expect(show(body)).toBe('(list slug)')
    expect(refs).toEqual([])
  })
  it('refuses a path parameter that hides what a macro means: its name is the address', () => {
    const site = tinySite('(defmacro m (x) `(title ,x))')
    expect(failure(() => site.expression('(m title)', { bound: ['title'] }))).toMatchObject({
      code: 'syntax-form',
      detail: { hint: expect.stringContaining('parameter') },
    })
  })
})

describe('what a definition depends on', () => {
  const site = tinySite(`
    (define helper (fn (x) x))
    (define other 1)
    (defmacro inner (x) \`(list ,x other))
    (defmacro m (x) (inner (helper x)))
    (defcomp ~c (a1) (m a1) (unknown-here a1))
    (defcomp ~d (a1) (m a1) (str a1 (div a1 (now))))`)
  it('names every macro that ran, what their code called, and every name asked', () => {
    const { macros, ran, looked, hostIo, refs } = site.expand('~d')
    expect([...macros].sort()).toEqual(['inner', 'm'])
    expect(ran.map(ref => ref.name).sort()).toEqual(['helper', 'other'])
    for (const name of ['m', 'inner', 'helper', 'other', 'str']) expect(looked.has(name)).toBe(true)
    expect(looked.has('div')).toBe(false)
    expect([...hostIo]).toEqual(['now'])
    expect(refs).toEqual([])
  })
  it('is a clean error for what means nothing', () => {
    expect(failure(() => site.expand('~c')).code).toBe('unknown-name')
  })
  it('asks a macro again only with the same ports', () => {
    const macro: MacroDefinition = { name: 'm', params: [], body: [1], home: empty }
    const first = expandMacro(macro, ports)
    expect(expandMacro(macro, ports)).toBe(first)
    expect(expandMacro(macro, { ...ports })).not.toBe(first)
  })
})
