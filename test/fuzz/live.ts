// Islands of numbered seeds: a body that reads signals wherever a living document follows them, and what these become,
// step by step. What an island shows after a step has to be what a server would render at that moment.
import { createRandom, type Random } from './random.ts'
import type { Program } from './shrink.ts'

/** The signals of every island, in order: a number, text, a truth, a list of numbers, a list of rows `{:id … :t …}`. */
export const signals = ['n', 's', 't', 'xs', 'rows'] as const

type Type = 'number' | 'string' | 'boolean' | 'numbers' | 'rows'
interface Scope {
  readonly r: Random
  /** expressions that read something, by type */
  readonly reads: Readonly<Record<Type, readonly string[]>>
  fuel: number
  /** names that were given */
  names: number
}

const texts = ['""', '" "', '"a"', '"b c"', '"<&>"', '"é"', '"\\n"']

const less = (g: Scope, make: () => string, otherwise: () => string): string =>
  g.fuel-- > 0 ? make() : otherwise()

const expression = (g: Scope, type: Type): string => {
  const read = (): string => (g.reads[type].length > 0 ? g.r.pick(g.reads[type]) : literal(g.r, type))
  const of = (wanted: Type) => expression(g, wanted)
  const rows: Record<Type, readonly (readonly [number, () => string])[]> = {
    number: [
      [6, read],
      [2, () => String(g.r.below(4))],
      [2, () => `(${g.r.pick(['+', '-', '*', 'max'])} ${of('number')} ${of('number')})`],
      [1, () => `(len ${of(g.r.pick(['numbers', 'rows', 'string']))})`],
      [1, () => `(if ${of('boolean')} ${of('number')} ${of('number')})`],
    ],
    string: [
      [6, read],
      [2, () => g.r.pick(texts)],
      [2, () => `(str ${of('number')} ${of('string')})`],
      [1, () => `(if ${of('boolean')} ${of('string')} ${of('string')})`],
    ],
    boolean: [
      [5, read],
      [2, () => `(${g.r.pick(['>', '<', '='])} ${of('number')} ${of('number')})`],
      [1, () => `(= ${of('string')} ${of('string')})`],
      [1, () => `(not ${of('boolean')})`],
      [1, () => `(empty? ${of(g.r.pick(['numbers', 'rows', 'string']))})`],
      [1, () => `(${g.r.pick(['and', 'or'])} ${of('boolean')} ${of('boolean')})`],
    ],
    numbers: [
      [6, read],
      [1, () => `(reverse ${of('numbers')})`],
      [1, () => `(filter (fn (z) (> z ${of('number')})) ${of('numbers')})`],
      [1, () => `(slice ${of('numbers')} 0 ${g.r.below(4)})`],
      [1, () => `(if ${of('boolean')} ${of('numbers')} nil)`],
    ],
    rows: [
      [6, read],
      [1, () => `(reverse ${of('rows')})`],
      [1, () => `(filter (fn (z) (> (get z :id) ${of('number')})) ${of('rows')})`],
    ],
  }
  return less(g, () => g.r.weighted(rows[type])[1](), read)
}

const bind = (g: Scope): string => `v${g.names++}`

/** With one more name to read. */
const where = (g: Scope, type: Type, read: string, make: (inner: Scope) => string): string => {
  const inner: Scope = { ...g, reads: { ...g.reads, [type]: [...g.reads[type], read, read] } }
  const text = make(inner)
  g.fuel = inner.fuel
  g.names = inner.names
  return text
}

const attribute = (g: Scope): string => {
  const of = (type: Type) => expression(g, type)
  return g.r.weighted([
    [3, () => `:class ${of('string')}`],
    [2, () => `:class {:on ${of('boolean')} :off ${of('boolean')}}`],
    [1, () => `:class (list "a" (when ${of('boolean')} "b") ${of('string')})`],
    [2, () => `:style {:color (if ${of('boolean')} "red" nil) :top (str ${of('number')} "px")}`],
    [2, () => `:title ${of('string')}`],
    [2, () => `:data-n ${of('number')}`],
    [2, () => `:hidden ${of('boolean')}`],
    [1, () => `:aria-hidden ${of('boolean')}`],
    [1, () => `:id (when ${of('boolean')} ${of('string')})`],
    [1, () => `:on-click (when ${of('boolean')} (fn (e) e))`],
  ] as const)[1]()
}

const attributes = (g: Scope): string =>
  Array.from({ length: g.r.pick([0, 0, 1, 2]) }, () => ` ${attribute(g)}`).join('')

