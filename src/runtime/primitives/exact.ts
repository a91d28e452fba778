// Exact arithmetic: rationals take part in it and stay rational. Replaces the core's rows of the same names.
import { Ratio } from '../../lang/values.ts'
import type { Extension } from '../form.ts'
import { brief, fail } from '../values.ts'
import { finite, modulo, divide as plainly } from './rare-numbers.ts'
import type { Row } from './table.ts'

type Number_ = number | Ratio

const gcd = (a: number, b: number): number => {
  while (b !== 0) [a, b] = [b, a % b]
  return Math.abs(a)
}

const ratio = (num: number, den: number): Number_ => {
  if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den))
    return fail('a rational with parts beyond 2^53−1 would not be exact') as never
  const by = gcd(num, den) * (den < 0 ? -1 : 1)
  return den / by === 1 ? num / by : new Ratio(num / by, den / by)
}

const numeric = (v: unknown, who: string): Number_ =>
  typeof v === 'number' || v instanceof Ratio ? v : (fail(`${who} takes a number, not ${brief(v)}`) as never)

const value = (v: Number_): number => (typeof v === 'number' ? v : v.num / v.den)

/** A rational with an integer stays exact; with any other number it becomes one. */
const arithmetic =
  (
    who: string,
    plain: (a: number, b: number) => number,
    exact: (a: number, b: number, c: number, d: number) => Number_,
  ) =>
  (x: unknown, y: unknown): Number_ => {
    if (typeof x === 'number' && typeof y === 'number') return finite(plain(x, y))
    const a = numeric(x, who)
    const b = numeric(y, who)
    if ((typeof a === 'number' && !Number.isInteger(a)) || (typeof b === 'number' && !Number.isInteger(b)))
      return finite(plain(value(a), value(b)))
    const [n, d] = typeof a === 'number' ? [a, 1] : [a.num, a.den]
    const [p, q] = typeof b === 'number' ? [b, 1] : [b.num, b.den]
    return exact(n, d, p, q)
  }

const add = arithmetic(
  '+',
  (a, b) => a + b,
  (n, d, p, q) => ratio(n * q + p * d, d * q),
)
const subtract = arithmetic(
  '-',
  (a, b) => a - b,
  (n, d, p, q) => ratio(n * q - p * d, d * q),
)
const multiply = arithmetic(
  '*',
  (a, b) => a * b,
  (n, d, p, q) => ratio(n * p, d * q),
)
const divide = arithmetic('/', plainly, (n, d, p, q) =>
  p === 0 ? fail('division by zero') : ratio(n * q, d * p),
)
const remainder = arithmetic('mod', modulo, (n, d, p, q) =>
  p === 0 ? fail('division by zero') : ratio(n * q - p * d * Math.floor((n * q) / (d * p)), d * q),
)

/** A rational to a whole power is exact. */
const power = (x: unknown, y: unknown): Number_ => {
  const [a, b] = [numeric(x, 'pow'), numeric(y, 'pow')]
  if (typeof a === 'number' || typeof b !== 'number' || !Number.isInteger(b))
    return finite(value(a) ** value(b))
  const [n, d] = [a.num ** Math.abs(b), a.den ** Math.abs(b)]
  return b < 0 ? ratio(d, n) : ratio(n, d)
}

/** Numerator and denominator. A float's are exact: it is doubled until nothing is left behind the point. */
const parts = (v: Number_): [bigint, bigint] => {
  if (typeof v !== 'number') return [BigInt(v.num), BigInt(v.den)]
  let by = 1n
  for (; !Number.isInteger(v); v *= 2) by *= 2n
  return [BigInt(v), by]
}

/** Negative, zero or positive. Rounding keeps order, so that only numbers that round to one need a closer look. */
const difference = (a: Number_, b: Number_): number => {
  const d = value(a) - value(b)
  if (d !== 0 || (typeof a === typeof b && typeof a === 'number')) return d
  const [n, m] = parts(a)
  const [p, q] = parts(b)
  return Number(n * q - p * m)
}

const compare =
  (who: string, test: (difference: number) => boolean) =>
  (x: unknown, y: unknown): boolean =>
    test(difference(numeric(x, who), numeric(y, who)))

const less = compare('<', d => d < 0)
const more = compare('>', d => d > 0)
const atMost = compare('<=', d => d <= 0)
const atLeast = compare('>=', d => d >= 0)

/** Every argument is looked at, as the core's rows do, before anything is made of the first ones. */
const all = (who: string, vs: readonly unknown[]): Number_[] => vs.map(v => numeric(v, who))

const chain =
  (who: string, test: (a: unknown, b: unknown) => boolean) =>
  (...vs: unknown[]): boolean =>
    all(who, vs).every((n, i, ns) => i === 0 || test(ns[i - 1], n))

const fold =
  (who: string, op: (a: unknown, b: unknown) => Number_, unit: number) =>
  (...vs: unknown[]): Number_ => {
    const [first, ...rest] = all(who, vs)
    if (first === undefined) return unit
    return rest.length === 0 ? op(unit, first) : rest.reduce<Number_>(op, first)
  }

const exactRows: readonly Row[] = [
  ['+', 'a*', fold('+', add, 0)],
  ['-', 'aa*', fold('-', subtract, 0)],
  ['*', 'a*', fold('*', multiply, 1)],
  ['/', 'aa*', fold('/', divide, 1)],
  ['<', 'aa*', chain('<', less)],
  ['>', 'aa*', chain('>', more)],
  ['<=', 'aa*', chain('<=', atMost)],
  ['>=', 'aa*', chain('>=', atLeast)],
  ['mod', 'aa', remainder],
  ['pow', 'aa', power],
  [
    'abs',
    'a',
    (v: unknown) => {
      const n = numeric(v, 'abs')
      return typeof n === 'number' ? Math.abs(n) : new Ratio(Math.abs(n.num), n.den)
    },
  ],
  ['inc', 'a', (v: unknown) => add(numeric(v, 'inc'), 1)],
  ['dec', 'a', (v: unknown) => subtract(numeric(v, 'dec'), 1)],
  [
    'clamp',
    'aaa',
    (...vs: unknown[]) => {
      const [n, low, high] = all('clamp', vs) as [Number_, Number_, Number_]
      const least = more(n, high) ? high : n
      // Where low is above high, low.
      return less(least, low) ? low : least
    },
  ],
  ['min', 'aa*', (...vs: unknown[]) => all('min', vs).reduce((a, b) => (less(b, a) ? b : a))],
  ['max', 'aa*', (...vs: unknown[]) => all('max', vs).reduce((a, b) => (more(b, a) ? b : a))],
]

export const exact: Extension = {
  primitives: exactRows,
}
