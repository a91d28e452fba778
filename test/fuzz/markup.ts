// Markup: elements with attributes of each kind, fragments, components, lists, svg, what belongs into the head.

import { call } from './calls.ts'
import { type Grammar, type Production, some, type Variable } from './grammar.ts'
import { stringLiteral } from './primitives.ts'

/** Any of these may stand in any of these, and a parser leaves them where they stand. */
const blocks = 'div section article main header footer'.split(' ')
const inline = 'b i em strong span small code var kbd sub sup mark q'.split(' ')
const voids = ['br', 'hr', 'img', 'input', 'wbr']

const attribute = (g: Grammar): string =>
  g.r.weighted([
    [
      4,
      () =>
        `:class ${g.r.chance(60) ? g.of('string') : g.r.pick(['(list "a" nil "b")', '{:on true :off false}', 'nil', "'(x (y {:z 1}))"])}`,
    ],
    [3, () => `:id ${g.of('string')}`],
    [2, () => `:title ${g.of('any')}`],
    [2, () => `:data-n ${g.of('number')}`],
    [
      2,
      () =>
        `:style ${g.r.pick(['{:color "red" :top nil}', '"a:b"', '(list "x:y" {:w 1})', '{:width (+ 1 1)}'])}`,
    ],
    [
      3,
      () =>
        `:${g.r.pick(['hidden', 'checked', 'disabled', 'required', 'open', 'readonly'])} ${g.of('boolean')}`,
    ],
    [2, () => `:${g.r.pick(['aria-hidden', 'contenteditable', 'draggable'])} ${g.of('boolean')}`],
    [
      3,
      () =>
        `:href ${g.r.pick(['"/a/b"', '"/x.png?q#h"', '"./r"', '"//o"', '" javascript:x"', '"https://e.org/"', '"/"', '(str "/" 1)'])}`,
    ],
    [1, () => `:srcset ${g.r.pick(['"/a.png 1x, /b.png 2x"', '"c.png"'])}`],
    [1, () => `:on-click ${g.r.pick(['(fn (e) e)', 'nil'])}`],
    [1, () => g.r.pick([':key 1', ':key nil', ':data-x true', ':lang "é"', ':xlink:href "/x"', ':value 0'])],
    [0.05, () => g.r.pick([':onclick "x"', ':a/b "1"', ':srcdoc ""'])],
  ] as const)[1]()

const attributes = (g: Grammar): string =>
  g.r.chance(45) ? '' : ` ${Array.from({ length: 1 + g.r.below(3) }, () => attribute(g)).join(' ')}`

const children = (g: Grammar, most: number): string =>
  Array.from({ length: g.r.below(most + 1) }, () => ` ${child(g)}`).join('')

/** Whatever may stand inside an element. */
const child = (g: Grammar): string =>
  g.r.weighted([
    [5, () => g.of('markup')],
    [4, () => g.of('string')],
    [3, () => g.of('number')],
    [1, () => g.of('boolean')],
    [1, () => g.r.pick(['nil', '()', '(list)', '"\\n"', '"  "', "'sym", '#\\a', '1/2'])],
    [1, () => g.of('any')],
    [1, () => g.of('signal')],
  ] as const)[1]()

const overList = (head: string, params: readonly string[]): Production => [
  2,
  g => {
    const variables = params.map((name): Variable => ({ name, type: 'number' }))
    const body = g.within(variables, () =>
      g.r.chance(30) ? `${g.of('any')} ${g.of('markup')}` : g.of('markup'),
    )
    return `(${head} (fn (${params.join(' ')}) ${body}) ${g.of('numbers')})`
  },
]

export const markupLeaves: readonly Production[] = [
  [4, g => `(${g.r.pick(inline)} ${stringLiteral(g)})`],
  [1, () => '(p)'],
  [1, () => '(br)'],
  [1, () => '(<>)'],
]

const component: Production = [
  4,
  g => {
    const fit = g.signatures.filter(s => s.kind === 'component')
    return fit.length === 0 ? g.of('string') : call(g, g.r.pick(fit))
  },
]

const headElement = (g: Grammar): string =>
  g.r.pick([
    () => `(title ${g.of('string')})`,
    () => `(meta :name "d" :content ${g.of('string')})`,
    () => '(meta :itemprop "p" :content "1")',
    () => `(link :rel ${g.r.pick(['"icon"', '"stylesheet"'])} :href "/s.css")`,
    () => `(script ${stringLiteral(g)})`,
    () => '(script :type "application/ld+json" (json-encode {:a "</script>"}))',
    () => `(style "b{c:d}" ${stringLiteral(g)})`,
  ])()

const svgChild = (g: Grammar): string =>
  g.r.pick([
    () => '(path :d "M0 0" :stroke-width 2)',
    () => `(g ${attributes(g)} ${svgChild(g)})`,
    () => `(text ${g.of('string')})`,
    () => `(foreignObject ${g.of('markup')})`,
    () => '(circle :r 1)',
    () => '(title "t")',
    () => '(linearGradient :gradientUnits "x" (stop))',
  ])()

/** Where a parser would not leave things as they are, only what it leaves. */
const tables = (g: Grammar): string =>
  g.r.pick([
    () => `(table (tbody (map (fn (x) (tr (td x) (td ${g.of('string')}))) ${g.of('numbers')})))`,
    () => `(ul (map (fn (x) (li x)) ${g.of('numbers')}))`,
    () => `(select (option :selected ${g.of('boolean')} ${g.of('string')}))`,
    () => `(pre ${stringLiteral(g)} ${g.of('string')})`,
    () => `(textarea :name "t" ${stringLiteral(g)})`,
    () => `(details (summary ${g.of('string')}) ${g.of('markup')})`,
    () => `(template ${g.of('markup')})`,
    () => `(p ${g.of('string')})`,
  ])()

export const markupProductions: readonly Production[] = [
  [8, g => `(${g.r.pick(blocks)}${attributes(g)}${children(g, 4)})`],
  [6, g => `(${g.r.pick(inline)}${attributes(g)}${children(g, 3)})`],
  [2, g => `(${g.r.pick(voids)}${attributes(g)})`],
  [3, g => `(<>${children(g, 3)})`],
  component,
  component,
  overList('map', ['x']),
  overList('for-each', ['x']),
  overList('map-indexed', ['n', 'x']),
  [2, tables],
  [1, g => `(svg :viewBox "0 0 1 1"${children(g, 0)} ${svgChild(g)})`],
  [1, headElement],
  [1, g => `(raw! ${g.r.pick(['"<b>x</b>"', '"&amp; "', '"<i>1</i><br>"'])})`],
  [1, g => `(list ${some(g, 'markup', 3)})`],
]
