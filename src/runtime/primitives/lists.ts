// Lists and dicts, and what works on both. Nothing changes its argument but append! and dict-set!.
import { compareCodePoints } from '../../lang/order.ts'
import { Keyword, Ratio, Sym } from '../../lang/values.ts'
import { apply } from '../call.ts'
import type { Machine } from '../machine.ts'
import { equal, exceeded, Fn, fail, isFrozen, keysOf, show, truthy } from '../values.ts'
import type { Row } from './table.ts'

type List = unknown[]
type Dict = Map<string, unknown>

const keyOf = (v: unknown): string =>
  v instanceof Keyword || v instanceof Sym ? v.name : typeof v === 'string' ? v : String(v)

const get = (from: unknown, key: unknown, other: unknown = null): unknown => {
  const v =
    from instanceof Map
      ? from.get(keyOf(key))
      : (Array.isArray(from) || typeof from === 'string') && typeof key === 'number'
        ? from[key < 0 ? from.length + key : key]
        : from === null || Array.isArray(from)
          ? undefined
          : fail(`get takes a dict or list, not ${show(from).slice(0, 60)}`)
  return v === undefined ? other : v
}

const size = (v: unknown): number =>
  v === null
    ? 0
    : v instanceof Map
      ? v.size
      : Array.isArray(v) || typeof v === 'string'
        ? v.length
        : fail(`len takes a list, dict or string, not ${show(v).slice(0, 60)}`)

const part = (v: unknown, from = 0, to?: number): unknown =>
  v === null
    ? []
    : Array.isArray(v) || typeof v === 'string'
      ? v.slice(from, to)
      : fail(`slice takes a list or string, not ${show(v).slice(0, 60)}`)

const flatten = (list: List, depth = 0): List => {
  if (depth > 500) exceeded('nesting', 500)
  return list.flatMap(item => (Array.isArray(item) ? flatten(item, depth + 1) : [item]))
}

const maxList = 5_000_000

const range = (a: number, b?: number, step = 1): List => {
  const [from, to] = b === undefined ? [0, a] : [a, b]
  if (step === 0) fail('range takes a step that is not 0')
  const n = Math.max(0, Math.ceil((to - from) / step))
  if (!(n <= maxList)) exceeded('list length', maxList)
  return Array.from({ length: n }, (_, i) => from + i * step)
}

const entries = (vs: readonly unknown[], start: Iterable<[string, unknown]> = []): Dict => {
  const dict = new Map(start)
  if (vs.length % 2 === 1) fail('keys and values come in pairs')
  for (let i = 0; i < vs.length; i += 2) dict.set(keyOf(vs[i]), vs[i + 1])
  return dict
}

const rank = (v: unknown): number =>
  v === null ? 0 : typeof v === 'boolean' ? 1 : typeof v === 'number' || v instanceof Ratio ? 2 : 3

/** nil, booleans, numbers, then text by code point; lists item by item. */
const order = (a: unknown, b: unknown): number => {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const by = order(a[i], b[i])
      if (by !== 0) return by
    }
    return a.length - b.length
  }
  const by = rank(a) - rank(b)
  if (by !== 0 || a === null) return by
  if (rank(a) < 3)
    return Number(a instanceof Ratio ? a.num / a.den : a) - Number(b instanceof Ratio ? b.num / b.den : b)
  return compareCodePoints(keyOf(a), keyOf(b))
}

const sortWith = (m: Machine, [list, f]: [List, unknown]): List => {
  m.count(list.length)
  if (f === undefined) return [...list].sort(order)
  // One parameter: the key to sort by. Two: does the first come before the second (or a number, as compared)?
  if (!(f instanceof Fn) || f.s.positions === 1) {
    const keyed = list.map(item => [m.call(f, [item], apply), item] as const)
    return keyed.sort(([a], [b]) => order(a, b)).map(([, item]) => item)
  }
  const before = (a: unknown, b: unknown): number => {
    const v = m.call(f, [a, b], apply)
    return typeof v === 'number' ? v : truthy(v) ? -1 : truthy(m.call(f, [b, a], apply)) ? 1 : 0
  }
  return [...list].sort(before)
}

