// SX wire: what stays a call, what is written out and why, and that rendering the text gives the page.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockOf } from '../../src/ipld/block.ts'
import { DAG_CBOR } from '../../src/ipld/cid.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import type { Node } from '../../src/ipld/kinds.ts'
import { read } from '../../src/lang/reader.ts'
import { Link, type Value } from '../../src/lang/values.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { component, form, later, now, value } from './support.ts'

const group = `bafyrei${'a'.repeat(52)}`

const nodes: Record<string, Node> = {
  bcard: component('(&key title tone &rest children)', '(article :class tone (h2 title) children)'),
  bisland: component('(&key initial)', '(button :title initial (str "n" initial))', 'island'),
  blayout: component('(&rest children)', '(div (header "H") (main children) (footer (~bcard :title "f")))'),
  bdrop: component('(&rest children)', '(p "dropped")'),
  btwice: component('(&rest children)', '(<> children "|" children)'),
  btheme: component('(&key name &rest children)', '(provide "theme" name (section children))'),
  bthemed: component('()', '(b (context "theme" "none"))'),
  bshow: component('(&key f x)', '(i (f x))'),
  bicon: component('(&rest children)', '(svg :viewBox "0 0 1 1" children)'),
  bhead: component('(&rest children)', '(<> (title "T") children)'),
  bdata: component(
    '(&key d l)',
    '(dl (map (fn (k) (<> (dt k) (dd (get d k)))) (keys d)) (map (fn (x) (dd x)) l))',
  ),
  bmark: component('(x)', '(em x)'),
  bnest: component('(&key c x)', '(div (c x))'),
  bemit: component('(x)', '(do (emit! "toc" x) (h3 x))'),
  bdouble: value('(fn (x) (* 2 x))'),
  [group]: {
    kind: 'group',
    members: [
      component('(n)', '(if (= n 0) "end" (p n (member-1 (- n 1))))') as never,
      component('(n)', '(if (= n 0) "end" (q n (member-0 (- n 1))))') as never,
    ],
  },
  bmember: { kind: 'member', group: new Link(group), index: 0 },
}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
for (const index of [0, 1]) {
  const member: Node = { kind: 'member', group: new Link(group), index }
  nodes[blockOf(encodeNode(member), DAG_CBOR, sha256).cid] = member
}
const runtime = createRuntime({ definitions: now(nodes), sha256 })
const html = (f: Value) => runtime.renderHtmlSync(f)
const wire = async (text: string) => (await runtime.renderWire(form(text))).text.trim()
const back = (text: string) => html([form('<>'), ...read(text).forms])

describe('stays a call', () => {
  it.each([
    ['(~bcard :title (str "a" 1) :tone (list "x" "y"))', '(@h:bcard :title "a1" :tone (list "x" "y"))'],
    ['(main (~bisland :initial (+ 1 2)))', '(main (@h:bisland :initial 3))'],
    [
      '(~bcard :title (b "x") (p (+ 1 1)) "t" (~bmark 2))',
      '(@h:bcard :title (b "x") (p "2") "t" (@h:bmark 2))',
    ],
    [
      '(let ((x 2)) (ul (map (fn (i) (li (~bmark (* x i)))) (list 1 2))))',
      '(ul (li (@h:bmark 2)) (li (@h:bmark 4)))',
    ],
    [
      '(~bdata :d {:a 1 :b nil} :l \'(x :k "s" 1/2))',
      '(@h:bdata :d {:a 1 :b nil} :l (list \'x \':k "s" 1/2))',
    ],
    ['(~bnest :c ~bmark :x (raw! "<u>"))', '(@h:bnest :c @h:bmark :x (raw! "<u>"))'],
    ['(~bshow :f upper :x "q")', '(@h:bshow :f upper :x "q")'],
    ['(~bcard (map (fn (x) (li x)) (list 1 2)))', '(@h:bcard (list (li "1") (li "2")))'],
  ])('%s', async (text, expected) => {
    const there = await wire(text)
    expect(there).toBe(expected)
    expect(back(there).html).toBe(html(form(text)).html)
  })
  it('a member of a cycle, by its own CID', async () => {
    const there = await wire('(div (~bmember 2))')
    expect(there).toMatch(/^\(div \(@h:bafyrei[a-z2-7]+ 2\)\)$/)
  })
})

describe('is written out', () => {
  it.each([
    ['a function among the arguments', '(~bshow :f (fn (x) (str x "!")) :x 1)'],
    ['children whose scope is the callee’s', '(~btheme :name "dark" (p (context "theme" "none")))'],
    ['a call in a scope that it reads', '(provide "theme" "t" (~bthemed))'],
    [
      'a call whose children tell others what they are',
      '(scope "toc" (~bdrop (p (do (emit! "toc" 1) "x"))) (p (emitted "toc")))',
    ],
    ['children that fail where nobody renders them', '(~bdrop (p (error "no")))'],
    ['children that count', '(let ((n 0)) (~btwice (p (do (set! n (+ n 1)) (str n)))))'],
    ['children that belong into the head, or into an svg', '(~bicon (title "t") (path :d "M0 0"))'],
  ])('%s', async (_what, text) => {
    const there = await wire(text)
    expect(there).not.toMatch(/@h:b(?:show|theme|themed|drop|twice|icon)\b/)
    expect(back(there).html).toBe(html(form(text)).html)
  })
  it('only the call that has to be', async () => {
    expect(await wire('(~blayout (~bcard (~bdrop (p (error "x")))) (~bmark 1))')).toBe(
      '(@h:blayout (@h:bcard (p "dropped")) (@h:bmark 1))',
    )
  })
})

