// Two programs for one order: the browser's short one and the tools' fast one.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareKeys as short } from '../../src/lang/key-order.ts'
import { compareKeys } from '../../src/lang/order.ts'

it('the short order of keys is the order of keys', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 4 }))
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(short(a, b))).toBe(Math.sign(compareKeys(a, b)))
    }),
  )
})
