// How primitives are written down: name, what it takes, function. Arity and types are checked here, once for all.
import { Keyword, Ratio, Sym } from '../../lang/values.ts'
import { fail, Prim, show } from '../values.ts'

/**
 * One letter for each argument: a anything, n number, q number or rational, s string, l list (nil is empty), d dict
 * (nil is empty), k key of a dict. `?` after it: may be left out (undefined) or nil; `*`: any number of these.
 */
export type Row = readonly [name: string, takes: string, fn: (...args: never[]) => unknown]

const words: Record<string, string> = {
  n: 'a number',
  q: 'a number',
  s: 'a string',
  l: 'a list',
  d: 'a dict',
  k: 'a key',
}

const take = (who: string, type: string, v: unknown): unknown => {
  switch (type) {
    case 'n':
      if (typeof v === 'number') return v
      if (v instanceof Ratio) return v.num / v.den
      break
    case 'q':
      if (typeof v === 'number' || v instanceof Ratio) return v
      break
    case 's':
      if (typeof v === 'string') return v
      break
    case 'l':
      if (v === null) return []
      if (Array.isArray(v)) return v
      break
    case 'd':
      if (v === null) return new Map()
      if (v instanceof Map) return v
      break
    case 'k':
      if (typeof v === 'string') return v
      if (v instanceof Keyword || v instanceof Sym) return v.name
      if (typeof v === 'number') return String(v)
      break
    default:
      return v
  }
  return fail(`${who} takes ${words[type]}, not ${show(v).slice(0, 60)}`)
}

/** A raw row's function takes (machine, arguments) and may go on in the machine. */
export const primitive = ([name, takes, fn]: Row, raw = false): Prim => {
  const parts = takes.match(/[a-z][?*]?/g) ?? []
  const types = parts.map(part => part[0]!)
  const optional = parts.map(part => part.length > 1)
  const many = takes.endsWith('*')
  const min = parts.filter(part => part.length === 1).length
  const max = many ? Number.POSITIVE_INFINITY : parts.length
  const call = fn as (...args: unknown[]) => unknown
  const last = types.length - 1
  const check = (v: unknown, i: number): unknown => {
    const at = Math.min(i, last)
    return optional[at] && !many && (v === null || v === undefined) ? undefined : take(name, types[at]!, v)
  }
  if (raw)
    return new Prim(name, ((m: unknown, vs: unknown[]) => call(m, vs.map(check))) as never, min, max, true)
  if (/^[a?*]*$/.test(takes)) return new Prim(name, fn, min, max)
  const checked =
    min === 1 && max === 1
      ? (v: unknown) => call(take(name, types[0]!, v))
      : min === 2 && max === 2
        ? (v: unknown, w: unknown) => call(take(name, types[0]!, v), take(name, types[1]!, w))
        : (...vs: unknown[]) => call(...vs.map(check))
  return new Prim(name, checked as never, min, max)
}

export const table = (rows: readonly Row[], raw = false): Map<string, Prim> =>
  new Map(rows.map(row => [row[0], primitive(row, raw)]))
