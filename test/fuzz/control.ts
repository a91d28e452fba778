// Forms that give whatever their parts give: choice, names, loops, errors, continuations, dynamic scope. And statements,
// which are there for what they do.
import { call } from './calls.ts'
import {
  distinct,
  during,
  type Grammar,
  type Production,
  some,
  type Type,
  type Variable,
  variable,
  written,
} from './grammar.ts'
import { hostCall } from './primitives.ts'

const bindable: readonly Type[] = [
  'number',
  'number',
  'string',
  'boolean',
  'numbers',
  'list',
  'dict',
  'any',
  'function',
  'markup',
]

const anyType = (g: Grammar): Type => g.r.pick(g.pure ? bindable.slice(0, -1) : bindable)

interface Binding {
  readonly variables: readonly Variable[]
  readonly values: readonly string[]
}

/** Names with values that are made in the scope around. */
const bindings = (g: Grammar, most: number): Binding => {
  const variables = distinct(g, 1 + g.r.below(most)).map((name): Variable => ({ name, type: anyType(g) }))
  return { variables, values: variables.map(v => g.of(v.type)) }
}

const pairs = ({ variables, values }: Binding): string =>
  variables.map((v, i) => `(${v.name} ${values[i]})`).join(' ')

/** Something that is done: noted, set, emitted, changed. */
export const statement = (g: Grammar): string => {
  g.fuel--
  const log = g.variables.find(v => v.type === 'log')
  const settable = g.variables.filter(
    v => !v.continuation && !v.fixed && v.as === undefined && v.type !== 'log',
  )
  const signals = g.pure ? [] : g.variables.filter(v => v.type === 'signal' && v.as === undefined)
  return g.r.weighted([
    [
      6,
      () =>
        log ? `(append! ${log.name} ${g.of(g.r.pick(['number', 'string', 'any'] as const))})` : g.of('any'),
    ],
    [
      settable.length > 0 ? 4 : 0,
      () => {
        const v = g.r.pick(settable)
        return `(set! ${v.name} ${g.of(v.type)})`
      },
    ],
    [g.scopes.length > 0 ? 5 : 0, () => `(emit! ${g.r.pick(g.scopes)} ${g.of('any')})`],
    [
      1,
      () =>
        `(for-each (fn (x) ${g.within([{ name: 'x', type: 'number' }], () => statement(g))}) ${g.of('numbers')})`,
    ],
    [1, () => `(when ${g.of('boolean')} ${statement(g)} ${statement(g)})`],
    [
      signals.length > 0 ? 4 : 0,
      () => {
        const { name } = g.r.pick(signals)
        return g.r.pick([
          () => `(swap! ${name} ${g.of('function')})`,
          () => `(swap! ${name} ${g.of('function2')} ${g.of('number')})`,
          () => `(reset! ${name} ${g.of('number')})`,
          () => `(batch (fn () ${statement(g)}))`,
        ])()
      },
    ],
    [0.3, () => g.of('any')],
  ] as const)[1]()
}

const notes = (g: Grammar): string => (g.r.chance(40) ? ` ${statement(g)}` : '')

const condition = (g: Grammar): string => g.of(g.r.chance(85) ? 'boolean' : 'any')

