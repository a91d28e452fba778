// Literals, lists, dicts, functions: what each type is made of.
import {
  distinct,
  type Grammar,
  type Production,
  some,
  type Tables,
  type Type,
  type Variable,
  variable,
  written,
} from './grammar.ts'
import { markupLeaves, markupProductions } from './markup.ts'
import { hostCall, numberLiteral, primitiveCall, stringLiteral, variableOr } from './primitives.ts'

const leaf = (make: (g: Grammar) => string): readonly Production[] => [[1, variableOr(make)]]

const atom = (g: Grammar): string =>
  g.r.weighted([
    [6, numberLiteral],
    [6, stringLiteral],
    [3, () => g.r.pick(['true', 'false', 'nil'])],
    [2, () => g.r.pick(['()', '{}', "'sym", "'(a 1)", ':kw', '#\\a', '#\\λ', '(list)'])],
  ] as const)[1](g)

/** A function with these parameters, of a body of that type. */
export const lambda = (g: Grammar, params: readonly Type[], result: Type): string => {
  const names = distinct(g, params.length)
  const variables = params.map((type, i): Variable => ({ name: names[i]!, type }))
  const head = g.r.chance(85) ? 'fn' : 'lambda'
  const rest = g.r.chance(5) ? `${params.length > 0 ? ' ' : ''}&rest others` : ''
  const body = g.within(rest ? [...variables, { name: 'others', type: 'list' }] : variables, () =>
    g.of(result),
  )
  return `(${head} (${names.join(' ')}${rest}) ${body})`
}

const named = (g: Grammar, positions: readonly Type[], result: Type): string[] =>
  g.signatures
    .filter(
      s =>
        s.kind === 'function' &&
        s.result === result &&
        s.keys.length === 0 &&
        s.rest === undefined &&
        s.positions.join() === positions.join(),
    )
    .map(s => s.name)

const functionOf = (params: readonly Type[], result: Type, known: readonly string[]): Production[] => [
  [6, g => lambda(g, params, result)],
  [3, g => g.r.pick([...known, ...named(g, params, result)])],
]

const templateItem = (g: Grammar): string =>
  g.r.weighted([
    [4, () => `,${g.of('any')}`],
    [2, () => `,@${g.of('numbers')}`],
    [3, () => g.r.pick(['a', '1', '"s"', ':k', '(b c)', 'nil'])],
    [1, () => `{:k ,${g.of('number')}}`],
  ] as const)[1]()

const quasiquote = (g: Grammar): string => {
  if (g.quoting) return "'(a b)"
  g.quoting = true
  const text = `\`(${Array.from({ length: 1 + g.r.below(3) }, () => templateItem(g)).join(' ')})`
  g.quoting = false
  return text
}

const key = (g: Grammar): string => g.r.pick([':a', ':b', ':c', ':name', ':id', '"a b"', '"ключ"'])
const dictLiteral = (g: Grammar): string => {
  const keys = new Set(Array.from({ length: g.r.below(4) }, () => key(g)))
  return `{${[...keys].map(k => `${k} ${g.of('any')}`).join(' ')}}`
}

const mapped = (from: Type, item: Type, to: Type): Production => [
  3,
  g => `(map ${lambda(g, [item], to)} ${g.of(from)})`,
]

export const leaves: Tables['leaves'] = {
  number: leaf(numberLiteral),
  string: leaf(stringLiteral),
  boolean: leaf(g => g.r.pick(['true', 'false'])),
  numbers: leaf(g =>
    g.r.pick(['(list 1 2 3)', '(list)', '(range 4)', "'(3 1 2)", 'nil', '(list 1/2 0.5 5)', '[5 4]']),
  ),
  strings: leaf(g => g.r.pick(['(list "a" "b")', '(list)', '\'("x" "é" "🌹")', '(split "a b c")'])),
  list: leaf(g =>
    g.r.pick(['(list 1 "a" nil)', '()', "'(a (b) :c)", '(list (list 1) (list 2 3))', 'nil', '[:a 1/2]']),
  ),
  dict: leaf(g =>
    g.r.pick(['{}', '{:a 1 :b "x"}', '{"c" nil :name "N"}', '(dict :id 7)', 'nil', "'{:a (b)}"]),
  ),
  any: leaf(atom),
  markup: markupLeaves,
  signal: leaf(g => (g.pure ? '1' : `(signal ${numberLiteral(g)})`)),
  function: leaf(g => g.r.pick(['inc', 'dec', '(fn (x) x)', '(fn (x) (* x 2))'])),
  predicate: leaf(g => g.r.pick(['odd?', 'even?', 'zero?', '(fn (x) (> x 1))'])),
  function2: leaf(g => g.r.pick(['+', '-', 'max', '(fn (x y) (- y x))'])),
  thunk: leaf(g => g.r.pick(['(fn () 1)', '(fn () nil)', 'list'])),
  log: leaf(() => '(list)'),
}

