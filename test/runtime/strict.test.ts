// Strict mode: arguments against declared types, wherever the call stands, and nothing else changes.
import { describe, expect, it } from 'vitest'
import type { GroupedNode } from '../../src/ipld/kinds.ts'
import { read, readOne } from '../../src/lang/reader.ts'
import { isList, type List, Ref, Sym, type Value } from '../../src/lang/values.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { createStrictRuntime } from '../../src/runtime/strict.ts'
import { fits, typeNames, unknownTypes } from '../../src/runtime/types.ts'
import { show } from '../../src/runtime/values.ts'

const types: Record<string, string> = {
  price: 'integer',
  post: '{:title string :tags (list slug) :next post?}',
  slug: 'string',
  'itself-again': 'itself-again',
}
const own = (name: string): Value | undefined => {
  const text = Object.hasOwn(types, name) ? types[name] : undefined
  return text === undefined ? undefined : readOne(text)
}
const nodes: Record<string, GroupedNode> = {}
const node = (name: string, text: string): void => {
  const [kind, params, ...body] = readOne(text) as unknown as [Sym, List, ...Value[]]
  nodes[name] =
    kind.name === 'value'
      ? { kind: 'value', body: params }
      : { kind: 'component', params, body: named(body) as List }
}
/** Names of definitions as references. */
const named = (form: Value): Value =>
  form instanceof Sym && form.name in nodes ? new Ref(form.name) : isList(form) ? form.map(named) : form
node('~card', '(component (&key (title :as string) (n :as price?) &rest (kids :as markup)) (p title n kids))')
node('~pass', '(component (&key t) (~card :title t))')
node('twice', '(value (fn ((n :as number)) (* 2 n)))')

const options = {
  definitions: { find: () => undefined, load: async () => {} },
  names: (ref: Ref) => nodes[ref.name],
}
const strict = createStrictRuntime(options, own)
const plain = createRuntime(options)
const run = (text: string): string => show(strict.evaluateSync(named(readOne(text))))
const html = (text: string): string => strict.renderHtmlSync(named(readOne(text))).html

describe('strict mode', () => {
  it.each([
    ['(twice "a")', 'twice takes n as number, not "a"'],
    ['(twice nil)', 'twice takes n as number, not nil'],
    ['(map twice (list 1 "b"))', 'twice takes n as number, not "b"'],
    ['(apply twice (list :x))', 'twice takes n as number, not "x"'],
    ['((fn ((a :as string)) a) 1)', 'fn takes a as string, not 1'],
    ['((fn (&key (b :as (or string number))) b) :b true)', 'fn takes :b as (or string number), not true'],
    ['((fn (&rest (all :as (list number))) all) 1 "2")', 'fn takes all as (list number), not (1 "2")'],
    ['(let ((f (fn ((a :as list)) a))) (f 1))', 'fn takes a as list, not 1'],
    ['(let () (define (f (a :as dict)) a) (f 1))', 'f takes a as dict, not 1'],
    ['(let () (define f (fn ((a :as dict)) a)) (f 1))', 'f takes a as dict, not 1'],
    ['`(1 ,((fn ((a :as symbol)) a) 2))', 'fn takes a as symbol, not 2'],
    ['(match 1 (x ((fn ((a :as char)) a) x)))', 'fn takes a as char, not 1'],
    ['((fn ((p :as post)) p) {:title "a" :tags (list 1)})', 'fn takes p as post, not {:tags (1) :title "a"}'],
    ['((fn ((p :as price)) p) 1.5)', 'fn takes p as price, not 1.5'],
  ])('%s fails: %s', (text, message) => {
    expect(() => run(text)).toThrow(expect.objectContaining({ code: 'eval-failed', message }))
    expect(() => plain.evaluateSync(named(readOne(text)))).not.toThrow(/ takes .* as /)
  })
  it('looks at components where they render, with what they were given there', () => {
    expect(() => html('(~card :title 5)')).toThrow(/^~card takes :title as string, not 5$/)
    expect(() => html('(div (~pass :t nil))')).toThrow(/^~card takes :title as string, not nil$/)
    expect(() => html('(~card :title "x" (fn () 1))')).toThrow(/^~card takes kids as markup/)
    expect(html('(~card :title "x" :n 3 (b "y") "z" nil (list 1))')).toBe('<p>x3<b>y</b>z1</p>')
  })
  it('gives what is right, and quoted code stays data', () => {
    expect(run('(twice 1/2)')).toBe('1')
    expect(run("'(fn ((a :as string)) a)")).toBe('(fn ((a :as string)) a)')
    expect(run('`(fn ((a :as string)) ,(twice 2))')).toBe('(fn ((a :as string)) 4)')
    expect(run('((fn ((p :as post)) (get p :title)) {:title "a" :tags (list "x") :more 1})')).toBe('"a"')
    expect(run('((fn ((a :as no-such-type) (b :as itself-again)) (list a b)) 1 2)')).toBe('(1 2)')
  })
})

describe('types', () => {
  it.each([
    ['any', '(1 "a" nil)', ''],
    ['string', '("a")', '(1 nil)'],
    ['string?', '("a" nil)', '(1)'],
    ['number', '(1 1.5 1/2)', '("1" nil)'],
    ['integer', '(1 -3)', '(1.5 1/2)'],
    ['rational', '(1 1/2)', '(1.5)'],
    ['boolean', '(true false)', '(nil 0)'],
    ['keyword', '(:a "a")', '(1)'],
    ['symbol', '(a)', '("a")'],
    ['char', '(#\\a)', '("a")'],
    ['list', '((1) () nil)', '("a" {:a 1})'],
    ['dict', '({:a 1} nil)', '((1))'],
    ['nil', '(nil)', '(false ())'],
    ['markup', '("a" 1 nil ("a" (1)))', '({:a 1} ({:a 1}))'],
    ['function', '()', '("f" nil)'],
    ['(list integer)', '((1 2) ())', '((1 "a") nil)'],
    ['(or string (list string))', '("a" ("b"))', '(1 (1))'],
    ['{:a number? :b string}', '({:b "x"} {:a 1 :b "x" :c 2})', '({:a 1} {:a "1" :b "x"} nil)'],
  ])('%s', (type, right, wrong) => {
    for (const v of readOne(right) as List) expect([v, fits(readOne(type), v, own)]).toEqual([v, true])
    for (const v of wrong === '' ? [] : (readOne(wrong) as List))
      expect([v, fits(readOne(type), v, own)]).toEqual([v, false])
  })
  it('names that mean nothing are told', () => {
    const { forms } = read('strng (or string foo?) {:a (list bar)} post number? (list (or price any))')
    expect(forms.flatMap(type => unknownTypes(type, own))).toEqual(['strng', 'foo', 'bar'])
    expect(typeNames.flatMap(name => unknownTypes(new Sym(name), own))).toEqual([])
  })
})