const children = (g: Scope, most = 3): string =>
  Array.from({ length: g.r.below(most + 1) }, () => ` ${node(g)}`).join('')

const tags = ['div', 'span', 'b', 'section', 'i']

/** A key that items of one list share is no key: here each has its own, or none. */
const item = (g: Scope, key: string | undefined): string =>
  `(${g.r.pick(tags)}${key === undefined || g.r.chance(40) ? '' : ` :key ${key}`}${attributes(g)}${children(g, 2)})`

const list = (g: Scope): string => {
  const [a, b] = [bind(g), bind(g)]
  const head = g.r.pick(['map', 'map', 'for-each'])
  return g.r.weighted([
    [
      3,
      () =>
        `(${head} (fn (${a}) ${where(g, 'number', a, inner => (g.r.chance(20) ? node(inner) : item(inner, a)))}) ${expression(g, 'numbers')})`,
    ],
    [
      3,
      () =>
        `(${head} (fn (${a}) ${where(g, 'string', `(get ${a} :t)`, inner => item(inner, `(get ${a} :id)`))}) ${expression(g, 'rows')})`,
    ],
    [
      1,
      () =>
        `(map-indexed (fn (${a} ${b}) ${where(g, 'number', a, inner => where(inner, 'number', b, deeper => item(deeper, b)))}) ${expression(g, 'numbers')})`,
    ],
    [
      1,
      () =>
        `(map (fn (${a}) ${where(g, 'number', a, inner => `(~leaf :key ${a} :n ${a} :s ${expression(inner, 'string')})`)}) ${expression(g, 'numbers')})`,
    ],
    [
      1,
      () =>
        `(map (fn (${a}) (let ((${b} (get ${a} :t))) ${where(g, 'string', b, inner => item(inner, `(get ${a} :id)`))})) ${expression(g, 'rows')})`,
    ],
  ] as const)[1]()
}

const form = (g: Scope): string => {
  const of = (type: Type) => expression(g, type)
  return g.r.pick([
    () =>
      `(table (tbody (map (fn (z) (tr :key (get z :id) (td ${of('string')}) (td (get z :t)))) ${of('rows')})))`,
    () => `(input :value ${of('string')} :disabled ${of('boolean')})`,
    () => `(input :type "checkbox" :checked ${of('boolean')})`,
    () =>
      `(select (map (fn (z) (option :value z :selected (= z ${of('number')}) "o" z)) ${of('numbers')}) (option "last"))`,
    () => `(details :open ${of('boolean')} (summary ${of('string')}) ${node(g)})`,
    () =>
      `(svg :viewBox "0 0 9 9" (circle :data-r ${of('number')} :stroke-width (max 0 ${of('number')})) (when ${of('boolean')} (path :d "M0 0")))`,
    () => `(raw! (if ${of('boolean')} "<b>x</b>y" "<i>z</i>"))`,
    () => `(textarea ${of('string')})`,
    () => `(pre "a" ${of('string')})`,
  ])()
}

const node = (g: Scope): string => {
  const of = (type: Type) => expression(g, type)
  const text = (): string => of(g.r.pick(['string', 'number', 'string']))
  return less(
    g,
    () =>
      g.r.weighted([
        [6, () => `(${g.r.pick(tags)}${attributes(g)}${children(g)})`],
        [5, text],
        [3, () => `(if ${of('boolean')} ${node(g)} ${g.r.chance(70) ? node(g) : 'nil'})`],
        [3, () => `(when ${of('boolean')}${children(g)} ${node(g)})`],
        [2, () => `(cond ${of('boolean')} ${node(g)} ${of('boolean')} ${node(g)} :else ${node(g)})`],
        [2, () => `(case ${of('number')} 0 ${node(g)} 1 ${node(g)} :else ${node(g)})`],
        [1, () => `(match ${of('numbers')} ((x) ${node(g)}) ((x &rest more) (b x)) (_ ${node(g)}))`],
        [2, () => `(<>${children(g)})`],
        [6, () => list(g)],
        [
          2,
          () => {
            const name = bind(g)
            const type = g.r.pick(['number', 'string', 'boolean', 'numbers'] as const)
            return `(let ((${name} ${of(type)})) ${where(g, type, name, node)})`
          },
        ],
        [
          2,
          () => {
            const name = bind(g)
            const type = g.r.pick(['number', 'string', 'boolean', 'numbers'] as const)
            return `(let ((${name} (computed (fn () ${of(type)})))) ${where(g, type, `(deref ${name})`, node)})`
          },
        ],
        [2, () => `(~wrap :title ${of('string')}${children(g)})`],
        [2, () => `(~leaf :n ${of('number')} :s ${of('string')})`],
        [3, () => form(g)],
        [1, () => g.r.pick(['nil', '()', 's', 'n'])],
      ] as const)[1](),
    text,
  )
}

