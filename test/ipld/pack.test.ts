import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { blockOf } from '../../src/ipld/block.ts'
import { cidOf, DAG_CBOR, parseCid, RAW } from '../../src/ipld/cid.ts'
import { gzip } from '../../src/ipld/gzip.ts'
import { prove, readPack } from '../../src/ipld/pack.ts'
import { nodesOfPage } from '../../src/ipld/page-nodes.ts'
import { cut, findLinks, type Skeleton } from '../../src/ipld/skeleton.ts'
import { writePack } from '../../src/ipld/write-pack.ts'
import { build, sha256 } from '../support/graph-site.ts'
import { inflate, openAll } from '../support/packs.ts'
import { vertices, write, writing } from '../support/random-site.ts'

type Bytes = Uint8Array<ArrayBuffer>
const bytesOf = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const named = (packs: readonly Uint8Array[]) =>
  packs.map(bytes => ({ cid: cidOf(RAW, sha256(bytes)), bytes: new Uint8Array(bytes) }))
const codeOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => 'read',
    error => (error instanceof SxError ? error.code : error),
  )

interface Vectors {
  readonly vectors: readonly {
    readonly name: string
    readonly page: string
    /** each pack's blocks, in order */
    readonly blocks: readonly (readonly string[])[]
    readonly packs: readonly string[]
  }[]
  readonly invalid: readonly {
    readonly name: string
    readonly page: string
    readonly packs: readonly string[]
    readonly code: string
  }[]
}
const { vectors, invalid }: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/ipld/packs.json', import.meta.url), 'utf8'),
)

