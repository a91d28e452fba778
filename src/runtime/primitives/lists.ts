// Lists and dicts, and what works on both. Nothing here changes its argument.
import { apply } from '../call.ts'
import type { Machine } from '../machine.ts'
import { brief, equal, exceeded, fail, keysOf, nameOf } from '../values.ts'
import type { Row } from './table.ts'

type List = unknown[]
type Dict = Map<string, unknown>

export const keyOf = (v: unknown): string => nameOf(v) ?? String(v)

const wrong = (who: string, v: unknown): never => fail(`${who} does not work on ${brief(v)}`)

/** From a dict by key, from a list or string by position; negative positions count from the end. */
const get = (from: unknown, key: unknown, other: unknown = null): unknown => {
  let v: unknown
  if (from instanceof Map) v = from.get(keyOf(key))
  else if (Array.isArray(from) || typeof from === 'string')
    v = typeof key === 'number' ? from[key < 0 ? from.length + key : key] : undefined
  else if (from !== null) wrong('get', from)
  return v === undefined ? other : v
}

/** A part of a list or string; nil has none. */
export const part = (v: unknown, from = 0, to?: number): unknown =>
  v === null ? [] : Array.isArray(v) || typeof v === 'string' ? v.slice(from, to) : wrong('slice', v)

const maxList = 5_000_000

export const range = (a: number, b?: number, step = 1): number[] => {
  const [from, to] = b === undefined ? [0, a] : [a, b]
  const n = Math.max(0, Math.ceil((to - from) / step))
  if (!(n <= maxList)) exceeded('list length', maxList)
  return Array.from({ length: n }, (_, i) => from + i * step)
}

export const entries = (vs: readonly unknown[], start: Iterable<[string, unknown]> = []): Dict => {
  const dict = new Map(start)
  if (vs.length % 2 === 1) fail('keys and values come in pairs')
  for (let i = 0; i < vs.length; i += 2) dict.set(keyOf(vs[i]), vs[i + 1])
  return dict
}

export const listRows: readonly Row[] = [
  ['list', 'a*', (...vs: List) => vs],
  ['get', 'aaa?', get],
  [
    'len',
    'a',
    (v: unknown) =>
      v === null
        ? 0
        : v instanceof Map
          ? v.size
          : Array.isArray(v) || typeof v === 'string'
            ? v.length
            : wrong('len', v),
  ],
  ['slice', 'ann?', part],
  ['first', 'a', (v: unknown) => get(v, 0)],
  ['last', 'a', (v: unknown) => get(v, -1)],
  ['rest', 'a', (v: unknown) => part(v, 1)],
  ['nth', 'an', (v: unknown, i: number) => (i < 0 ? null : get(v, i))],
  ['cons', 'al', (v: unknown, list: List) => [v, ...list]],
  // A list is added item by item, anything else as one item.
  ['append', 'la*', (list: List, ...more: List) => list.concat(...more)],
  ['concat', 'l*', (...lists: List[]) => lists.flat()],
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
  ['dict', 'a*', (...vs: List) => entries(vs)],
  ['keys', 'd', (dict: Dict) => keysOf(dict)],
  ['merge', 'd*', (...dicts: Dict[]) => new Map(dicts.flatMap(dict => [...dict]))],
  ['assoc', 'da*', (dict: Dict, ...vs: List) => entries(vs, dict)],
]

export const listRawRows: readonly Row[] = [
  [
    'apply',
    'aa*',
    (m: Machine, [f, ...args]: List) => {
      const last = args.pop() ?? []
      return apply(m, f, [...args, ...(Array.isArray(last) ? last : wrong('apply', last))])
    },
  ],
]
