import { describe, expect, it } from 'vitest'
import { ExportLink, Link, Ref, Sym, type Value } from '../../src/lang/values.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { show } from '../../src/runtime/values.ts'
import { component, form, later, now, value } from './support.ts'

describe('definitions that are not loaded yet', () => {
  it('suspend evaluation in the middle, and each is loaded once', async () => {
    const definitions = later({
      a: value('(fn (x) (+ x (~b 1) (~b 2)))'),
      b: value('(fn (x) (* x ~c))'),
      c: value('(+ 3 4)'),
    })
    const runtime = createRuntime({ definitions })
    expect(await runtime.evaluate(form('(list (~a 1) (~a 2))'))).toEqual([22, 23])
    expect(definitions.loaded).toEqual(['a', 'b', 'c'])
  })

  it('suspend rendering in the middle of a tree, and nothing is written twice', async () => {
    const nodes = {
      card: component('(&key title &rest children)', '(article (h2 title) (p ~site) children ~foot)'),
      site: value('(str "S" "x")'),
      foot: value('(list "f" 1)'),
    }
    const page = form(
      '(main :class ~site "a" (~card :title (b ~site) (i "c") ~foot) (ul (map (fn (x) (li x ~foot)) (list 1 2))))',
    )
    const expected =
      '<main class="Sx">a<article><h2><b>Sx</b></h2><p>Sx</p><i>c</i>f1f1</article><ul><li>1f1</li><li>2f1</li></ul></main>'
    const definitions = later(nodes)
    expect((await createRuntime({ definitions }).renderHtml(page)).html).toBe(expected)
    expect(definitions.loaded).toEqual(['site', 'card', 'foot'])
    expect(createRuntime({ definitions: now(nodes) }).renderHtmlSync(page).html).toBe(expected)
  })

  it('are said plainly by what can not wait', () => {
    const runtime = createRuntime({ definitions: later({}) })
    expect(() => runtime.evaluateSync(new Link('x'))).toThrow(
      expect.objectContaining({ code: 'block-not-found' }),
    )
  })

  it('that can not be had end the evaluation with the reason, which no guard catches', async () => {
    const runtime = createRuntime({ definitions: later({}) })
    await expect(runtime.evaluate(form('(guard (e (true 1)) ~x)'))).rejects.toThrow('no x')
  })

  it('load inside functions that primitives call', async () => {
    const definitions = later({ key: value('(fn (d) (- ~zero (get d :n)))'), zero: value('(- 1 1)') })
    const runtime = createRuntime({ definitions })
    expect(show(await runtime.evaluate(form('(sort (list {:n 1} {:n 3} {:n 2}) ~key)')))).toBe(
      '({:n 3} {:n 2} {:n 1})',
    )
  })
})

describe('top-level values', () => {
  it('are evaluated lazily, once, and are the same for all', async () => {
    const runtime = createRuntime({
      definitions: now({
        list: value('(map (fn (x) (list x)) (list 1 2))'),
        never: value('(error "never")'),
      }),
    })
    const [a, b] = await Promise.all([
      runtime.evaluate(new Link('list')),
      runtime.evaluate(form('(if true ~list ~never)')),
    ])
    expect(a).toBe(b)
  })

  it.each([
    ['a list', '(append! ~list 3)', /top-level value/],
    ['a list inside', '(append! (first ~list) 3)', /top-level value/],
    ['a dict', '(dict-set! ~dict :a 1)', /top-level value/],
    ['a variable that a function keeps', '(~counter)', /never changes/],
  ])('never change: %s', (_what, text, message) => {
    const nodes = {
      list: value('(list (list 1) 2)'),
      dict: value('{:b 1}'),
      counter: value('(let ((n 0)) (fn () (set! n (+ n 1)) n))'),
    }
    const runtime = createRuntime({ definitions: now(nodes) })
    expect(() => runtime.evaluateSync(form(text))).toThrow(message)
  })

  it.each(['(signal 1)', '(computed (fn () 1))', '(use-store "a" (fn () 1))'])('hold no state: %s', text => {
    const runtime = createRuntime({ definitions: now({ a: value(`(list ${text})`) }) })
    expect(() => runtime.evaluateSync(new Link('a'))).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ hint: expect.stringContaining('island') }),
      }),
    )
  })

  it('that need themselves are an error; functions that do are not', () => {
    const nodes = {
      g: {
        kind: 'group' as const,
        members: [
          value('(+ 1 member-1)'),
          value('(* 2 member-0)'),
          value('(fn (n) (if (= n 0) true (member-3 (- n 1))))'),
          value('(fn (n) (if (= n 0) false (member-2 (- n 1))))'),
        ],
      },
      a: { kind: 'member' as const, group: new Link('g'), index: 0 },
      even: { kind: 'member' as const, group: new Link('g'), index: 2 },
    }
    const runtime = createRuntime({ definitions: now(nodes) })
    expect(() => runtime.evaluateSync(new Link('a'))).toThrow('needs itself')
    expect(() => runtime.evaluateSync(new Link('a'))).toThrow('needs itself')
    expect(runtime.evaluateSync(form('(~even 30001)'))).toBe(false)
  })

  it('that fail say which definition, and may be tried again', () => {
    const runtime = createRuntime({ definitions: now({ a: value('(+ 1 ~b)'), b: value('(upper 5)') }) })
    for (let i = 0; i < 2; i++)
      expect(() => runtime.evaluateSync(new Link('a'))).toThrow(
        expect.objectContaining({ detail: expect.objectContaining({ definition: 'b', trace: ['b', 'a'] }) }),
      )
  })
})