const choice: readonly Production[] = [
  [6, (g, t) => `(if ${condition(g)} ${g.of(t)} ${g.of(t)})`],
  [1, (g, t) => `(when ${g.r.chance(85) ? 'true' : condition(g)}${notes(g)} ${g.of(t)})`],
  [1, (g, t) => `(cond ${condition(g)} ${g.of(t)} ${condition(g)} ${g.of(t)} :else ${g.of(t)})`],
  [
    1,
    (g, t) => {
      const [v] = distinct(g, 1) as [string]
      const receiver = g.within([{ name: v, type: 'number' }], () => g.of(t))
      return `(cond (${condition(g)}${notes(g)} ${g.of(t)}) (${g.of('number')} => (fn (${v}) ${receiver})) (else ${g.of(t)}))`
    },
  ],
  [1, (g, t) => `(case ${g.of('number')} 1 ${g.of(t)} 2 ${g.of(t)} :else ${g.of(t)})`],
  [
    1,
    (g, t) =>
      `(case ${g.of('any')} ((0 "a" nil) ${g.of(t)}) (('sym :k 1/2)${notes(g)} ${g.of(t)}) (else ${g.of(t)}))`,
  ],
  [
    1,
    (g, t) => `(match ${g.of('numbers')} ((a) ${g.within([{ name: 'a', type: 'number' }], () => g.of(t))})
    ((1 b) ${g.within([{ name: 'b', type: 'number' }], () => g.of(t))})
    ((a b &rest more)${notes(g)} ${g.within(
      [
        { name: 'a', type: 'number' },
        { name: 'b', type: 'number' },
        { name: 'more', type: 'numbers' },
      ],
      () => g.of(t),
    )})
    (_ ${g.of(t)}))`,
  ],
  [
    1,
    (g, t) =>
      `(match ${g.of('any')} ("a" ${g.of(t)}) ({:a v} ${g.within([{ name: 'v', type: 'any' }], () => g.of(t))}) (nil ${g.of(t)}) ('sym ${g.of(t)}) (w ${g.within([{ name: 'w', type: 'any' }], () => g.of(t))}))`,
  ],
  [0.2, (g, t) => `(match ${g.of('number')} (1 ${g.of(t)}) (2 ${g.of(t)}))`],
  [1, (g, t) => `(or ${g.r.pick(['nil', 'false', g.of('any')])} ${g.of(t)})`],
  [1, (g, t) => `(and ${condition(g)} ${g.of(t)})`],
]

const sequences: readonly Production[] = [
  [4, (g, t) => `(${g.r.pick(['do', 'begin'])} ${statement(g)}${notes(g)} ${g.of(t)})`],
  [3, (g, t) => `(let () ${statement(g)} ${g.of(t)})`],
]

const naming: readonly Production[] = [
  [
    5,
    (g, t) => {
      const b = bindings(g, 3)
      return `(let (${pairs(b)})${g.within(b.variables, () => `${notes(g)} ${g.of(t)}`)})`
    },
  ],
  [
    1,
    (g, t) => {
      const b = bindings(g, 2)
      return `(let [${b.variables.map((v, i) => `${v.name} ${b.values[i]}`).join(' ')}] ${g.within(b.variables, () => g.of(t))})`
    },
  ],
  [
    1,
    (g, t) => {
      const [a, b] = distinct(g, 2) as [string, string]
      const first: Variable = { name: a, type: anyType(g) }
      const second: Variable = { name: b, type: anyType(g) }
      return `(let* ((${a} ${g.of(first.type)}) (${b} ${g.within([first], () => g.of(second.type))})) ${g.within([first, second], () => g.of(t))})`
    },
  ],
  [
    1,
    (g, t) => {
      const down = (other: string): string =>
        `(fn (n) (if (< n 1) ${g.within([{ name: 'n', type: 'number', fixed: true }], () => g.of(t))} (${other} (- n 1))))`
      return `(letrec ((ping ${down('pong')}) (pong ${down('ping')})) (ping ${g.r.below(5)}))`
    },
  ],
  [
    1,
    (g, t) => {
      const [a, f, n] = distinct(g, 3) as [string, string, string]
      const value = g.of('number')
      const one: Variable = { name: a, type: 'number' }
      const body = g.within([one, { name: n, type: 'number' }], () => g.of('number'))
      return `(let () (define ${a} ${value}) (define (${f} ${n}) ${body})${notes(g)} ${g.within([one, { name: f, type: 'function' }], () => g.of(t))})`
    },
  ],
  [
    1,
    (g, t) => {
      const s = g.name()
      return g.pure
        ? g.of(t)
        : `(let ((${s} (signal ${g.of('number')}))) ${g.within([{ name: s, type: 'signal', fixed: true }], () => `${statement(g)} ${g.of(t)}`)})`
    },
  ],
]

const counter: Variable = { name: 'i', type: 'number', fixed: true }

