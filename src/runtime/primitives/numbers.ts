// Numbers. What has no number for an answer (a division by zero) is an error: NaN and infinity are no values.
import { equal } from '../values.ts'
import type { Row } from './table.ts'

export const chain =
  (test: (a: number, b: number) => boolean) =>
  (...ns: number[]): boolean =>
    ns.every((n, i) => i === 0 || test(ns[i - 1]!, n))

export const numberRows: readonly Row[] = [
  ['+', 'n*', (...ns: number[]) => ns.reduce((a, b) => a + b, 0)],
  ['-', 'nn*', (n: number, ...ns: number[]) => (ns.length === 0 ? -n : ns.reduce((a, b) => a - b, n))],
  ['*', 'n*', (...ns: number[]) => ns.reduce((a, b) => a * b, 1)],
  ['=', 'aa*', (first: unknown, ...vs: unknown[]) => vs.every(v => equal(first, v))],
  ['<', 'nn*', chain((a, b) => a < b)],
  ['>', 'nn*', chain((a, b) => a > b)],
  ['inc', 'n', (n: number) => n + 1],
  ['dec', 'n', (n: number) => n - 1],
]
