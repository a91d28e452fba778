import { createHash, webcrypto } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDigest, sha256 } from '../../src/client/sha256.ts'

const reference = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('sha256', () => {
  it('agrees with Node at every length around the block boundaries', () => {
    for (let n = 0; n < 200; n++) {
      const bytes = new Uint8Array(n).map((_, i) => (i * 7 + n) & 255)
      expect(hex(sha256(bytes))).toBe(reference(bytes))
    }
  })

  it('agrees with Node on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), bytes => hex(sha256(bytes)) === reference(bytes)),
    )
  })

  it('agrees with Node on a whole MiB, and on a view into a larger buffer', () => {
    const big = new Uint8Array(1 << 20).map((_, i) => (i * 31) & 255)
    expect(hex(sha256(big))).toBe(reference(big))
    expect(hex(sha256(big.subarray(13, 999)))).toBe(reference(big.subarray(13, 999)))
  })

  it('gives the same digest with WebCrypto and without', async () => {
    const bytes = new TextEncoder().encode('sx')
    const subtle = webcrypto.subtle as SubtleCrypto
    expect(await createDigest(subtle)(bytes)).toEqual(await createDigest(undefined)(bytes))
  })
})
