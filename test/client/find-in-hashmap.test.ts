// A browser's walk through a HashMap finds what the strict one finds, and ends on whatever bytes.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findInHashMap } from '../../src/client/find-in-hashmap.ts'
import { blockOf } from '../../src/ipld/block.ts'
import { DAG_CBOR } from '../../src/ipld/cid.ts'
import { hashMapFrom } from '../../src/ipld/hashmap.ts'
import { Link } from '../../src/lang/values.ts'
import { sha256 } from '../support/memory-store.ts'

const digest = async (bytes: Uint8Array): Promise<Uint8Array> => sha256(bytes)
const linkOf = (n: number): Link => new Link(blockOf(new Uint8Array([n & 255, n >> 8]), DAG_CBOR, sha256).cid)

const stored = (keys: readonly string[]) => {
  const blocks = new Map<string, Uint8Array>()
  const root = hashMapFrom(
    keys.map((key, i) => [key, linkOf(i)]),
    { sha256 },
  ).put(bytes => {
    const block = blockOf(bytes, DAG_CBOR, sha256)
    blocks.set(block.cid, bytes)
    return block.cid
  })
  const loaded: string[] = []
  const load = async (cid: string): Promise<Uint8Array> => {
    loaded.push(cid)
    return blocks.get(cid)!
  }
  return { blocks, root, load, loaded }
}

describe('a key in a HashMap', () => {
  it('is found, or is not there, in maps of any keys', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 200 }),
        fc.string(),
        async (keys, other) => {
          const { root, load } = stored(keys)
          for (const [i, key] of keys.entries())
            expect(await findInHashMap(root, key, load, digest)).toBe(linkOf(i).cid)
          if (!keys.includes(other)) expect(await findInHashMap(root, other, load, digest)).toBeUndefined()
        },
      ),
      { numRuns: 50 },
    ))

  it('takes one block for each level, of 5,000 keys', async () => {
    const { root, load, loaded } = stored(Array.from({ length: 5000 }, (_, i) => `~n/${i}`))
    expect(await findInHashMap(root, '~n/4999', load, digest)).toBe(linkOf(4999).cid)
    expect(loaded.length).toBeLessThanOrEqual(4)
  })

  it('ends with what stands there, nothing or an error that is one of ours on whatever bytes', () => {
    const { root, blocks } = stored(['a', 'b', 'c', 'd', 'e', 'f'])
    const whole = blocks.get(root)!
    return fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte)),
        ),
        async bytes => {
          const found = await findInHashMap(root, 'a', async () => bytes, digest).catch(error => error)
          // Neither too deep nor too large.
          expect(found).not.toBeInstanceOf(RangeError)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
