// CARs written and read, the walk that fills them, and content paths across codecs.
import { encode } from '@ipld/dag-cbor'
import * as dagJson from '@ipld/dag-json'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { identity } from 'multiformats/hashes/identity'
import { describe, expect, it } from 'vitest'
import type { CidBlock } from '../../src/dag-port.ts'
import { DAG_JSON } from '../../src/ipld/any-cid.ts'
import { blockOf } from '../../src/ipld/block.ts'
import { DAG_CBOR, DAG_PB, RAW, SHA2_256 } from '../../src/ipld/cid.ts'
import { localBlocks } from '../../src/store/any-blocks.ts'
import { carHeader, readCar, writeCar } from '../../src/store/car.ts'
import { createCidSet } from '../../src/store/cid-set.ts'
import { resolvePath } from '../../src/store/content-path.ts'
import { walkDag } from '../../src/store/dag-walk.ts'
import { createFiles } from '../../src/store/files.ts'
import { memoryBlocks, sha256 } from '../support/memory-blocks.ts'

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of source) all.push(item)
  return all
}
const bytesOf = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await collect(source))
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const code = (error: unknown): unknown => (error as { code?: unknown }).code

/** A list of leaves under a root, and what holds them. */
const sample = () => {
  const { put, blocks, drop } = memoryBlocks()
  const leaves = Array.from({ length: 5 }, (_, i) => put(encode({ leaf: i }), DAG_CBOR))
  const middle = put(encode({ of: leaves.slice(0, 3) }), DAG_CBOR)
  const root = put(encode({ a: middle, b: leaves, c: middle }), DAG_CBOR)
  return { put, blocks, drop, leaves, middle, root }
}
const walked = (blocks: ReturnType<typeof memoryBlocks>['blocks'], root: CID, more = {}) =>
  walkDag(
    blocks,
    [],
    { cid: root, bytes: blocks.get(root) as Uint8Array },
    {
      scope: 'all',
      limit: 1000,
      ...more,
    },
  )
const names = (found: readonly CidBlock[]): string[] => found.map(({ cid }) => `${cid}`)

describe('a walk', () => {
  it('goes depth first in the order of links, each block once', async () => {
    const { blocks, leaves, middle, root } = sample()
    expect(names(await collect(walked(blocks, root)))).toEqual([root, middle, ...leaves].map(cid => `${cid}`))
  })

  it('with duplicates yields each as often as it comes to it, and stops at its limit', async () => {
    const { blocks, leaves, middle, root } = sample()
    const below = [middle, ...leaves.slice(0, 3)]
    expect(names(await collect(walked(blocks, root, { duplicates: true })))).toEqual(
      [root, ...below, ...leaves, ...below].map(cid => `${cid}`),
    )
    await expect(collect(walked(blocks, root, { duplicates: true, limit: 5 }))).rejects.toMatchObject({
      code: 'walk-limit',
    })
  })

  it('takes a DAG whose paths are exponentially many in as many steps as it has blocks', async () => {
    const { put, blocks } = memoryBlocks()
    let top = put(encode('end'), DAG_CBOR)
    for (let level = 0; level < 60; level++) top = put(encode([top, top, level]), DAG_CBOR)
    expect(await collect(walked(blocks, top))).toHaveLength(61)
  })

  it('is not ended by depth: 20,000 blocks in a chain', async () => {
    const { put, blocks } = memoryBlocks()
    let top = put(encode('end'), DAG_CBOR)
    for (let level = 1; level < 20_000; level++) top = put(encode([top]), DAG_CBOR)
    expect(await collect(walked(blocks, top, { limit: 20_000 }))).toHaveLength(20_000)
  })

  it('follows identity CIDs and never yields them', async () => {
    const { put, blocks } = memoryBlocks()
    const leaf = put(new Uint8Array([1]), RAW)
    const inline = CID.createV1(DAG_CBOR, identity.digest(encode([leaf])))
    const root = put(encode([inline]), DAG_CBOR)
    expect(names(await collect(walked(blocks, root)))).toEqual([`${root}`, `${leaf}`])
  })

  it('fails where a block is missing, after what came before it', async () => {
    const { blocks, drop, leaves, middle, root } = sample()
    drop(leaves[1]!)
    const came: string[] = []
    const all = (async () => {
      for await (const { cid } of walked(blocks, root)) came.push(`${cid}`)
    })()
    await expect(all).rejects.toMatchObject({ code: 'block-not-found' })
    expect(came).toEqual([root, middle, leaves[0]].map(cid => `${cid}`))
  })

  it('of a range of a file takes the leaves that hold it and no other', async () => {
    const { putAll, blocks } = memoryBlocks()
    const file = await createFiles(sha256).addFile(
      Uint8Array.from({ length: 3_500_000 }, (_, i) => Math.imul(i, 2654435761) >>> 24),
    )
    putAll(file.blocks)
    const root = CID.parse(file.cid)
    const MiB = 2 ** 20
    const count = async (from: number, to: number | undefined): Promise<number> =>
      (await collect(walked(blocks, root, { scope: 'entity', bytes: { from, to } }))).length - 1
    expect(await count(0, undefined)).toBe(4)
    expect(await count(0, 0)).toBe(1)
    expect(await count(MiB - 1, MiB)).toBe(2)
    expect(await count(MiB, 2 * MiB - 1)).toBe(1)
    expect(await count(-1, undefined)).toBe(1)
    expect(await count(-99_999_999, -3_000_000)).toBe(1)
    expect(await count(5_000_000, undefined)).toBe(0)
    expect(await count(10, 5)).toBe(0)
  })
})

