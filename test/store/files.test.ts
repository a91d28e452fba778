// The frozen UnixFS profile, against Helia's own importer and exporter.
import { randomBytes } from 'node:crypto'
import { unixfs } from '@helia/unixfs'
import { MemoryBlockstore } from 'blockstore-core'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import type { Block } from '../../src/ports.ts'
import { createFiles } from '../../src/store/files.ts'
import { whole } from '../../src/store/helia-bytes.ts'
import { list, readFile, resolve, stat } from '../../src/store/unixfs-read.ts'
import golden from '../vectors/store/unixfs.json' with { type: 'json' }
import { random, sha256 } from './support.ts'

const files = createFiles(sha256)
const readerOf = (blocks: Iterable<Block>) => {
  const byCid = new Map([...blocks].map(block => [block.cid, block.bytes]))
  return { get: (cid: string) => byCid.get(cid), byCid }
}
const seeded = (size: number, seed = 1): Uint8Array => {
  const next = random(seed)
  return Uint8Array.from({ length: size }, () => Math.floor(next() * 256))
}
const MiB = 1_048_576

/** Root CID of a folder as Helia imports it, and its blocks. */
async function heliaFolder(entries: readonly { path: string; content: Uint8Array }[]) {
  const blockstore = new MemoryBlockstore()
  let root = ''
  for await (const added of unixfs({ blockstore }).addAll(entries, {
    wrapWithDirectory: true,
    profile: 'unixfs-v1-2025',
  }))
    if (added.path === '') root = added.cid.toString()
  return { blockstore, root }
}

describe('files', () => {
  it.each([0, 1, 1000, MiB - 1, MiB, MiB + 1, 3 * MiB, 5 * MiB + 17])(
    'a file of %i bytes has the CID that Helia gives it',
    async size => {
      const bytes = seeded(size)
      const added = await files.addFile(bytes)
      const blockstore = new MemoryBlockstore()
      expect(added.cid).toBe(
        (await unixfs({ blockstore }).addBytes(bytes, { profile: 'unixfs-v1-2025' })).toString(),
      )
      expect(added.blocks.every(block => block.bytes.length <= MiB)).toBe(true)
      const reader = readerOf(added.blocks)
      expect(stat(reader, added.cid)).toEqual({ kind: 'file', cid: added.cid, size })
      expect(Buffer.concat([...readFile(reader, added.cid)]).equals(bytes)).toBe(true)
    },
  )

  it('repeats a large file whole when it is added again', async () => {
    const bytes = randomBytes(2 * MiB + 5)
    expect(await files.addFile(bytes)).toEqual(await files.addFile(bytes))
  })

  it('any range of a file is that slice of it, and only the leaves it touches are read', async () => {
    const bytes = seeded(3 * MiB + 100)
    const { cid, blocks } = await files.addFile(bytes)
    const { byCid } = readerOf(blocks)
    let reads = 0
    const reader = {
      get: (wanted: string) => {
        reads++
        return byCid.get(wanted)
      },
    }
    expect(
      Buffer.concat([...readFile(reader, cid, { offset: MiB - 10, length: 20 })]).equals(
        bytes.subarray(MiB - 10, MiB + 10),
      ),
    ).toBe(true)
    expect(reads).toBe(3)
    fc.assert(
      fc.property(fc.nat(bytes.length + 10), fc.nat(2 * MiB), (offset, length) => {
        const got = Buffer.concat([...readFile(reader, cid, { offset, length })])
        return got.equals(bytes.subarray(offset, offset + length))
      }),
      { numRuns: 30 },
    )
  })

  it('a leaf of another size than its parent says is an error before its bytes are given out', async () => {
    const { cid, blocks } = await files.addFile(seeded(2 * MiB))
    const reader = readerOf(blocks)
    const leaf = blocks.find(block => block.cid !== cid)!
    reader.byCid.set(leaf.cid, leaf.bytes.subarray(1))
    expect(() => [...readFile(reader, cid)]).toThrow(expect.objectContaining({ code: 'block-malformed' }))
  })

  it('a missing leaf is named', async () => {
    const { cid, blocks } = await files.addFile(seeded(2 * MiB))
    expect(() => [...readFile(readerOf(blocks.slice(-1)), cid)]).toThrow(
      expect.objectContaining({ code: 'block-not-found' }),
    )
  })
})