export const productions: Tables['productions'] = {
  number: [
    primitiveCall,
    [4, leaves.number[0]![1]],
    [3, g => `(${g.r.pick(['+', '-', '*'])} ${g.of('number')} ${g.of('number')})`],
    [2, g => `(reduce ${g.of('function2')} ${g.of('number')} ${g.of('numbers')})`],
    [2, g => `(${g.of('function')} ${g.of('number')})`],
    [
      1,
      g =>
        `(let ((s (signal ${g.of('number')}))) ${g.within([{ name: 's', type: 'signal' }], () => g.of('number'))})`,
    ],
  ],
  string: [primitiveCall, [4, leaves.string[0]![1]], [4, g => `(str ${some(g, 'any', 3, 1)})`]],
  boolean: [
    primitiveCall,
    [2, leaves.boolean[0]![1]],
    [3, g => `(${g.r.pick(['<', '>', '=', '<=', '>='])} ${g.of('number')} ${g.of('number')})`],
    [1, g => `(every? ${g.of('predicate')} ${g.of('numbers')})`],
    [1, g => `(${g.of('predicate')} ${g.of('number')})`],
    [1, g => `(${g.r.pick(['and', 'or'])} ${some(g, 'boolean', 3)})`],
  ],
  numbers: [
    primitiveCall,
    [2, leaves.numbers[0]![1]],
    mapped('numbers', 'number', 'number'),
    [3, g => `(map ${g.of('function')} ${g.of('numbers')})`],
    [2, g => `(map ${g.of('function2')} ${g.of('numbers')} ${g.of('numbers')})`],
    [
      2,
      g =>
        `(map-indexed ${g.r.chance(50) ? g.of('function2') : lambda(g, ['number', 'number'], 'number')} ${g.of('numbers')})`,
    ],
    [3, g => `(filter ${g.of('predicate')} ${g.of('numbers')})`],
  ],
  strings: [
    primitiveCall,
    [2, leaves.strings[0]![1]],
    mapped('strings', 'string', 'string'),
    mapped('numbers', 'number', 'string'),
  ],
  list: [
    primitiveCall,
    [2, leaves.list[0]![1]],
    mapped('list', 'any', 'any'),
    mapped('numbers', 'number', 'any'),
    [3, quasiquote],
    [1, g => `[${some(g, 'any', 3)}]`],
    [1, g => `(${g.r.below(9)} ${some(g, 'any', 2)})`],
    [1, g => g.of('numbers')],
    [1, g => `(map-indexed ${lambda(g, ['number', 'any'], 'any')} ${g.of('list')})`],
    [1, g => (g.scopes.length > 0 ? `(emitted ${g.r.pick(g.scopes)})` : g.of('list'))],
  ],
  dict: [primitiveCall, [3, leaves.dict[0]![1]], [5, dictLiteral]],
  any: [
    primitiveCall,
    ...(['number', 'string', 'boolean', 'list', 'dict', 'numbers'] as const).map(
      (type): Production => [3, g => g.of(type)],
    ),
    [2, atom],
    [1, g => `(some ${g.of('predicate')} ${g.of('numbers')})`],
    [1, g => `(for-each ${g.of('function')} ${g.of('numbers')})`],
    [1, g => g.of('function')],
    [0.3, g => (g.guarded && !g.pure ? hostCall(g) : g.of('any'))],
    [1, g => (g.pure ? g.of('any') : g.of('markup'))],
    [0.3, g => (g.pure ? g.of('any') : g.of('signal'))],
  ],
  markup: markupProductions,
  signal: [primitiveCall, [2, leaves.signal[0]![1]]],
  function: [
    ...functionOf(['number'], 'number', ['inc', 'dec', 'abs']),
    [1, g => (variable(g, 'function') ? written(variable(g, 'function')!) : 'inc')],
  ],
  predicate: functionOf(['number'], 'boolean', ['odd?', 'even?', 'zero?']),
  function2: functionOf(['number', 'number'], 'number', ['+', '-', '*', 'min', 'max']),
  thunk: [[4, g => lambda(g, [], 'any')]],
  log: [],
}