describe('libraries', () => {
  const library = {
    kind: 'library' as const,
    name: 'text',
    exports: ['shout'],
    imports: [],
    forms: [
      form('(define (loud s) (str (upper s) mark))'),
      form('(define mark "!")'),
      form('(define shout (fn (s) (loud s)))'),
    ] as Value[],
  }
  it('see their own names, and give their exports', async () => {
    const runtime = createRuntime({ definitions: later({ lib: library }) })
    expect(await runtime.evaluate([new ExportLink('lib', 'shout'), 'a'])).toBe('A!')
    await expect(runtime.evaluate(new ExportLink('lib', 'no'))).rejects.toMatchObject({
      code: 'eval-unbound',
    })
  })
})

describe('before there are CIDs', () => {
  const nodes = new Map([
    ['double', value('(fn (x) (* 2 x))')],
    ['~card', component('(&key title)', '(p title)')],
  ])
  const runtime = createRuntime({ definitions: now({}), names: ref => nodes.get(ref.name) })

  it('names give definitions', () => {
    expect(runtime.evaluateSync([new Ref('double'), 4])).toBe(8)
    expect(runtime.renderHtmlSync([new Ref('~card'), form(':title'), 'x']).html).toBe('<p>x</p>')
    expect(() => runtime.evaluateSync(new Ref('none'))).toThrow(
      expect.objectContaining({ code: 'eval-unbound' }),
    )
  })

  it('macros are called with forms, may call functions, and their templates keep their marks', () => {
    const marked = new Sym('tmp', 7)
    const body = [
      [
        new Sym('quasiquote'),
        [
          new Sym('let'),
          [[marked, [new Sym('unquote'), new Sym('x')]]],
          [new Sym('unquote'), [new Ref('double'), 4]],
          marked,
        ],
      ],
    ]
    const made = runtime.callMacro(
      { name: 'm', params: [new Sym('x'), new Sym('&rest'), new Sym('more')], body },
      [form('(f a)'), 1, 2],
    ) as Value[]
    expect(show(made)).toBe('(let ((tmp (f a))) 8 tmp)')
    expect(made[3]).toBe(marked)
    const twice = runtime.callMacro(
      {
        name: 'k',
        params: [new Sym('&key'), new Sym('a'), new Sym('&rest'), new Sym('more')],
        body: [form('(list a more)')],
      },
      [form('1'), form(':a'), form('(g)'), form(':b')],
    )
    expect(show(twice)).toBe('((g) (1 :b))')
  })

  it('macros stop', () => {
    expect(() =>
      runtime.callMacro({ name: 'm', params: [], body: [form('(let loop () (loop))')] }, []),
    ).toThrow(expect.objectContaining({ code: 'macro-limit' }))
  })
})

describe('components and islands', () => {
  const nodes = {
    card: component('(&key title (n :as number) &rest children)', '(article :title title n children)'),
    bare: component('()', '(hr)'),
    counter: component(
      '(&key initial label items on)',
      '(let ((n (signal (or initial 0)))) (button :on-click (fn () (swap! n inc)) label (deref n)))',
      'island',
    ),
  }
  const runtime = createRuntime({ definitions: now(nodes) })
  const html = (text: string): string => runtime.renderHtmlSync(form(text)).html

  it('take keywords, give nil for what is missing, and refuse what they do not know', () => {
    expect(html('(~card :n 1 "a" (b "c") (list "d"))')).toBe('<article>1a<b>c</b>d</article>')
    expect(() => html('(~card :titel "x")')).toThrow(/no keyword :titel/)
    expect(() => html('(~bare "x")')).toThrow(/takes 0 arguments/)
  })

  it('render as values of any expression, in their own dynamic scope', () => {
    expect(
      html('(let ((c ~card)) (div (c :title 1) (if true (c "x")) (map (fn (x) (~card x)) (list 1 2))))'),
    ).toBe(
      '<div><article title="1"></article><article>x</article><article>1</article><article>2</article></div>',
    )
  })

  it('islands stand in an element with their id and those arguments that are data', () => {
    const { html: text, islands } = runtime.renderHtmlSync(
      form('(~counter :initial 3 :label "<x>" :items (list 1 {:b nil}) :on (fn () 1))'),
    )
    expect(text).toBe(
      '<span data-sx-island="counter" data-sx-state="{&quot;items&quot;:[1,{&quot;b&quot;:null}],&quot;label&quot;:&quot;&lt;x&gt;&quot;,&quot;initial&quot;:3}" data-sx-page=""><button>&lt;x&gt;3</button></span>',
    )
    expect(islands).toEqual(['counter'])
  })
})
