// The printer: what it writes reads back as the same value.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pretty, print } from '../../src/lang/printer.ts'
import { readOne } from '../../src/lang/reader.ts'
import { memberValue, value } from '../support/arbitrary-values.ts'

describe('print', () => {
  it('writes every storable value so that it reads back as itself', () => {
    fc.assert(
      fc.property(fc.oneof(value, memberValue), one => {
        expect(readOne(print(one))).toEqual(one)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('pretty', () => {
  it('lays out every storable value, at any width, so that it reads back as itself', () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 100 }), (one, width) => {
        expect(readOne(pretty(one, width))).toEqual(one)
      }),
      { numRuns: 2000 },
    )
  })
})
