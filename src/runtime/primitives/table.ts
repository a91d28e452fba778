// How primitives are written down: name, what it takes, function. Arity and types are checked here, once for all.
import { Ratio } from '../../lang/values.ts'
import { brief, fail, made, nameOf, Prim, typeOf } from '../values.ts'

/**
 * One letter for each argument: a anything, n number, s string, l list (nil is empty), d dict (nil is empty), k key of
 * a dict. `?` after it: may be left out (undefined) or nil; `*`: any number of these. `!` first: what it gives is new,
 * and counts as memory.
 */
export type Row = readonly [name: string, takes: string, fn: (...args: never[]) => unknown]

const types: Record<string, string> = { n: 'number', s: 'string', l: 'list', d: 'dict', k: 'string' }

const take = (who: string, type: string, v: unknown): unknown => {
  const given =
    type === 'n' && v instanceof Ratio
      ? v.num / v.den
      : type === 'k' && v !== null
        ? (nameOf(v) ?? (typeof v === 'number' ? String(v) : v))
        : (v ?? (type === 'l' ? [] : type === 'd' ? new Map() : v))
  const wanted = types[type]
  return type === 'a' || typeof given === wanted || typeOf(given) === wanted
    ? given
    : fail(`${who} takes a ${wanted}, not ${brief(v)}`)
}

/** A raw row's function takes (machine, arguments) and may go on in the machine. */
export const primitive = ([name, takes, fn]: Row, raw = false): Prim => {
  const parts = takes.match(/[a-z][?*]?/g) ?? []
  const many = takes.endsWith('*')
  const min = parts.filter(part => !part[1]).length
  const max = many ? 1 / 0 : parts.length
  const given = fn as (...args: unknown[]) => unknown
  const call = takes[0] === '!' ? (...args: unknown[]) => made(given(...args)) : given
  const last = parts.length - 1
  const check = (v: unknown, i: number): unknown => {
    const [type, mark] = parts[Math.min(i, last)]!
    return mark === '?' && (v === null || v === undefined) ? undefined : take(name, type!, v)
  }
  return new Prim(
    name,
    (raw
      ? (m: unknown, vs: unknown[]) => call(m, vs.map(check))
      : min === 1 && max === 1
        ? (v: unknown) => call(check(v, 0))
        : /^!?[a?*]*$/.test(takes)
          ? call
          : max === 2
            ? (v: unknown, w: unknown) => call(check(v, 0), check(w, 1))
            : (...vs: unknown[]) => call(...vs.map(check))) as never,
    min,
    max,
    raw,
  )
}
