// Calls of a program's definitions, as their parameters want it.
import type { Grammar, Signature, Type } from './grammar.ts'

/** A definition that refers to itself counts down: the number comes first, and is small. */
const small = (g: Grammar): string => String(g.r.below(4))

const argument = (g: Grammar, type: Type): string =>
  type === 'log' ? (g.variables.find(v => v.type === 'log')?.name ?? '(list)') : g.of(type)

export const call = (g: Grammar, { name, positions, keys, rest, kind }: Signature): string => {
  if (kind === 'value') return name
  const given = keys
    .filter(() => g.r.chance(75))
    .map(([key, type]) => `:${key} ${key === 'n' ? small(g) : argument(g, type)}`)
  const placed = positions.map((type, i) => (i === 0 && type === 'number' ? small(g) : argument(g, type)))
  const more = rest === undefined ? [] : Array.from({ length: g.r.below(3) }, () => g.of(rest))
  // Wrong on purpose, rarely: an unknown keyword, one argument too many.
  if (g.r.chance(1)) given.push(':no-such 1')
  if (g.r.chance(0.5)) more.push('1')
  const args = g.r.chance(80) ? [...placed, ...given, ...more] : [...given, ...placed, ...more]
  return `(${[name, ...args].join(' ')})`
}