const loops: readonly Production[] = [
  [
    2,
    (g, t) => {
      const all: Variable[] = [counter, { name: 'acc', type: t, fixed: true }]
      const start = g.of(t)
      return g.within(
        all,
        () =>
          `(let loop ((i 0) (acc ${start})) (if (< i ${g.r.below(6)}) (${g.r.chance(50) ? 'begin' : 'do'}${notes(g)} (loop (+ i 1) ${g.of(t)})) acc))`,
      )
    },
  ],
  [
    1,
    (g, t) => {
      const start = g.of(t)
      return g.within(
        [counter, { name: 'acc', type: t }],
        () =>
          `(do ((i 0 (+ i 1)) (acc ${start} ${g.of(t)})) ((>= i ${g.r.below(5)})${notes(g)} acc)${notes(g)})`,
      )
    },
  ],
  // Not in last place: frames.
  [
    1,
    (g, t) =>
      g.within(
        [{ name: 'n', type: 'number', fixed: true }],
        () =>
          `(let down ((n ${g.r.below(4)})) (if (< n 1) ${g.of(t)} (let ((r (down (- n 1)))) ${notes(g)} r)))`,
      ),
  ],
]

const functions: readonly Production[] = [
  [
    3,
    (g, t) => {
      const b = bindings(g, 2)
      return `((fn (${b.variables.map(v => v.name).join(' ')}) ${g.within(b.variables, () => g.of(t))}) ${b.values.join(' ')})`
    },
  ],
  [
    1,
    (g, t) => {
      const [a, b, rest] = distinct(g, 3) as [string, string, string]
      const variables: Variable[] = [
        { name: a, type: 'number' },
        { name: b, type: 'any' },
        { name: rest, type: 'list' },
      ]
      return `((fn (${a} &key ${b} &rest ${rest}) ${g.within(variables, () => g.of(t))}) ${g.of('number')}${g.r.chance(70) ? ` :${b} ${g.of('any')}` : ''} ${some(g, 'any', 2)})`
    },
  ],
  [
    1,
    (g, t) => {
      const [a, b] = distinct(g, 2) as [string, string]
      return `(apply (fn (${a} ${b}) ${g.within(
        [
          { name: a, type: 'number' },
          { name: b, type: 'any' },
        ],
        () => g.of(t),
      )}) ${g.of('number')} (list ${g.of('any')}))`
    },
  ],
  [
    6,
    (g, t) => {
      const fit = g.signatures.filter(s => s.result === t || (t === 'any' && s.kind !== 'component'))
      return fit.length === 0 ? g.of(t) : call(g, g.r.pick(fit))
    },
  ],
  [
    3,
    (g, t) => {
      const found = variable(g, t)
      return found ? written(found) : g.of(t)
    },
  ],
  [
    1,
    (g, t) => {
      const x = g.name()
      const steps = g.within([{ name: x, type: 'number' }], () => `(+ ${x} 1) ${g.of(t)}`)
      return `(as-> ${g.of('number')} ${x} ${steps})`
    },
  ],
  [
    1,
    (g, t) =>
      t === 'number'
        ? `(-> ${g.of('number')} (+ ${g.of('number')}) ${g.of('function')} inc)`
        : t === 'numbers'
          ? `(->> ${g.of('numbers')} (map ${g.of('function')}) (filter ${g.of('predicate')}))`
          : `(-> ${g.of('any')} (list 2) (get ${g.r.below(2)}))`,
  ],
]

const raised = (g: Grammar): string => g.of(g.r.pick(['string', 'number', 'any', 'dict'] as const))