describe('a set of CIDs', () => {
  const sha = (n: number) => create(SHA2_256, sha256(new TextEncoder().encode(`${n}`)))
  it('says of each whether it is new, as a Set of texts would, whatever their kinds', () => {
    const cids = fc.oneof(
      fc.integer({ min: 0, max: 400 }).map(n => CID.createV1([RAW, DAG_CBOR, DAG_PB][n % 3]!, sha(n))),
      fc.integer({ min: 0, max: 50 }).map(n => CID.createV0(sha(n))),
      fc.uint8Array({ maxLength: 40 }).map(bytes => CID.createV1(RAW, identity.digest(bytes))),
    )
    fc.assert(
      fc.property(fc.array(cids, { maxLength: 600 }), list => {
        const set = createCidSet(sha(0).digest)
        const model = new Set<string>()
        for (const cid of list) {
          const text = `${cid.toV1()}`
          expect(set.add(cid.bytes)).toBe(!model.has(text))
          model.add(text)
        }
      }),
    )
  })
})

describe('a CAR', () => {
  it('written is read again, whatever the pieces it comes in', async () => {
    const { blocks, root } = sample()
    const expected = await collect(walked(blocks, root))
    const bytes = await bytesOf(writeCar([root], walked(blocks, root)))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length }), async size => {
        const car = await readCar(pieces(bytes, size), { sha256 })
        expect(car.roots.map(String)).toEqual([`${root}`])
        const found = await collect(car.blocks)
        expect(names(found)).toEqual(names(expected))
        expect(found.map(block => Buffer.from(block.bytes).toString('hex'))).toEqual(
          expected.map(block => Buffer.from(block.bytes).toString('hex')),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('begins with the header that the specification shows', () => {
    expect(Buffer.from(carHeader([])).toString('hex')).toBe('11a265726f6f7473806776657273696f6e01')
  })

  it('of version 2 is read to the end of its data, its index passed over', async () => {
    const { blocks, root } = sample()
    const inner = await bytesOf(writeCar([root], walked(blocks, root)))
    const pragma = Buffer.from('0aa16776657273696f6e02', 'hex')
    const header = Buffer.alloc(40)
    header.writeBigUInt64LE(64n, 16)
    header.writeBigUInt64LE(BigInt(inner.length), 24)
    const bytes = Buffer.concat([pragma, header, Buffer.alloc(64 - 51), inner, Buffer.from('an index')])
    const car = await readCar(pieces(bytes, 7), { sha256 })
    expect(await collect(car.blocks)).toHaveLength(7)
  })

  it('that lies, ends early or is none is an error that says so, never a block', async () => {
    const { blocks, root } = sample()
    const good = await bytesOf(writeCar([root], walked(blocks, root)))
    const read = async (bytes: Uint8Array): Promise<unknown> => {
      try {
        const car = await readCar(pieces(bytes, 50), { sha256 })
        return (await collect(car.blocks)).length
      } catch (error) {
        return code(error)
      }
    }
    expect(await read(good)).toBe(7)
    expect(await read(good.subarray(0, good.length - 1))).toBe('car-malformed')
    const flipped = Buffer.from(good)
    flipped[flipped.length - 1]! ^= 1
    expect(await read(flipped)).toBe('block-mismatch')
    expect(await read(Buffer.alloc(0))).toBe('car-malformed')
    expect(await read(Buffer.from('not a CAR at all'))).toBe('car-malformed')
    expect(await read(Buffer.from('ffffffffffff7f', 'hex'))).toBe('car-malformed')
    expect(await read(Buffer.concat([carHeader([root]), Buffer.from('ffffffff0f', 'hex')]))).toBe(
      'car-malformed',
    )
  })

  it('of random bytes never yields a block that does not hash, and never hangs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (noise, headed) => {
        const bytes = headed ? Buffer.concat([carHeader([]), noise]) : noise
        try {
          const car = await readCar(pieces(bytes, 11), { sha256 })
          for await (const { cid, bytes } of car.blocks)
            expect(Buffer.from(sha256(bytes)).equals(cid.multihash.digest)).toBe(true)
        } catch (error) {
          expect(['car-malformed', 'block-mismatch', 'cid-unsupported']).toContain(code(error))
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('a content path', () => {
  it('leads through directories, dag-cbor and dag-json', async () => {
    const { put, putAll, blocks } = memoryBlocks()
    const builder = createFiles(sha256)
    const text = put(new TextEncoder().encode('hello'), RAW)
    const json = put(dagJson.encode({ list: [1, { deep: text }] }), DAG_JSON)
    const cbor = put(encode({ j: json, plain: { value: 1 } }), DAG_CBOR)
    const directory = builder.directory([{ name: 'data', cid: `${cbor}`, size: 1 }])
    putAll(directory.blocks)
    const root = CID.parse(directory.cid)
    const found = await resolvePath(blocks, root, ['data', 'j', 'list', '1', 'deep'])
    expect(`${found.cid}`).toBe(`${text}`)
    expect(found.roots.map(String)).toEqual([root, cbor, json, text].map(String))
    expect(found.way.map(({ cid }) => `${cid}`)).toEqual([root, cbor, json].map(String))
    expect((await resolvePath(blocks, root, ['data', 'plain', 'value'])).rest).toEqual(['plain', 'value'])
    for (const path of [
      ['x'],
      ['data', 'x'],
      ['data', 'plain', 'x'],
      ['data', 'j', 'list', 'length'],
      ['data', 'j', 'list', '1', 'deep', 'x'],
    ])
      await expect(resolvePath(blocks, root, path)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('finds an entry of a sharded directory, and says which shards prove it', async () => {
    const { put, putAll, blocks } = memoryBlocks()
    const file = put(new TextEncoder().encode('x'), RAW)
    const entries = Array.from({ length: 6000 }, (_, i) => ({
      name: `file-${i}.txt`,
      cid: `${file}`,
      size: 1,
    }))
    const directory = createFiles(sha256).directory(entries)
    putAll(directory.blocks)
    const root = CID.parse(directory.cid)
    const found = await resolvePath(blocks, root, ['file-4711.txt'])
    expect(`${found.cid}`).toBe(`${file}`)
    expect(found.way.length).toBeGreaterThan(1)
    await expect(resolvePath(blocks, root, ['file-x.txt'])).rejects.toMatchObject({ code: 'not-found' })
    const shards = await collect(
      walkDag(
        blocks,
        [],
        { cid: root, bytes: blocks.get(root) as Uint8Array },
        { scope: 'entity', limit: 10_000 },
      ),
    )
    expect(shards).toHaveLength(directory.blocks.length)
    expect(shards.every(({ cid }) => cid.code === DAG_PB)).toBe(true)
  })

  it('ends in an error for blocks that are not what their codec says', async () => {
    const { put, blocks } = memoryBlocks()
    const bad = [
      put(new Uint8Array([0xff]), DAG_CBOR),
      put(new Uint8Array([0x7b]), DAG_JSON),
      put(new Uint8Array([9]), DAG_PB),
    ]
    const deep = put(new Uint8Array(200_000).fill(0x81), DAG_CBOR)
    for (const cid of [...bad, deep])
      await expect(resolvePath(blocks, cid, ['a'])).rejects.toMatchObject({ code: 'block-malformed' })
    await expect(
      resolvePath(localBlocks({ get: () => undefined, has: () => false }), deep, []),
    ).rejects.toMatchObject({
      code: 'block-not-found',
    })
    expect(blockOf(new Uint8Array(), RAW, sha256).cid).toMatch(/^bafkrei/)
  })
})
