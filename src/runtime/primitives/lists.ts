// Lists and dicts, and what works on both. Nothing here changes its argument.
import { brief, fail, made, nameOf } from '../values.ts'
import type { Row } from './table.ts'

type List = unknown[]

export const keyOf = (v: unknown): string => (typeof v === 'string' ? v : (nameOf(v) ?? String(v)))

/** `what` it should be. */
export const wrong = (v: unknown, what = 'list, dict or string'): never => fail(`${brief(v)} is no ${what}`)

/** From a dict by key, from a list or string by position; negative positions count from the end. */
export const get = (from: unknown, key: unknown, other: unknown = null): unknown => {
  let v: unknown
  if (from instanceof Map) v = from.get(keyOf(key))
  else if (Array.isArray(from) || typeof from === 'string')
    v = typeof key === 'number' ? from[key < 0 ? from.length + key : key] : undefined
  else if (from !== null) wrong(from)
  return v === undefined ? other : v
}

/** A part of a list or string; nil has none. */
export const part = (v: unknown, from = 0, to?: number): unknown =>
  v === null ? [] : Array.isArray(v) || typeof v === 'string' ? v.slice(from, to) : wrong(v)

export const listRows: readonly Row[] = [
  ['list', '!a*', (...vs: List) => vs],
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
            : wrong(v),
  ],
  ['first', 'a', (v: unknown) => get(v, 0)],
  ['rest', '!a', (v: unknown) => part(v, 1)],
  ['concat', 'l*', (...lists: List[]) => lists.flatMap(made)],
]
