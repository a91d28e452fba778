// Numbers and rationals. What has no number for an answer (a division by zero) is an error: NaN and infinity are no values.
import { Ratio } from '../../lang/values.ts'
import type { Code, Env } from '../code.ts'
import type { Machine } from '../machine.ts'
import { equal, fail, show } from '../values.ts'
import type { Row } from './table.ts'

type Number_ = number | Ratio

const finite = (n: number): number => (Number.isFinite(n) ? n : fail('the result is no finite number'))

const gcd = (a: number, b: number): number => {
  while (b !== 0) [a, b] = [b, a % b]
  return Math.abs(a)
}

const ratio = (num: number, den: number): Number_ => {
  if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den)) return num / den
  const by = gcd(num, den) * (den < 0 ? -1 : 1)
  return den / by === 1 ? num / by : new Ratio(num / by, den / by)
}

const numeric = (v: unknown, who: string): Number_ =>
  typeof v === 'number' || v instanceof Ratio
    ? v
    : (fail(`${who} takes numbers, not ${show(v).slice(0, 60)}`) as never)

const value = (v: Number_): number => (typeof v === 'number' ? v : v.num / v.den)

/** A rational with an integer stays exact; with any other number it becomes one. */
const arithmetic =
  (
    who: string,
    plain: (a: number, b: number) => number,
    exact: (a: number, b: number, c: number, d: number) => Number_,
  ) =>
  (x: unknown, y: unknown): Number_ => {
    if (typeof x === 'number' && typeof y === 'number') return plain(x, y)
    const a = numeric(x, who)
    const b = numeric(y, who)
    if ((typeof a === 'number' && !Number.isInteger(a)) || (typeof b === 'number' && !Number.isInteger(b)))
      return plain(value(a), value(b))
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
const divide = arithmetic(
  '/',
  (a, b) => (b === 0 ? fail('division by zero') : a / b),
  (n, d, p, q) => (p === 0 ? fail('division by zero') : ratio(n * q, d * p)),
)

const compare =
  (who: string, test: (a: number, b: number) => boolean) =>
  (x: unknown, y: unknown): boolean =>
    test(value(numeric(x, who)), value(numeric(y, who)))

const less = compare('<', (a, b) => a < b)
const more = compare('>', (a, b) => a > b)
const atMost = compare('<=', (a, b) => a <= b)
const atLeast = compare('>=', (a, b) => a >= b)

const chain =
  (test: (a: unknown, b: unknown) => boolean) =>
  (...vs: unknown[]): boolean => {
    for (let i = 1; i < vs.length; i++) if (!test(vs[i - 1], vs[i])) return false
    return true
  }

const fold =
  (op: (a: unknown, b: unknown) => unknown, unit: number) =>
  (...vs: unknown[]): unknown =>
    vs.length === 1 ? op(unit, vs[0]) : vs.reduce(op, vs.length === 0 ? unit : vs.shift())

const toInteger = (round: (n: number) => number) => (n: number) => round(n) + 0

export const numberRows: readonly Row[] = [
  ['+', 'a*', fold(add, 0)],
  ['-', 'aa*', fold(subtract, 0)],
  ['*', 'a*', fold(multiply, 1)],
  ['/', 'aa*', fold(divide, 1)],
  ['=', 'aa*', chain((a, b) => equal(a, b))],
  ['!=', 'aa', (a: unknown, b: unknown) => !equal(a, b)],
  ['<', 'aa*', chain(less)],
  ['>', 'aa*', chain(more)],
  ['<=', 'aa*', chain(atMost)],
  ['>=', 'aa*', chain(atLeast)],
  // The sign is the divisor's, as in Clojure and Python.
  ['mod', 'nn', (a: number, b: number) => (b === 0 ? fail('division by zero') : a - b * Math.floor(a / b))],
  ['floor', 'n', toInteger(Math.floor)],
  ['ceil', 'n', toInteger(Math.ceil)],
  // Halves go up; `digits` after the point.
  [
    'round',
    'nn?',
    (n: number, digits = 0) => {
      const by = 10 ** Math.max(0, Math.min(15, digits))
      return Math.round(n * by) / by + 0
    },
  ],
  ['pow', 'nn', (a: number, b: number) => finite(a ** b)],
  ['sqrt', 'n', (n: number) => finite(Math.sqrt(n))],
  ['abs', 'q', (n: Number_) => (typeof n === 'number' ? Math.abs(n) : new Ratio(Math.abs(n.num), n.den))],
  ['inc', 'a', (n: unknown) => add(n, 1)],
  ['dec', 'a', (n: unknown) => subtract(n, 1)],
  ['min', 'qq*', (...ns: Number_[]) => ns.reduce((a, b) => (less(b, a) ? b : a))],
  ['max', 'qq*', (...ns: Number_[]) => ns.reduce((a, b) => (more(b, a) ? b : a))],
  [
    'clamp',
    'qqq',
    (n: Number_, low: Number_, high: Number_) => (less(n, low) ? low : more(n, high) ? high : n),
  ],
  ['odd?', 'n', (n: number) => Math.abs(n % 2) === 1],
  ['even?', 'n', (n: number) => n % 2 === 0],
  ['zero?', 'n', (n: number) => n === 0],
  [
    'parse-int',
    'aa?',
    (v: unknown, other: unknown = null) => {
      if (typeof v === 'number') return Math.trunc(v)
      const n = typeof v === 'string' && /^\s*[+-]?\d+\s*$/.test(v) ? Number(v) : Number.NaN
      return Number.isSafeInteger(n) ? n : other
    },
  ],
  ['format-decimal', 'nn?', (n: number, places = 2) => n.toFixed(Math.max(0, Math.min(20, places)))],
]

type Fast = (a: Code, b: Code) => (env: Env, m: Machine) => unknown

/** Two simple operands, which are nearly always plain numbers: no call, no check but of their type. */
export const fast: Readonly<Record<string, Fast>> = {
  '+': (a, b) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? x + y : add(x, y)
  },
  '-': (a, b) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? x - y : subtract(x, y)
  },
  '*': (a, b) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? x * y : multiply(x, y)
  },
  '<': (a, b) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? x < y : less(x, y)
  },
  '>': (a, b) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return typeof x === 'number' && typeof y === 'number' ? x > y : more(x, y)
  },
  '=': (a, b) => (env, m) => {
    const x = a(env, m)
    const y = b(env, m)
    return x === y || equal(x, y)
  },
}
