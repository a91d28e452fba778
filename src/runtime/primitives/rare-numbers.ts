// Numbers that few pages need: rounding, powers, text ⇄ number.
import { Ratio } from '../../lang/values.ts'
import { equal, fail } from '../values.ts'
import { chain, fold } from './numbers.ts'
import type { Row } from './table.ts'

/** As the core's own arithmetic has it, and for what is no number at all. */
export const finite = (n: number): number =>
  Math.abs(n) < 2 ** 53 ? n : fail(Number.isFinite(n) ? 'beyond 2^53' : 'the result is no finite number')

/** An integer from low to high, both included. `random` is asked with two such integers. */
export const randomInt = (random: (low: number, high: number) => number): Row => [
  'random-int',
  'nn',
  (low: number, high: number) =>
    Number.isSafeInteger(low) && Number.isSafeInteger(high) && low <= high
      ? random(low, high)
      : fail('random-int takes two integers, the lower one first'),
]

export const divide = (a: number, b: number): number => (b === 0 ? fail('division by zero') : finite(a / b))

/** The sign is the divisor's, as in Clojure and Python. JavaScript's own remainder is exact. */
export const modulo = (a: number, b: number): number => {
  const rest = b === 0 ? fail('division by zero') : a % b
  return rest * b < 0 ? rest + b : rest + 0
}

export const rareNumberRows: readonly Row[] = [
  ['*', 'n*', fold(1, (a, b) => a * b)],
  ['/', 'nn*', fold(1, divide)],
  ['!=', 'aa', (a: unknown, b: unknown) => !equal(a, b)],
  ['<=', 'nn*', chain((a, b) => a <= b)],
  ['>=', 'nn*', chain((a, b) => a >= b)],
  ['mod', 'nn', modulo],
  // `+ 0` makes −0 a 0.
  ['floor', 'n', (n: number) => Math.floor(n) + 0],
  ['min', 'nn*', Math.min],
  ['max', 'nn*', Math.max],
  ['ceil', 'n', (n: number) => Math.ceil(n) + 0],
  // Halves go up; `digits` after the point.
  [
    'round',
    'nn?',
    (n: number, digits = 0) => {
      const by = 10 ** Math.max(0, Math.min(15, digits))
      return Math.round(n * by) / by + 0
    },
  ],
  ['abs', 'n', Math.abs],
  ['odd?', 'n', (n: number) => Math.abs(n % 2) === 1],
  ['even?', 'n', (n: number) => n % 2 === 0],
  ['zero?', 'n', (n: number) => n === 0],
  ['pow', 'nn', (a: number, b: number) => finite(a ** b)],
  ['sqrt', 'n', (n: number) => finite(Math.sqrt(n))],
  ['clamp', 'nnn', (n: number, low: number, high: number) => Math.max(low, Math.min(high, n))],
  [
    'parse-int',
    'aa?',
    (v: unknown, other: unknown = null) => {
      if (typeof v === 'number' || v instanceof Ratio)
        return Math.trunc(v instanceof Ratio ? v.num / v.den : v)
      const n = typeof v === 'string' && /^\s*[+-]?\d+\s*$/.test(v) ? Number(v) : Number.NaN
      return Number.isSafeInteger(n) ? n : other
    },
  ],
  // No sign where nothing but zeros is left.
  [
    'format-decimal',
    'nn?',
    (n: number, places = 2) => n.toFixed(Math.max(0, Math.min(20, places))).replace(/^-(?=[0.]*$)/, ''),
  ],
]
