// Numbers. What has no number for an answer is an error: NaN and infinity are no values, nor is anything beyond
// ±(2^53−1), where an integer would be another one than the author meant.
import { equal, fail } from '../values.ts'
import type { Row } from './table.ts'

export const chain =
  (test: (a: number, b: number) => boolean) =>
  (...ns: number[]): boolean =>
    ns.every((n, i) => i === 0 || test(ns[i - 1]!, n))

/** `n` is the result of no numbers, and comes before one. */
export const fold =
  (n: number, op: (a: number, b: number) => number) =>
  (...ns: number[]): number =>
    (ns.length > 1 ? ns : [n, ...ns]).reduce((a, b) => {
      const n = op(a, b)
      return Math.abs(n) < 2 ** 53 ? n : fail('beyond 2^53')
    })
const add = fold(0, (a, b) => a + b)

export const numberRows: readonly Row[] = [
  ['+', 'n*', add],
  ['-', 'nn*', fold(0, (a, b) => a - b)],
  ['=', 'aa*', (first: unknown, ...vs: unknown[]) => vs.every(v => equal(first, v))],
  ['<', 'nn*', chain((a, b) => a < b)],
  ['>', 'nn*', chain((a, b) => a > b)],
  ['inc', 'n', (n: number) => add(n, 1)],
  ['dec', 'n', (n: number) => add(n, -1)],
]
