import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockOf } from '../../src/ipld/block.ts'
import { DAG_CBOR } from '../../src/ipld/cid.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import type { ReleaseNode } from '../../src/ipld/kinds.ts'
import { publisherKey, publisherName } from '../../src/ipld/publisher.ts'
import { brokenChain, isSigned, readRelease, signedPart } from '../../src/ipld/release.ts'
import { verifySignature } from '../../src/publish/signing-key.ts'
import { sha256 } from '../support/memory-store.ts'
import { nodeFromVector, type VectorNode } from '../support/node-from-vector.ts'

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/ipld/${file}`, import.meta.url), 'utf8'))
const { invalid, forged, chains } = read('releases.json') as {
  invalid: { name: string; hex: string; code: string; why: string }[]
  forged: { name: string; hex: string }[]
  chains: { name: string; before: string; after: string; why: string | null }[]
}
const valid = (read('nodes.json').vectors as { name: string; node: VectorNode }[]).filter(
  ({ node }) => node.kind === 'release',
)
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 3)]),
  format: 'der',
  type: 'pkcs8',
})

describe('a release', () => {
  it.each(valid.map(({ name, node }) => [name, node] as const))('%s: reads, and is signed', (_, node) => {
    const release = readRelease(encodeNode(nodeFromVector(node)))
    expect(release).toEqual(nodeFromVector(node))
    expect(isSigned(release, verifySignature)).toBe(true)
  })

  it.each(invalid.map(row => [row.name, row] as const))('is refused: %s', (_, { hex, code, why }) => {
    expect(() => readRelease(bytesOf(hex))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(why) }),
    )
  })

  it.each(forged.map(row => [row.name, row] as const))('has no valid signature: %s', (_, { hex }) => {
    expect(isSigned(readRelease(bytesOf(hex)), verifySignature)).toBe(false)
  })

  it('any bit that changes leaves no release, or none that its publisher signed', () => {
    const bytes = encodeNode(nodeFromVector(valid[0]!.node))
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), bit => {
        const other = Uint8Array.from(bytes)
        other[bit >> 3]! ^= 1 << (bit & 7)
        let release: ReleaseNode
        try {
          release = readRelease(other)
        } catch {
          return
        }
        expect(isSigned(release, verifySignature)).toBe(false)
      }),
      { numRuns: 400 },
    )
  })

  it('is signed under a prefix that no other protocol signs', () => {
    const node = nodeFromVector(valid[0]!.node) as ReleaseNode
    const part = signedPart(node)
    expect(new TextDecoder().decode(part.subarray(0, 11))).toBe('sx-release:')
    const other = new Uint8Array(sign(null, part.subarray(11), privateKey))
    expect(isSigned({ ...node, signature: other }, verifySignature)).toBe(false)
  })
})

describe('a chain of releases', () => {
  it.each(chains.map(row => [row.name, row] as const))('%s', (_, { before, after, why }) => {
    const old = bytesOf(before)
    const { cid } = blockOf(old, DAG_CBOR, sha256)
    const broken = brokenChain(readRelease(bytesOf(after)), readRelease(old), cid, verifySignature)
    if (why === null) expect(broken).toBeUndefined()
    else expect(broken).toMatch(why)
  })
})

describe("a publisher's name", () => {
  it('holds the key, and is what Kubo calls it', () => {
    // the key of RFC 8032 §7.1, test 1
    const key = bytesOf('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
    expect(publisherName(key)).toMatch(/^k51qzi5uqu5d[0-9a-z]{50}$/)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), any => {
        expect(publisherKey(publisherName(any))).toEqual(any)
      }),
    )
  })

  it.each([
    '',
    'k',
    'k51',
    `k${'0'.repeat(61)}`,
    'bafyreifddos32mjguvuuezfdyfsymytfehimlahobbak5aecumwcwrloxa',
  ])('is not %j', text => {
    expect(() => publisherKey(text)).toThrow(expect.objectContaining({ code: 'key-invalid' }))
  })
})