const listRow = (name: string, takes: string, fn: (...args: never[]) => unknown): Row => [name, takes, fn]

export const listRows: readonly Row[] = [
  ['list', 'a*', (...vs: List) => vs],
  ['get', 'aaa?', get],
  ['dict-get', 'aaa?', get],
  ['len', 'a', size],
  ['slice', 'ann?', part],
  ['first', 'a', (v: unknown) => get(v, 0)],
  ['last', 'a', (v: unknown) => get(v, -1)],
  ['rest', 'a', (v: unknown) => part(v, 1)],
  ['nth', 'an', (v: unknown, i: number) => (i < 0 ? null : get(v, i))],
  ['cons', 'al', (v: unknown, list: List) => [v, ...list]],
  // A list is added item by item, anything else as one item.
  [
    'append',
    'la*',
    (list: List, ...more: List) =>
      more.reduce<List>((all, v) => (Array.isArray(v) ? [...all, ...v] : [...all, v]), list),
  ],
  ['concat', 'l*', (...lists: List[]) => lists.flat()],
  [
    'reverse',
    'a',
    (v: unknown) => (typeof v === 'string' ? [...v].reverse().join('') : [...(part(v) as List)].reverse()),
  ],
  ['flatten', 'l', (list: List) => flatten(list)],
  ['range', 'nn?n?', range],
  [
    'chunk-every',
    'ln',
    (list: List, n: number) =>
      n >= 1
        ? range(0, list.length, n).map(i => list.slice(i as number, (i as number) + n))
        : fail('chunk-every takes a size of at least 1'),
  ],
  ['zip-pairs', 'l', (list: List) => list.slice(1).map((v, i) => [list[i], v])],
  [
    'index-of',
    'aan?',
    (v: unknown, item: unknown, from = 0) =>
      typeof v === 'string'
        ? v.indexOf(String(item), from)
        : (part(v) as List).findIndex((x, i) => i >= from && equal(x, item)),
  ],
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
  ['dict', 'a*', (...vs: List) => entries(vs)],
  ['keys', 'd', (dict: Dict) => keysOf(dict)],
  ['vals', 'd', (dict: Dict) => keysOf(dict).map(key => dict.get(key))],
  ['has-key?', 'dk', (dict: Dict, key: string) => dict.has(key)],
  ['merge', 'd*', (...dicts: Dict[]) => new Map(dicts.flatMap(dict => [...dict]))],
  ['assoc', 'da*', (dict: Dict, ...vs: List) => entries(vs, dict)],
  [
    'dissoc',
    'dk*',
    (dict: Dict, ...keys: string[]) => new Map([...dict].filter(([key]) => !keys.includes(key))),
  ],
  [
    'into',
    'aa',
    (to: unknown, from: unknown) => {
      const items: List =
        from instanceof Map ? keysOf(from).map(key => [key, from.get(key)]) : (part(from) as List)
      return to instanceof Map ? entries((items as List[]).flat(), to) : [...(part(to) as List), ...items]
    },
  ],
]

const changing = (v: object, who: string): void => {
  if (isFrozen(v))
    fail(
      `${who} can't change a top-level value or a literal`,
      'Make a copy, or keep state in an island: use a signal.',
    )
}

export const listRawRows: readonly Row[] = [
  [
    'append!',
    'la*',
    (_m: Machine, [list, ...vs]: [List, ...List]) => {
      changing(list, 'append!')
      list.push(...vs)
      return list
    },
  ],
  [
    'dict-set!',
    'dka',
    (_m: Machine, [dict, key, v]: [Dict, string, unknown]) => {
      changing(dict, 'dict-set!')
      dict.set(key, v)
      return dict
    },
  ],
  ['sort', 'la?', sortWith],
  [
    'map-dict',
    'ad',
    (m: Machine, [f, dict]: [unknown, Dict]) =>
      new Map(keysOf(dict).map(key => [key, m.call(f, [key, dict.get(key)], apply)])),
  ],
  listRow('apply', 'aa*', (m: Machine, [f, ...args]: List) => {
    const last = args.pop()
    if (last !== undefined && last !== null && !Array.isArray(last)) fail('apply takes a list last')
    return apply(m, f, [...args, ...((last ?? []) as List)])
  }),
]
