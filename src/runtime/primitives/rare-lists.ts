// Lists that few pages need: sorting, cutting up, append!.
import { compareCodePoints } from '../../lang/order.ts'
import { Ratio } from '../../lang/values.ts'
import { apply } from '../call.ts'
import { type Call, calling } from '../calling.ts'
import type { Machine } from '../machine.ts'
import { equal, exceeded, Fn, fail, isFrozen, made, nameOf, type Prim, spend, truthy } from '../values.ts'
import { get, keyOf, part, wrong } from './lists.ts'
import type { Row } from './table.ts'

type List = unknown[]

const maxList = 5_000_000
/** JavaScript's own stack holds them when a primitive is called. */
const maxArguments = 65_535

const range = (a: number, b?: number, step = 1): number[] => {
  const [from, to] = b === undefined ? [0, a] : [a, b]
  if (!step) fail('range by 0')
  const n = Math.max(0, Math.ceil((to - from) / step))
  if (n > maxList) exceeded('list length', maxList)
  spend(n + 8)
  return Array.from({ length: n }, (_, i) => from + i * step)
}

const flatten = (list: List, depth = 0): List => {
  if (depth > 500) exceeded('nesting', 500)
  return made(list).flatMap(item => (Array.isArray(item) ? flatten(item, depth + 1) : [item]))
}

const numberOf = (v: unknown): number => (v instanceof Ratio ? v.num / v.den : Number(v))

const rank = (v: unknown): number =>
  v === null
    ? 0
    : typeof v === 'boolean'
      ? 1
      : typeof v === 'number' || v instanceof Ratio
        ? 2
        : typeof v === 'string' || nameOf(v) !== undefined
          ? 3
          : wrong(v, 'value with an order')

/** nil, booleans, numbers, then text by code point; lists item by item. */
const order = (a: unknown, b: unknown, depth = 0): number => {
  if (depth > 500) exceeded('nesting', 500)
  spend(1)
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const by = order(a[i], b[i], depth + 1)
      if (by !== 0) return by
    }
    return a.length - b.length
  }
  const by = rank(a) - rank(b)
  if (by !== 0 || a === null) return by
  return rank(a) < 3 ? numberOf(a) - numberOf(b) : compareCodePoints(keyOf(a), keyOf(b))
}

/** A merge sort, which keeps the order of equals. `compare` asks, and gives what `Array.sort` takes. */
function* merged<T>(
  list: T[],
  compare: (a: T, b: T) => Generator<Call, number, unknown>,
): Generator<Call, T[], unknown> {
  const middle = list.length >> 1
  if (!middle) return list
  const left: T[] = yield* merged(list.slice(0, middle), compare)
  const right: T[] = yield* merged(list.slice(middle), compare)
  const all: T[] = []
  let [i, j] = [0, 0]
  while (i < left.length && j < right.length)
    all.push((yield* compare(left[i]!, right[j]!)) > 0 ? right[j++]! : left[i++]!)
  return all.concat(left.slice(i), right.slice(j))
}

/** Not by `Array.sort`: engines compare in another order, and what can't be compared would end in another error. */
const sortWith = (m: Machine, [list, f]: [List, unknown]): unknown => {
  m.steps += made(list).length
  // One parameter: the key to sort by. Two, or `<` and its kin: does the first come before the second (or a number, as
  // compared)?
  const compares = f && (f instanceof Fn ? f.s.positions !== 1 : /^[<>]/.test((f as Prim).name))
  return calling(m, function* () {
    const items: List[] = []
    for (const item of list) items.push([f && !compares ? yield [f, [item]] : item, item])
    const sorted = yield* merged(items, function* ([a], [b]) {
      if (!compares) return order(a, b)
      const v = yield [f, [a, b]]
      return typeof v === 'number' ? v : truthy(v) ? -1 : Number(truthy(yield [f, [b, a]]))
    })
    return sorted.map(([, item]) => item)
  })
}

export const rareListRows: readonly Row[] = [
  ['slice', '!ann?', part],
  ['last', 'a', (v: unknown) => get(v, -1)],
  ['nth', 'an', (v: unknown, i: number) => (i < 0 ? null : get(v, i))],
  ['cons', '!al', (v: unknown, list: List) => [v, ...list]],
  // A list is added item by item, anything else as one item.
  ['append', '!la*', (list: List, ...more: List) => list.concat(...more.map(made))],
  ['range', 'nn?n?', range],
  [
    'contains?',
    'aa',
    (v: unknown, item: unknown) =>
      typeof v === 'string'
        ? v.includes(keyOf(item))
        : v instanceof Map
          ? v.has(keyOf(item))
          : (part(v) as List).some(x => equal(x, item)),
  ],
  [
    'reverse',
    '!a',
    (v: unknown) => (typeof v === 'string' ? [...v].reverse().join('') : (part(v) as List).reverse()),
  ],
  ['flatten', 'l', (list: List) => flatten(list)],
  [
    'chunk-every',
    '!ln',
    (list: List, n: number) =>
      n > 0 && Number.isInteger(n)
        ? range(0, list.length, n).map(i => made(list.slice(i, i + n)))
        : fail('chunk-every takes a size'),
  ],
  ['zip-pairs', '!l', (list: List) => list.slice(1).map((v, i) => made([list[i], v]))],
  [
    'index-of',
    'aan?',
    (v: unknown, item: unknown, from = 0) =>
      typeof v === 'string'
        ? v.indexOf(keyOf(item), from)
        : (part(v) as List).findIndex((x, i) => i >= from && equal(x, item)),
  ],
]

export const changing = (v: object, who: string): void => {
  if (isFrozen(v)) fail(`${who} can't change a top-level value or a literal`)
}

export const rareListRawRows: readonly Row[] = [
  [
    'apply',
    'aa*',
    (m: Machine, [f, ...args]: List) => {
      const last = args.pop() ?? []
      if (!Array.isArray(last)) wrong(last, 'list')
      const all = args.concat(last)
      if (all.length > maxArguments) exceeded('arguments', maxArguments)
      return apply(m, f, made(all))
    },
  ],
  [
    'append!',
    'la*',
    (_m: Machine, [list, ...vs]: [List, ...List]) => {
      changing(list, 'append!')
      made(vs)
      for (const v of vs) list.push(v)
      return list
    },
  ],
  ['sort', 'la?', sortWith],
]
