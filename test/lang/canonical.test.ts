// Canonical text and content-id, as SX's own tools compute them.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalText, contentId } from '../../src/lang/canonical.ts'
import { compareCodePoints, compareKeys, utf8Length } from '../../src/lang/order.ts'
import { readOne } from '../../src/lang/reader.ts'
import { value } from '../support/arbitrary-values.ts'
import { hasSeenPairs, seenPairs } from '../support/seen-pairs.ts'

interface Pair {
  text: string
  canonical: string
  contentId?: string
}
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const ours = json(new URL('../vectors/lang/canonical.json', import.meta.url).pathname) as { pairs: Pair[] }

const check = (pair: Pair) => {
  const form = readOne(pair.text)
  expect(canonicalText(form)).toBe(pair.canonical)
  if (pair.contentId !== undefined) expect(contentId(form)).toBe(pair.contentId)
}

describe('canonicalText and contentId', () => {
  it.each(ours.pairs)('writes $text as $canonical', check)
  if (hasSeenPairs)
    it('agree with the pairs seen in the public pages', () => seenPairs<Pair>('canonical').forEach(check))

  it('write a text that reads back as the same value, so equal ids mean equal values', () => {
    fc.assert(
      fc.property(value, one => {
        expect(readOne(canonicalText(one))).toEqual(one)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the two orders of keys', () => {
  it('agree with the bytes of UTF-8', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', 'é', '\uffee', '\u{10000}', '名'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
      maxLength: 5,
    })
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [x, y] = [Buffer.from(a), Buffer.from(b)]
        expect(utf8Length(a)).toBe(x.length)
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(x, y))
        expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(x.length - y.length) || Buffer.compare(x, y))
      }),
      { numRuns: 2000 },
    )
  })
})
