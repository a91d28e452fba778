// Numbers that few pages need: rounding, powers, text ⇄ number.
import { finite } from './numbers.ts'
import type { Row } from './table.ts'

export const rareNumberRows: readonly Row[] = [
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
      if (typeof v === 'number') return Math.trunc(v)
      const n = typeof v === 'string' && /^\s*[+-]?\d+\s*$/.test(v) ? Number(v) : Number.NaN
      return Number.isSafeInteger(n) ? n : other
    },
  ],
  ['format-decimal', 'nn?', (n: number, places = 2) => n.toFixed(Math.max(0, Math.min(20, places)))],
]
