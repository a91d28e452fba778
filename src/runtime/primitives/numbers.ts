// Numbers. What has no number for an answer (a division by zero) is an error: NaN and infinity are no values.
import { equal, fail } from '../values.ts'
import type { Row } from './table.ts'

export const finite = (n: number): number => (Number.isFinite(n) ? n : fail('the result is no finite number'))

const chain =
  (test: (a: number, b: number) => boolean) =>
  (...ns: number[]): boolean =>
    ns.every((n, i) => i === 0 || test(ns[i - 1]!, n))

export const numberRows: readonly Row[] = [
  ['+', 'n*', (...ns: number[]) => ns.reduce((a, b) => a + b, 0)],
  ['-', 'nn*', (n: number, ...ns: number[]) => (ns.length === 0 ? -n : ns.reduce((a, b) => a - b, n))],
  ['*', 'n*', (...ns: number[]) => ns.reduce((a, b) => a * b, 1)],
  [
    '/',
    'nn*',
    (n: number, ...ns: number[]) => finite(ns.length === 0 ? 1 / n : ns.reduce((a, b) => a / b, n)),
  ],
  ['=', 'aa*', (first: unknown, ...vs: unknown[]) => vs.every(v => equal(first, v))],
  ['!=', 'aa', (a: unknown, b: unknown) => !equal(a, b)],
  ['<', 'nn*', chain((a, b) => a < b)],
  ['>', 'nn*', chain((a, b) => a > b)],
  ['<=', 'nn*', chain((a, b) => a <= b)],
  ['>=', 'nn*', chain((a, b) => a >= b)],
  // The sign is the divisor's, as in Clojure and Python.
  ['mod', 'nn', (a: number, b: number) => finite(a - b * Math.floor(a / b))],
  // `+ 0` makes −0 a 0.
  ['floor', 'n', (n: number) => Math.floor(n) + 0],
  ['inc', 'n', (n: number) => n + 1],
  ['dec', 'n', (n: number) => n - 1],
  ['min', 'nn*', Math.min],
  ['max', 'nn*', Math.max],
]
