// Questions of type and sameness that few pages ask, names of things, JSON.
import { SxError } from '../../errors.ts'
import { Keyword, Ratio, Sym } from '../../lang/values.ts'
import { toJson } from '../json.ts'
import { Continuation, equal, fail, Raw, show, typeOf } from '../values.ts'
import { stringOf } from './strings.ts'
import type { Row } from './table.ts'

const is = (name: string, test: (v: unknown) => boolean): Row => [name, 'a', test]

// Numbers, strings and names are the same when they look the same.
const same = (a: unknown, b: unknown): boolean =>
  a === b || ((a instanceof Sym || a instanceof Keyword) && equal(a, b))

export const rarePredicateRows: readonly Row[] = [
  ['string?', 'a', (v: unknown) => typeof v === 'string'],
  ['list?', 'a', (v: unknown) => Array.isArray(v)],
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
  is('boolean?', v => typeof v === 'boolean'),
  is('number?', v => typeof v === 'number' || v instanceof Ratio),
  is('dict?', v => v instanceof Map),
  is('continuation?', v => v instanceof Continuation),
  ['eq?', 'aa', same],
  ['eqv?', 'aa', (a: unknown, b: unknown) => same(a, b) || (a instanceof Ratio && equal(a, b))],
  ['type-of', 'a', typeOf],
  [
    'symbol-name',
    'a',
    (v: unknown) => (v instanceof Sym ? v.name : fail(`symbol-name takes a symbol, not ${show(v)}`)),
  ],
  [
    'keyword-name',
    'a',
    (v: unknown) =>
      v instanceof Keyword
        ? v.name
        : typeof v === 'string'
          ? v
          : fail(`keyword-name takes a keyword, not ${show(v)}`),
  ],
  ['json-encode', '!a', (v: unknown) => toJson(v) ?? fail('json-encode takes data only')],
]