describe('packs', () => {
  it.each(vectors)('of $name: written as the vectors say, byte for byte', ({ blocks, packs }) => {
    const positions = new Map<string, number>()
    const written: Uint8Array[] = []
    for (const one of blocks) {
      const before = positions.size
      const nodes = one.map(hex => {
        const block = bytesOf(hex)
        const skeleton = cut(block, findLinks(block), cid => positions.get(cid))
        positions.set(blockOf(block, DAG_CBOR, sha256).cid, positions.size)
        return skeleton
      })
      written.push(gzip(writePack(nodes, before, written.map(sha256))))
    }
    expect(written.map(hexOf)).toEqual(packs)
  })
  it.each(vectors)('of $name: read and proven to the same blocks', async ({ page, blocks, packs }) => {
    const proven = await openAll(named(packs.map(bytesOf)), page, sha256)
    expect([...proven.blocks.values()].map(hexOf)).toEqual(blocks.flat())
    for (const [cid, bytes] of proven.blocks) expect(cid).toBe(cidOf(DAG_CBOR, sha256(bytes)))
    expect([...proven.blocks.keys()].at(-1)).toBe(page)
  })
  it.each(invalid)('$name: refused', async ({ page, packs, code }) => {
    expect(await codeOf(openAll(named(packs.map(bytesOf)), page, sha256))).toBe(code)
  })

  it('hold no hash, and a header that names neither time nor system', async () => {
    for (const { packs } of vectors)
      for (const [i, hex] of packs.entries()) {
        expect(hex.slice(0, 20)).toBe('1f8b08000000000000ff')
        // A base pack is named, nodes are not.
        const inflated = await inflate(bytesOf(hex), 1 << 20)
        const links = hexOf(inflated).split('d82a58250001711220').length - 1
        expect([i, links]).toEqual([i, 0])
      }
  })

  it('give back every page of random graphs, cycles, duplicates and all', async () => {
    await fc.assert(
      fc.asyncProperty(
        vertices(14).chain(graph => fc.tuple(fc.constant(graph), writing(graph.length))),
        async ([graph, how]) => {
          const names = graph.map(
            (_, i) => `(${how.names[i]! % 2 === 0 ? '~part/' : 'fn-'}${how.names[i]} 1)`,
          )
          const site = build({
            ...write(graph, how),
            'home.sx': `(defpage home :path "/" :content (list ${names.slice(0, 4).join(' ')}))`,
          })
          const page = site.pages().home!
          const get = (cid: string): Uint8Array => site.blocks.get(cid)!.bytes
          const { nodes, order } = nodesOfPage(page, get)
          const bytes = gzip(writePack(nodes))
          const { blocks } = await openAll(named([bytes]), page, sha256)
          expect([...blocks.keys()]).toEqual(order)
          for (const [cid, block] of blocks) expect(hexOf(block)).toBe(hexOf(get(cid)))
        },
      ),
      { numRuns: 60 },
    )
  })

  const text = (size: number): Uint8Array => new TextEncoder().encode('a'.repeat(size))
  const provable = (nodes: readonly Skeleton[], from = 0) => codeOf(prove(nodes, 'bafyrei', sha256, from))

  it('that were changed anywhere are refused, and never read as something else', async () => {
    const { page, packs, blocks } = vectors.find(({ packs }) => packs.length === 2)!
    const inflated = await Promise.all(packs.map(hex => inflate(bytesOf(hex), 1 << 20)))
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, at, flip) => {
        const changed = inflated.map(bytes => bytes.slice())
        const bytes = changed[which]!
        bytes[at % bytes.length]! ^= flip
        const sent = named(changed.map(gzip))
        const code = await codeOf(openAll(sent, page, sha256))
        expect(['block-malformed', 'block-too-large', 'block-malformed']).toContain(code)
      }),
      { numRuns: 300 },
    )
    expect(blocks.length).toBe(2)
  })
  it('that are noise end in a clear error', async () => {
    const noise = fc.uint8Array({ maxLength: 300 })
    await fc.assert(
      fc.asyncProperty(noise, async bytes => {
        const sent = named([gzip(Uint8Array.from([1, 0, ...bytes]))])
        expect(await codeOf(openAll(sent, 'bafyrei', sha256))).toMatch(/^block-/)
      }),
      { numRuns: 500 },
    )
  })
  it('claim no size that is made before it is there', () => {
    // 2^28 − 1 nodes in nine bytes; a node of as many bytes
    const most = [0xff, 0xff, 0xff, 0x7f]
    for (const bytes of [
      [1, 0, ...most],
      [1, 0, 1, ...most, 0],
    ])
      expect(() => readPack(Uint8Array.from(bytes))).toThrow('no pack')
  })
  it('of more blocks than their bytes could be are refused before they are made', async () => {
    // A reference takes two bytes in a pack, and 41 in a block.
    const leaf: Skeleton = { parts: [text(1)], refs: [] }
    const wide = (count: number, more = 0): Skeleton => ({
      parts: Array.from({ length: count + 1 }, (_, i) => text(i ? 0 : more)),
      refs: Array.from({ length: count }, () => 0),
    })
    const made = (nodes: readonly Skeleton[]) => {
      let digests = 0
      return codeOf(
        prove(readPack(writePack(nodes)), 'bafyrei', bytes => {
          digests += bytes.length
          return sha256(bytes)
        }),
      ).then(code => [code, digests <= 34 << 20])
    }
    expect(await made([leaf, wide(26_000)])).toEqual(['block-malformed', true])
    const many = [leaf, ...Array.from({ length: 40 }, (_, i) => wide(25_000, i))]
    expect(
      await made([...many, { parts: many.map(() => text(1)), refs: many.slice(1).map((_, i) => i + 1) }]),
    ).toEqual(['block-malformed', true])
  })
  it('with a node too many, twice, or in another order are no packs', async () => {
    const one: Skeleton = { parts: [text(1)], refs: [] }
    const two: Skeleton = { parts: [text(2)], refs: [] }
    const over = (...refs: number[]): Skeleton => ({ parts: [text(3), ...refs.map(() => text(0))], refs })
    expect(await provable([one, two, over(0, 1)])).toBe('block-malformed')
    expect(await provable([one, two, over(1)])).toBe('block-malformed')
    expect(await provable([one, two, over(1, 0)])).toBe('block-malformed')
    expect(await provable([one, over(0), two])).toBe('block-malformed')
    // what pages share may hold more than this page needs
    expect(await provable([one, two, over(1)], 2)).toBe('block-malformed')
    expect(await provable([])).toBe('block-malformed')
    const root: Skeleton = over(0, 1)
    const digest = sha256(
      Buffer.concat([text(3), ...[one, one].flatMap(() => [bytesOf('d82a58250001711220'), sha256(text(1))])]),
    )
    expect(await codeOf(prove([one, one, root], cidOf(DAG_CBOR, digest), sha256))).toBe('block-malformed')
  })
  it('name the packs that they stand on', () => {
    const nodes: Skeleton[] = [{ parts: [text(1), text(0)], refs: [0] }]
    const base = cidOf(RAW, sha256(text(9)))
    const bytes = writePack(nodes, 1, [parseCid(base).digest])
    expect(readPack(bytes, [base], 1)).toEqual(nodes)
    expect(() => readPack(bytes, [], 1)).toThrow('no pack')
    expect(() => readPack(bytes, [cidOf(RAW, sha256(text(8)))], 1)).toThrow('no pack')
    expect(() => readPack(writePack(nodes, 1), [base], 1)).toThrow('no pack')
  })
})

describe('inflating', () => {
  it('stops a bomb at the limit', async () => {
    const bomb = gzip(new Uint8Array(64 << 20))
    expect(bomb.length).toBeLessThan(100_000)
    const before = process.memoryUsage().arrayBuffers
    expect(await codeOf(inflate(new Uint8Array(bomb), 8 << 20))).toBe('block-too-large')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20)
  })
  it('takes one whole member of gzip and nothing else', async () => {
    const good = gzip(new TextEncoder().encode('one member, of some length, and no more'))
    expect(await codeOf(inflate(new Uint8Array(good), 100))).toBe('read')
    for (const bad of [
      [],
      [...good.slice(0, -1)],
      [...good.slice(0, -9)],
      [...good, 0],
      [...good, ...good],
      [1, 2, 3],
      [...good.slice(0, -5), good.at(-5)! ^ 1, ...good.slice(-4)],
    ])
      expect(await codeOf(inflate(Uint8Array.from(bad), 100))).toBe('block-malformed')
  })
})