it('a component with many such calls is written out everywhere, and the rest stays', async () => {
  const many = Array.from({ length: 60 }, (_, i) => `(~bdrop (p (error "${i}")))`).join(' ')
  const there = await wire(`(div ${many} (~bmark 1))`)
  expect(there).toMatch(/^\(div(?: \(p "dropped"\)){60} \(@h:bmark 1\)\)$/)
})

it('host words that do something do it once, those in arguments where the page does it', async () => {
  const done: unknown[] = []
  const io = {
    action: async ([x]: readonly unknown[]) => {
      done.push(x)
      return done.length
    },
  }
  const source = form(
    '(div (action "a") (~bdrop (p (action "never"))) (~bcard :title 1 (p (action "b"))) (~bdrop (p (error "x"))) (action "c"))',
  )
  const { text } = await runtime.renderWire(source, undefined, {
    host: { io, signal: new AbortController().signal },
  })
  expect(done).toEqual(['a', 'b', 'c'])
  expect(back(text).html).toBe(
    '<div>1<p>dropped</p><article><h2>1</h2><p>2</p></article><p>dropped</p>3</div>',
  )
})

it('head elements travel as forms, and come to the same head', async () => {
  const text = '(<> (p "a") (title "One") (~bhead (p "b")) (meta :name "x" :content "y"))'
  const there = await wire(text)
  expect(back(there)).toEqual(html(form(text)))
})

it('waits for definitions like any rendering, and says what fails outside of calls', async () => {
  const definitions = later(nodes)
  const slow = createRuntime({ definitions })
  expect((await slow.renderWire(form('(p (~bdouble 4) (~bcard :title (~bdouble 2)))'))).text).toBe(
    '(p "8" (@h:bcard :title 4))\n',
  )
  await expect(slow.renderWire(form('(p (error "no"))'))).rejects.toMatchObject({ code: 'eval-failed' })
})

it('a line feed at the start of a pre is written twice, in text that is kept from before too', () => {
  for (const text of ['(pre "\\n" 1/2)', '(pre "\\n" (b "x"))', '(let ((v 1)) (pre "\\n" v))'])
    expect(html(form(text)).html).toMatch(/^<pre>\n\n/)
})

describe('the text of any page renders to the page', () => {
  const scalar = fc.oneof(
    fc.integer({ min: -9, max: 9 }).map(String),
    fc.constantFrom(
      '"a"',
      '"<&>"',
      '""',
      '"\\n"',
      'nil',
      'true',
      'false',
      ':k',
      "'(1 :a b)",
      '1/2',
      '{:a 1 :b "x"}',
      '(str "a" 1)',
      '(raw! "<u>u</u>")',
      'v',
    ),
  )
  const page = fc.letrec<{ node: string }>(tie => {
    const nodes = fc.array(tie('node'), { maxLength: 3 }).map(all => all.join(' '))
    return {
      node: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        scalar.filter(s => !s.startsWith('{')),
        fc.tuple(fc.constantFrom('p', 'div', 'svg', 'pre', 'b'), nodes).map(([t, n]) => `(${t} ${n})`),
        fc
          .tuple(
            fc.constantFrom('class', 'title', 'href', 'checked', 'data-x'),
            scalar.filter(s => !s.startsWith('{') && !s.startsWith('(raw')),
            nodes,
          )
          .map(([a, s, n]) => `(a :${a} ${s} ${n})`),
        fc
          .tuple(fc.constantFrom('blayout', 'bdrop', 'btwice', 'bicon', 'bhead'), nodes)
          .map(([c, n]) => `(~${c} ${n})`),
        fc.tuple(scalar, nodes).map(([s, n]) => `(~bcard :title ${s.startsWith('{') ? 1 : s} ${n})`),
        fc.tuple(scalar, nodes).map(([s, n]) => `(~btheme :name ${s.startsWith('{') ? 1 : s} ${n})`),
        fc.constantFrom(
          '(~bthemed)',
          '(~bisland :initial 1)',
          '(context "theme" "-")',
          '(title "t")',
          '(br)',
          '(~bmember 3)',
          '(set! v (str v 1))',
          '(error "e")',
          '(script "1")',
          '(style "b{}")',
          '(do (emit! "toc" 1) nil)',
          '(~bemit 2)',
        ),
        nodes.map(n => `(scope "toc" ${n} (emitted "toc"))`),
        nodes.map(n => `(provide "theme" "p" ${n})`),
        nodes.map(n => `(let ((v "w")) ${n === '' ? 1 : n})`),
        nodes.map(n => `(when v ${n})`),
        nodes.map(n => `(map (fn (v) (li v ${n})) (list 1 2))`),
        nodes.map(n => `(guard (e (true "caught")) ${n === '' ? 1 : n})`),
        fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(~bshow :f (fn (x) ${a}) :x ${b})`),
        tie('node').map(a => `(~bmark ${a})`),
      ),
    }
  }).node
  it('body, head and failure alike', async () => {
    let calls = 0
    await fc.assert(
      fc.asyncProperty(page, async text => {
        const source = form(`(let ((v "v")) (<> ${text}))`)
        let expected: ReturnType<typeof html> | undefined
        try {
          expected = html(source)
        } catch {
          // What fails may stand inside a call: then it fails for whoever renders the text.
          await expect(runtime.renderWire(source).then(there => back(there.text))).rejects.toMatchObject({
            code: expect.any(String),
          })
          return
        }
        const { text: there } = await runtime.renderWire(source)
        calls += there.split('@h:').length - 1
        const again = back(there)
        expect(again.html).toBe(expected.html)
        expect(again.head).toEqual(expected.head)
      }),
      { numRuns: 3000 },
    )
    expect(calls).toBeGreaterThan(500)
  })
})
