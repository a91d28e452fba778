import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { cidBytes, cidOf, cidText, DAG_CBOR, DAG_PB, parseCid, RAW, readCid } from '../../src/ipld/cid.ts'

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
const codec = fc.constantFrom(DAG_CBOR, RAW, DAG_PB)
const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof SxError) return error.code
    throw error
  }
  return 'none'
}
const other = (version: 0 | 1, code: number, hash: number, length = 32): string =>
  CID.create(version, code, Digest.create(hash, new Uint8Array(length))).toString()

describe('CIDs', () => {
  it('are written as multiformats writes them, and read back', () => {
    fc.assert(
      fc.property(codec, digest, (code, hash) => {
        const text = cidOf(code, hash)
        const peer = CID.create(1, code, Digest.create(0x12, hash))
        expect(text).toBe(peer.toString())
        expect(cidBytes(text)).toEqual(peer.bytes)
        expect(parseCid(text)).toEqual({ codec: code, hash: 0x12, digest: hash })
        expect(readCid(peer.bytes).digest).toEqual(hash)
      }),
    )
  })

  it('have base32 text of any length, since no length is assumed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        const peer = CID.create(1, RAW, Digest.create(0, bytes))
        expect(cidText(peer.bytes)).toBe(peer.toString())
      }),
    )
  })

  it.each([
    ['codec dag-json', other(1, 0x129, 0x12), 'dag-json'],
    ['codec libp2p-key', other(1, 0x72, 0x12), 'libp2p-key'],
    ['hash sha2-512', other(1, DAG_CBOR, 0x13, 64), 'sha2-512'],
    ['hash blake2b-256', other(1, DAG_CBOR, 0xb220), 'blake2b-256'],
    ['hash identity', other(1, RAW, 0, 5), 'identity'],
    ['a codec without a name here', other(1, 0x90, 0x12), '0x90'],
    ['version 0', other(0, DAG_PB, 0x12), 'version 0'],
    ['base58', base58btc.encode(CID.create(1, RAW, Digest.create(0x12, new Uint8Array(32))).bytes), 'base32'],
    ['upper-case base32', 'BAFKREIGH2AKISCAILDCQABSYG3DFR6CHU3FGPREGISKVPZRYJCIUKSBQIA', 'base32'],
  ])('refuses %s by name', (_, text, name) => {
    expect(codeOf(() => parseCid(text))).toBe('cid-unsupported')
    try {
      parseCid(text)
    } catch (error) {
      expect(`${(error as SxError).message} ${(error as SxError).detail.hint}`).toContain(name)
    }
  })

  const good = cidOf(DAG_CBOR, new Uint8Array(32))
  it.each([
    ['', ''],
    ['only a prefix', 'b'],
    ['another text', 'hello'],
    ['a letter that base32 has not', `${good.slice(0, -1)}1`],
    ['upper case inside', good.slice(0, -1) + good.slice(-1).toUpperCase()],
    ['a digit too few', good.slice(0, -1)],
    ['a digit too many', `${good}a`],
    ['left-over bits that are not zero', `${good.slice(0, -1)}b`],
    ['padding', `${good}=`],
    ['an enormous text', `b${'a'.repeat(100_000)}`],
    ['an astral character', 'b😀'],
  ])('finds %s malformed', (_, text) => {
    expect(codeOf(() => parseCid(text))).toBe('cid-malformed')
  })

  it('takes any text or bytes without another exception, and accepts only what it would write', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map(text => `b${text}`),
          fc.base64String(),
        ),
        text => {
          expect(codeOf(() => expect(cidText(cidBytes(text))).toBe(text))).toMatch(/^(none|cid-)/)
        },
      ),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), bytes => {
        expect(codeOf(() => readCid(bytes))).toMatch(/^(none|cid-)/)
      }),
    )
  })
})
