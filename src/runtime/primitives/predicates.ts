// Questions of type and sameness that most pages ask, raw markup and errors.
import { SxError } from '../../errors.ts'
import { equal, fail, Raw, show } from '../values.ts'
import { stringOf } from './strings.ts'
import type { Row } from './table.ts'

export const predicateRows: readonly Row[] = [
  ['not', 'a', (v: unknown) => v === false || v === null],
  ['nil?', 'a', (v: unknown) => v === null],
  ['string?', 'a', (v: unknown) => typeof v === 'string'],
  ['list?', 'a', (v: unknown) => Array.isArray(v)],
  [
    'empty?',
    'a',
    (v: unknown) =>
      v === null || v === '' || (Array.isArray(v) ? v.length === 0 : v instanceof Map && v.size === 0),
  ],
  ['equal?', 'aa', (a: unknown, b: unknown) => equal(a, b)],
  ['raw!', 'a', (v: unknown) => new Raw(stringOf(v))],
  [
    'error',
    'aa*',
    (message: unknown, ...irritants: unknown[]) => {
      throw new SxError(
        'eval-failed',
        [stringOf(message), ...irritants.map(v => show(v))].join(' '),
        irritants.length > 0 ? { irritants } : {},
      )
    },
  ],
  [
    'assert',
    'aa?',
    (v: unknown, message: unknown = null) =>
      v === false || v === null
        ? fail(message === null ? 'an assertion does not hold' : stringOf(message))
        : v,
  ],
]