const errors: readonly Production[] = [
  [
    4,
    (g, t) => {
      const e = g.name()
      const seen: Variable = { name: e, type: 'any' }
      const body = during(g, { guarded: true }, () => `${notes(g)} ${g.of(t)}`)
      const clauses = g.within([seen], () =>
        g.r.pick([
          () => `(else ${g.of(t)})`,
          () => `((string? ${e}) ${g.of(t)}) ((number? ${e})${notes(g)} ${g.of(t)}) (else ${g.of(t)})`,
          () =>
            `((dict? ${e}) ${t === 'string' || t === 'any' ? `(str (get ${e} :code) (get ${e} :message) (get ${e} :irritants))` : g.of(t)}) (else ${g.of(t)})`,
          () => `((get (if (dict? ${e}) ${e} {}) :code) => (fn (code) ${g.of(t)})) (true ${g.of(t)})`,
          () => `((equal? ${e} 1) ${g.of(t)})`,
        ])(),
      )
      return `(guard (${e} ${clauses}) ${body})`
    },
  ],
  [
    3,
    (g, t) =>
      g.guarded || g.r.chance(4)
        ? `(${g.r.chance(60) ? 'raise' : 'raise-continuable'} ${raised(g)})`
        : g.of(t),
  ],
  [0.5, (g, t) => (g.guarded || g.r.chance(4) ? `(error ${g.of('string')} ${some(g, 'any', 2)})` : g.of(t))],
  [0.3, (g, t) => (g.guarded && !g.pure ? hostCall(g) : g.of(t))],
  [1, (g, t) => `(dynamic-wind (fn () ${statement(g)}) (fn () ${g.of(t)}) (fn () ${statement(g)}))`],
]

const continuations: readonly Production[] = [
  [
    2,
    (g, t) => {
      const k = g.name()
      return `(call/cc (fn (${k}) ${g.within([{ name: k, type: t, continuation: true, fixed: true }], () => `${notes(g)} ${g.of(t)}`)}))`
    },
  ],
  [
    3,
    (g, t) => {
      const known = g.variables.filter(v => v.continuation)
      if (known.length === 0) return g.of(t)
      const k = g.r.pick(known)
      return `(${written(k)} ${g.of(k.type)})`
    },
  ],
  // The rest of the evaluation, again: a bounded number of times.
  [
    0.5,
    (g, t) =>
      `(let ((again nil) (turns 0)) (let ((v (call/cc (fn (k) (set! again k) ${g.of(t)}))))${notes(g)} (if (< turns ${1 + g.r.below(2)}) (do (set! turns (+ turns 1)) (again ${g.of(t)})) v)))`,
  ],
  [
    1.5,
    (g, t) => (g.pure ? g.of(t) : `(reset ${during(g, { delimited: t }, () => `${notes(g)} ${g.of(t)}`)})`),
  ],
  [
    3,
    (g, t) => {
      const whole = g.delimited
      if (whole === undefined) return g.of(t)
      const k = g.name()
      return `(shift ${k} ${during(g, { delimited: undefined }, () =>
        g.r.pick([
          () => `(${k} ${g.of(t)})`,
          () => `(do (${k} ${g.of(t)}) (${k} ${g.of(t)}))`,
          () => (whole === t ? `(${k} (${k} ${g.of(t)}))` : g.of(whole)),
          () => g.of(whole),
        ])(),
      )})`
    },
  ],
]

const scopeNames: Readonly<Partial<Record<Type, string>>> = {
  number: 'sn',
  string: 'ss',
  any: 'sa',
  markup: 'sm',
}

const scopes: readonly Production[] = [
  [
    1,
    (g, t) => {
      if (t !== 'list' && t !== 'any') return g.of(t)
      const inside = during(
        g,
        { scopes: [...g.scopes, 'sa'] },
        () => `${statement(g)} (emit! sa ${g.of('any')})`,
      )
      return `(scope sa ${inside} (emitted sa))`
    },
  ],
  [
    2,
    (g, t) => {
      const [type, name] = g.r.pick(Object.entries(scopeNames)) as [Type, string]
      const inside = during(g, { scopes: [...g.scopes, name] }, () => `${notes(g)} ${g.of(t)}`)
      return g.r.chance(50)
        ? `(provide ${g.r.pick(['', ':', "'"].slice(0, 2))}${name} ${g.of(type)}${inside})`
        : `(scope ${name}${g.r.chance(60) ? ` :value ${g.of(type)}` : ''}${inside})`
    },
  ],
  [
    3,
    (g, t) => {
      const name = scopeNames[t]
      return name === undefined ? g.of(t) : `(context ${name} ${g.of(t)})`
    },
  ],
]

export const general: readonly Production[] = [
  choice,
  sequences,
  naming,
  loops,
  functions,
  errors,
  continuations,
  scopes,
].flat()