describe('directories', () => {
  it('a nested folder has the root that Helia gives it, whatever the order of the files', async () => {
    const entries = [
      'index.html',
      'a/b/c.txt',
      'a/é.txt',
      'a/z.txt',
      'css/site.css',
      'a/b/😀',
      'a/b/\uffee',
    ].map((path, i) => ({ path, content: Buffer.from(`file ${i}`) }))
    const helia = await heliaFolder(entries)
    const tree = files.tree()
    const blocks: Block[] = []
    for (const { path, content } of entries.toReversed()) {
      const added = await files.addFile(content)
      blocks.push(...added.blocks)
      tree.set(path, added)
    }
    const root = tree.root()
    expect(root.cid).toBe(helia.root)
    const reader = readerOf([...blocks, ...root.blocks])
    expect(resolve(reader, root.cid, 'a/b/😀')).toMatchObject({ kind: 'file', size: 6 })
    expect(resolve(reader, root.cid, '/a/')).toMatchObject({ kind: 'directory' })
    expect(resolve(reader, root.cid, 'a/none')).toBeUndefined()
    expect(resolve(reader, root.cid, 'index.html/x')).toBeUndefined()
    expect([...list(reader, root.cid)].map(entry => entry.name)).toEqual(['a', 'css', 'index.html'])
  })

  it.each([5200, 5300, 12_000])(
    'a folder of %i files has the root that Helia gives it, sharded or not',
    { timeout: 60_000 },
    async count => {
      const content = Buffer.from('x')
      const file = await files.addFile(content)
      const names = Array.from({ length: count }, (_, i) => `f${i}`)
      const helia = await heliaFolder(names.map(path => ({ path, content })))
      const made = files.directory(names.map(name => ({ name, cid: file.cid, size: file.size })))
      expect(made.cid).toBe(helia.root)
      const reader = readerOf([...made.blocks, ...file.blocks])
      expect(resolve(reader, made.cid, 'f1234')).toMatchObject({ kind: 'file', size: 1 })
      expect(resolve(reader, made.cid, 'g')).toBeUndefined()
      expect([...list(reader, made.cid)].map(entry => entry.name).sort()).toEqual(names.sort())
    },
  )

  it('reads what Helia wrote: sharded folders, large files', { timeout: 60_000 }, async () => {
    const large = seeded(2 * MiB + 3)
    const { blockstore, root } = await heliaFolder([
      ...Array.from({ length: 6000 }, (_, i) => ({ path: `many/file ${i}`, content: Buffer.from(`${i}`) })),
      { path: 'large', content: large },
    ])
    const blocks: Block[] = []
    for await (const { cid, bytes } of blockstore.getAll()) {
      const all = await whole(bytes)
      for (const codec of [0x55, 0x70])
        blocks.push({ cid: CID.createV1(codec, cid.multihash).toString(), bytes: all })
    }
    const reader = readerOf(blocks)
    const found = resolve(reader, root, 'many/file 4321')!
    expect(Buffer.concat([...readFile(reader, found.cid)]).toString()).toBe('4321')
    expect(Buffer.concat([...readFile(reader, resolve(reader, root, 'large')!.cid)]).equals(large)).toBe(true)
  })

  it('edits lead to the same root as building anew, across the sharding threshold and back', async () => {
    const file = await files.addFile(Buffer.from('x'))
    const other = await files.addFile(Buffer.from('yy'))
    const next = random(7)
    const tree = files.tree()
    const state = new Map<string, typeof file>()
    for (let i = 0; i < 5600; i++) {
      tree.set(`d/f${i}`, file)
      state.set(`f${i}`, file)
    }
    const anew = () => {
      const inner = files.directory([...state].map(([name, { cid, size }]) => ({ name, cid, size })))
      return files.directory([{ name: 'd', cid: inner.cid, size: inner.size }]).cid
    }
    expect(tree.root().cid).toBe(anew())
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 300; i++) {
        const name = `f${Math.floor(next() * 5600)}`
        if (next() < 0.6) {
          expect(tree.delete(`d/${name}`)).toBe(state.delete(name))
        } else {
          tree.set(`d/${name}`, other)
          state.set(name, other)
        }
      }
      expect(tree.root().cid).toBe(anew())
    }
    for (const name of [...state.keys()]) tree.delete(`d/${name}`)
    expect(tree.root().cid).toBe(files.directory([]).cid)
  })

  it('one changed file among 1,000 encodes the nodes on its path only, in under 3 ms', async () => {
    const tree = files.tree()
    const [a, b] = [await files.addFile(Buffer.from('a')), await files.addFile(Buffer.from('b'))]
    for (let i = 0; i < 1000; i++) tree.set(`posts/${i % 10}/page-${i}.html`, a)
    tree.root()
    const times = Array.from({ length: 20 }, (_, i) => {
      const start = performance.now()
      tree.set(`posts/3/page-${i * 10 + 3}.html`, b)
      const { blocks } = tree.root()
      expect(blocks.length).toBe(3)
      return performance.now() - start
    })
    expect(times.sort((x, y) => x - y)[10]).toBeLessThan(3)
  })

  it('refuses paths that are none, and a file where a folder is', async () => {
    const tree = files.tree()
    const file = await files.addFile(Buffer.from('a'))
    for (const path of ['', '/a', 'a//b', '../a', 'a/.', 'a\0', '\ud800'])
      expect(() => tree.set(path, file), path).toThrow(expect.objectContaining({ code: 'source-invalid' }))
    tree.set('a/b', file)
    expect(() => tree.set('a', file)).toThrow(/both a file and a folder|both/)
    expect(() => tree.set('a/b/c', file)).toThrow(/both/)
  })
})

describe('golden', () => {
  it('the profile is frozen: the same bytes have these CIDs for ever', async () => {
    for (const { size, cid, tsize } of golden.files) {
      const added = await files.addFile(Uint8Array.from({ length: size }, (_, i) => (i * i) % 251))
      expect([added.cid, added.size]).toEqual([cid, tsize])
    }
    const file = await files.addFile(Buffer.from('x'))
    for (const { count, cid, tsize } of golden.folders) {
      const entries = Array.from({ length: count }, (_, i) => ({ name: `f${i}`, cid: file.cid, size: 1 }))
      expect(files.directory(entries)).toMatchObject({ cid, size: tsize })
    }
  })

  it('the empty file and the empty folder are the ones that every IPFS tool knows', () => {
    expect(golden.files[0]!.cid).toBe('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
    expect(golden.folders[0]!.cid).toBe('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')
  })
})
