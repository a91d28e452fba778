import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { blockOf, matches, verifyBlock } from '../../src/ipld/block.ts'
import { DAG_CBOR, DAG_PB, RAW } from '../../src/ipld/cid.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const bytes = new TextEncoder().encode('some bytes')

describe('blocks', () => {
  it.each([DAG_CBOR, RAW, DAG_PB])('have the CID of their bytes under codec %i', codec => {
    const { cid } = blockOf(bytes, codec, sha256)
    expect(cid).toBe(CID.create(1, codec, Digest.create(0x12, sha256(bytes))).toString())
    expect(() => verifyBlock(cid, bytes, sha256)).not.toThrow()
    expect(matches(cid, sha256(bytes))).toBe(true)
  })

  it('are refused when one bit of them is another', () => {
    const { cid } = blockOf(bytes, RAW, sha256)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const lie = bytes.slice()
      lie[bit >> 3]! ^= 1 << (bit & 7)
      expect(matches(cid, sha256(lie))).toBe(false)
      expect(() => verifyBlock(cid, lie, sha256)).toThrowError(
        expect.objectContaining({ code: 'block-mismatch' }),
      )
    }
  })

  it('are refused when they are another whole block, a shorter digest or for what is no CID', () => {
    const { cid } = blockOf(bytes, RAW, sha256)
    expect(() => verifyBlock(cid, new Uint8Array(), sha256)).toThrowError(
      expect.objectContaining({ code: 'block-mismatch' }),
    )
    expect(matches(cid, sha256(bytes).subarray(1))).toBe(false)
    expect(matches('nonsense', sha256(bytes))).toBe(false)
    expect(() => verifyBlock('nonsense', bytes, sha256)).toThrowError(
      expect.objectContaining({ code: 'cid-malformed' }),
    )
  })
})
