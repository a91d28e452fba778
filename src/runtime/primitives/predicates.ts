// Questions that most pages ask.
import type { Row } from './table.ts'

export const predicateRows: readonly Row[] = [
  ['not', 'a', (v: unknown) => v === false || v === null],
  ['nil?', 'a', (v: unknown) => v === null],
  [
    'empty?',
    'a',
    (v: unknown) =>
      v === null || v === '' || (Array.isArray(v) ? v.length === 0 : v instanceof Map && v.size === 0),
  ],
]