const literal = (r: Random, type: Type): string => {
  const from = (n: number): number[] => {
    const all = [1, 2, 3, 4, 5, 6]
    return Array.from({ length: n }, () => all.splice(r.below(all.length), 1)[0]!)
  }
  switch (type) {
    case 'number':
      return String(r.below(5))
    case 'string':
      return r.pick(texts)
    case 'boolean':
      return r.pick(['true', 'false'])
    case 'numbers':
      return r.chance(10) ? 'nil' : `(${from(r.below(6)).join(' ')})`
    case 'rows':
      return `(${from(r.below(6))
        .map(id => `{:id ${id} :t ${r.pick(texts)}}`)
        .join(' ')})`
  }
}

const typeOf: Readonly<Record<(typeof signals)[number], Type>> = {
  n: 'number',
  s: 'string',
  t: 'boolean',
  xs: 'numbers',
  rows: 'rows',
}

/** Steps of an island after it began. */
const steps = 6

/**
 * The island of this seed. `page`: its body, in which the signals have their names. `steps`: one dict a form, the first
 * with all that they begin with, the others with what is set then.
 */
export const liveProgram = (seed: number): Program => {
  const r = createRandom(seed)
  const g: Scope = {
    r,
    reads: {
      number: ['(deref n)'],
      string: ['(deref s)'],
      boolean: ['(deref t)'],
      numbers: ['(deref xs)'],
      rows: ['(deref rows)'],
    },
    fuel: 10 + r.below(50),
    names: 0,
  }
  const page = `(<>${children(g, 2)} ${node(g)})`
  const set = (names: readonly (typeof signals)[number][]): string =>
    `{${names.map(name => `:${name} ${literal(r, typeOf[name])}`).join(' ')}}`
  const some = (): (typeof signals)[number][] => {
    const fit = signals.filter(() => r.chance(35))
    return fit.length > 0 ? fit : [r.pick(signals)]
  }
  const forms = [set(signals), ...Array.from({ length: steps }, () => set(some()))]
  return { definitions: { steps: forms.join('\n') }, page }
}

/** What all islands may use. */
const helpers = `(defcomp ~leaf (&key n s) (span :data-n n (when (> n 1) (b n)) s))
(defcomp ~wrap (&key title &rest children) (section :title title children (i (len children))))`

/** A step's values, by signal. */
type Step = Readonly<Partial<Record<(typeof signals)[number], string>>>

const quoted = (value: string): string => (value.startsWith('(') ? `'${value}` : value)

/**
 * One page with the islands, each with a button per step, and one with what each has to show: elements of the ids
 * `i-0`, `i-1`, …, by island and step.
 */
export const liveSite = (programs: readonly { page: string; steps: readonly Step[] }[]): string => {
  const params = `(&key ${signals.join(' ')})`
  const bound = (value: (name: (typeof signals)[number]) => string): string =>
    signals.map(name => `(${name} (signal ${value(name)}))`).join(' ')
  const islands: string[] = []
  const calls: string[] = []
  const expected: string[] = []
  programs.forEach(({ page, steps }, i) => {
    const pass = signals.map(name => `:${name} ${name}`).join(' ')
    // Half of them through a component, whose arguments the signals are.
    const shown = i % 2 === 0 ? page : `(~body-${i} ${pass})`
    islands.push(`(defcomp ~body-${i} ${params} ${page})`)
    const buttons = steps.slice(1).map(step => {
      const sets = Object.entries(step).map(([name, value]) => `(reset! ${name} ${quoted(value!)})`)
      return `(button :type "button" :on-click (fn (e) ${sets.join(' ')} nil))`
    })
    islands.push(
      `(defisland ~live-${i} ${params} (let (${bound(name => name)}) (div (div ${shown}) ${buttons.join(' ')})))`,
    )
    const first = steps[0]!
    calls.push(`(~live-${i} ${signals.map(name => `:${name} ${quoted(first[name]!)}`).join(' ')})`)
    let now: Step = {}
    steps.forEach((step, j) => {
      now = { ...now, ...step }
      const values = now
      expected.push(`(div :id "i-${i}-${j}" (let (${bound(name => quoted(values[name]!))}) ${shown}))`)
    })
  })
  return [
    helpers,
    ...islands,
    `(defpage live :path "/" :content (main ${calls.join(' ')}))`,
    `(defpage expected :path "/expected" :content (main ${expected.join(' ')}))`,
  ].join('\n')
}
