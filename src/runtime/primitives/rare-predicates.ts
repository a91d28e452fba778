// Questions of type and sameness that few pages ask, names of things, JSON.
import { Keyword, Ratio, Sym } from '../../lang/values.ts'
import { toJson } from '../json.ts'
import { Continuation, equal, fail, show, typeOf } from '../values.ts'
import type { Row } from './table.ts'

const is = (name: string, test: (v: unknown) => boolean): Row => [name, 'a', test]

// Numbers, strings and names are the same when they look the same.
const same = (a: unknown, b: unknown): boolean =>
  a === b || ((a instanceof Sym || a instanceof Keyword) && equal(a, b))

export const rarePredicateRows: readonly Row[] = [
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
  ['json-encode', 'a', (v: unknown) => toJson(v) ?? fail('json-encode takes data only')],
]
