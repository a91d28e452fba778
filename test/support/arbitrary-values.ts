// fast-check arbitraries of SX values: every value that can be stored, in every shape that reads and prints.
import fc from 'fast-check'
import { isPlainKeyword, isSymbolName } from '../../src/lang/names.ts'
import { dictOf } from '../../src/lang/order.ts'
import {
  Char,
  ExportLink,
  type Keyword,
  keyword,
  Link,
  type List,
  MemberRef,
  Ratio,
  type Sym,
  sym,
  type Value,
} from '../../src/lang/values.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz234567'

/** The text of a CIDv1 in base32 from its bytes. */
const base32 = (bytes: Uint8Array): string => {
  let text = 'b'
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += letters[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits > 0 ? text + letters[(held << (5 - bits)) & 31] : text
}

/** CIDv1, dag-cbor, sha2-256. */
export const cid: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map(digest => base32(Uint8Array.from([1, 0x71, 0x12, 0x20, ...digest])))

const wordText = fc.oneof(
  fc.constantFrom(
    'card',
    'quote',
    'unquote',
    'splice-unquote',
    '~ui/card',
    '&key',
    '->',
    '-',
    '+',
    '...',
    'h:x',
    'x#3',
    'é',
    '名前',
    'a–b',
    '1+',
    'true',
    'nil',
  ),
  fc.string({ unit: fc.constantFrom(...'ab~/:?!*+<>=_.%&^-019é名ж–'), minLength: 1, maxLength: 8 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
)
const symbolText = wordText.filter(isSymbolName)
export const symbol: fc.Arbitrary<Sym> = symbolText.map(sym)
export const keywordValue: fc.Arbitrary<Keyword> = wordText.filter(isPlainKeyword).map(keyword)

/** Well-formed Unicode, with what is awkward to write among it. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      '\\',
      '\n',
      '\r',
      '\t',
      '\0',
      '/',
      '#',
      '|',
      '\u2028',
      '\ufeff',
      '😀',
      'é',
      ' ',
    ),
    maxLength: 8,
  }),
)

/** Storable numbers: integers within ±(2^53−1), floats that are not integral. */
export const number: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -30, max: 300 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter(one => !Number.isInteger(one)),
)

export const ratio: fc.Arbitrary<Ratio> = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: 2, max: 1000 }))
  .filter(([num, den]) => {
    let [a, b] = [Math.abs(num), den]
    while (b !== 0) [a, b] = [b, a % b]
    return a === 1
  })
  .map(([num, den]) => new Ratio(num, den))

export const char: fc.Arbitrary<Char> = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 1 })
  .map(one => new Char(one))

const key = fc.oneof(wordText, text, fc.constantFrom('/', '"/', '""/', 'a', 'b', 'bb', '', '__proto__'))

const atomsBut = (...more: fc.Arbitrary<Value>[]): fc.Arbitrary<Value> =>
  fc.oneof(
    { weight: 3, arbitrary: symbol },
    { weight: 2, arbitrary: keywordValue },
    { weight: 2, arbitrary: text },
    { weight: 2, arbitrary: number },
    fc.constantFrom(null, true, false),
    char,
    ratio,
    ...more,
  )

const trees = (atoms: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.letrec<{ value: Value; list: List; dict: Value }>(tie => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, atoms, tie('list'), tie('dict')),
    list: fc.oneof(
      fc.array(tie('value'), { maxLength: 6 }),
      fc.tuple(fc.constantFrom('quote', 'quasiquote', 'unquote', 'splice-unquote').map(sym), tie('value')),
    ),
    dict: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(dictOf),
  })).value

/** Every value that a definition may hold, except references into its own group. */
export const value: fc.Arbitrary<Value> = trees(
  atomsBut(
    cid.map(one => new Link(one)),
    fc
      .tuple(
        cid,
        symbolText.filter(one => !one.includes('#')),
      )
      .map(([one, name]) => new ExportLink(one, name)),
  ),
)

/** Every value that a group's member may hold. */
export const memberValue: fc.Arbitrary<Value> = trees(
  atomsBut(
    cid.map(one => new Link(one)),
    fc.nat({ max: 1000 }).map(index => new MemberRef(index)),
  ),
)

/** Values without links: what an author could write. */
export const plainValue: fc.Arbitrary<Value> = trees(atomsBut())
