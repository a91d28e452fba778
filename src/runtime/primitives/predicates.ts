// Questions of type and sameness, names of things, and errors.
import { SxError } from '../../errors.ts'
import { Keyword, Ratio, Sym } from '../../lang/values.ts'
import { toJson } from '../json.ts'
import { Continuation, equal, Fn, fail, Prim, Raw, show, typeOf } from '../values.ts'
import { stringOf } from './strings.ts'
import type { Row } from './table.ts'

const is = (name: string, test: (v: unknown) => boolean): Row => [name, 'a', test]

// Numbers, strings and names are the same when they look the same.
const same = (a: unknown, b: unknown): boolean =>
  a === b || ((a instanceof Sym || a instanceof Keyword) && equal(a, b))

export const predicateRows: readonly Row[] = [
  ['not', 'a', (v: unknown) => v === false || v === null],
  is('nil?', v => v === null),
  is('boolean?', v => typeof v === 'boolean'),
  is('number?', v => typeof v === 'number' || v instanceof Ratio),
  is('string?', v => typeof v === 'string'),
  is('list?', v => Array.isArray(v)),
  is('dict?', v => v instanceof Map),
  is('symbol?', v => v instanceof Sym),
  is('keyword?', v => v instanceof Keyword),
  is('function?', v => v instanceof Fn || v instanceof Prim),
  is('continuation?', v => v instanceof Continuation),
  is(
    'empty?',
    v => v === null || v === '' || (Array.isArray(v) ? v.length === 0 : v instanceof Map && v.size === 0),
  ),
  ['eq?', 'aa', same],
  ['eqv?', 'aa', (a: unknown, b: unknown) => same(a, b) || (a instanceof Ratio && equal(a, b))],
  ['equal?', 'aa', (a: unknown, b: unknown) => equal(a, b)],
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
  ['raw!', 'a', (v: unknown) => new Raw(v instanceof Raw ? v.html : stringOf(v))],
  ['json-encode', 'a', (v: unknown) => toJson(v) ?? fail('json-encode takes data only')],
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
