// Real Helia over our store: its isPinned, ls, gc and pins agree with the pins that commits wrote below it.
import { unixfs } from '@helia/unixfs'
import type { Helia } from 'helia'
import { CID } from 'multiformats/cid'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cidOf, RAW } from '../../src/ipld/cid.ts'
import type { Block } from '../../src/ports.ts'
import { createFiles } from '../../src/store/files.ts'
import { createNode } from '../../src/store/helia.ts'
import { whole } from '../../src/store/helia-bytes.ts'
import { pinKey, pinValue } from '../../src/store/pin-record.ts'
import type { LocalStore } from '../../src/store/sqlite.ts'
import { commitRoot, digestOfCid, gather, node, random, sha256, temporaryStore } from './support.ts'

async function nodeOver(store: LocalStore): Promise<Helia> {
  const helia = await createNode(store)
  onTestFinished(async () => {
    await helia.stop()
  })
  return helia
}
const pinnedRoots = async (helia: Helia): Promise<string[]> =>
  (await gather(helia.pins.ls())).map(pin => pin.cid.toString()).sort()
const cid = (block: Block): CID => CID.parse(block.cid)
const drain = async (source: AsyncIterable<unknown>): Promise<number> => {
  let count = 0
  for await (const _ of source) count++
  return count
}

describe('pins that a commit wrote', () => {
  it('are what Helia lists, with the site they belong to', async () => {
    const store = temporaryStore()
    const [leaf, a] = [node('leaf'), node('a', [node('leaf')])]
    commitRoot(store, [leaf, a], { site: '/home/user/site' })
    const helia = await nodeOver(store)
    const [pin] = await gather(helia.pins.ls())
    expect(pin).toMatchObject({ depth: Number.POSITIVE_INFINITY, metadata: { site: '/home/user/site' } })
    expect(pin!.cid.toString()).toBe(a.cid)
    expect(await helia.pins.get(cid(a))).toMatchObject({ depth: Number.POSITIVE_INFINITY })
    await expect(drain(helia.pins.add(cid(a)))).rejects.toMatchObject({ name: 'AlreadyPinnedError' })
  })

  it('have the record, byte for byte, that Helia itself writes', async () => {
    const [ours, theirs] = [temporaryStore(), temporaryStore()]
    for (const site of ['s', 'x'.repeat(100), 'é'.repeat(300)]) {
      const block = node(site)
      commitRoot(ours, [block], { site })
      theirs.blocks.put([{ digest: digestOfCid(block.cid), bytes: block.bytes }])
      const helia = await nodeOver(theirs)
      await drain(helia.pins.add(cid(block), { metadata: { site } }))
      expect(theirs.records.get(pinKey(block.cid))).toEqual(ours.records.get(pinKey(block.cid)))
      expect(Buffer.from(pinValue(site))).toEqual(Buffer.from(theirs.records.get(pinKey(block.cid))!))
    }
  })

  it('agree with isPinned and gc over releases that share, duplicate and drop subgraphs', {
    timeout: 60_000,
  }, async () => {
    const store = temporaryStore()
    const helia = await nodeOver(store)
    const next = random(3)
    const all = new Map<string, Block>()
    const below = new Map<string, readonly Block[]>()
    const make = (label: string, links: readonly Block[]): Block => {
      const block = node(label, links)
      all.set(block.cid, block)
      below.set(block.cid, links)
      return block
    }
    let level = Array.from({ length: 12 }, (_, i) => make(`leaf ${i}`, []))
    for (let release = 0; release < 8; release++) {
      // Each release changes one leaf, adds one that nothing needs, and builds a lattice whose paths are exponential.
      level = level.map((leaf, i) =>
        i === Math.floor(next() * 12) ? make(`leaf ${i} of ${release}`, []) : leaf,
      )
      make(`stray ${release}`, [])
      let row: Block[] = level
      for (let depth = 0; depth < 14; depth++)
        row = row.map((block, i) => make(`${depth}:${i}`, [block, row[(i + 1) % row.length]!, block]))
      const root = make(`root ${release}`, row)
      store.commit({
        site: release % 4 === 3 ? 'other' : 'site',
        root: root.cid,
        blocks: all.values(),
        keep: 2,
        version: 'test',
      })

      const reached = new Set<string>()
      const walk = (at: string): void => {
        if (reached.has(at)) return
        reached.add(at)
        for (const link of below.get(at)!) walk(link.cid)
      }
      const roots = store.roots().map(record => record.root)
      for (const kept of roots) walk(kept)
      expect(await pinnedRoots(helia)).toEqual(roots.sort())
      for (const block of all.values())
        expect(await helia.pins.isPinned(cid(block))).toBe(reached.has(block.cid))
      if (release % 3 !== 2) continue
      await helia.gc()
      for (const block of all.values()) expect(store.has(block.cid)).toBe(reached.has(block.cid))
      for (const gone of [...all.keys()].filter(at => !reached.has(at))) {
        all.delete(gone)
        below.delete(gone)
      }
      level = level.map((_, i) => make(`leaf ${i}`, []))
    }
  })

  it('are undone by Helia’s own rm, at once and without a walk', { timeout: 20_000 }, async () => {
    const store = temporaryStore()
    const blocks = [node(0)]
    for (let i = 1; i < 60; i++) blocks.push(node(i, [blocks.at(-1)!, blocks.at(-1)!]))
    commitRoot(store, blocks)
    const helia = await nodeOver(store)
    expect(await drain(helia.pins.rm(cid(blocks.at(-1)!)))).toBe(1)
    expect([await pinnedRoots(helia), store.roots(), await helia.pins.isPinned(cid(blocks[0]!))]).toEqual([
      [],
      [],
      false,
    ])
    await helia.gc()
    expect(store.has(blocks[0]!.cid)).toBe(false)
  })

  it('and pins made through Helia live side by side: neither takes the other’s away', {
    timeout: 20_000,
  }, async () => {
    const store = temporaryStore()
    const blocks = [node(0)]
    for (let i = 1; i < 20; i++) blocks.push(node(i, [blocks.at(-1)!, blocks.at(-1)!]))
    const [shared, root] = [blocks.at(-1)!, node('root', [blocks.at(-1)!])]
    commitRoot(store, [...blocks, root])
    const helia = await nodeOver(store)
    expect(await drain(helia.pins.add(cid(shared)))).toBe(20)
    commitRoot(store, [node('next')], { keep: 1 })
    for (const block of blocks) expect(await helia.pins.isPinned(cid(block))).toBe(true)
    expect(await helia.pins.isPinned(cid(root))).toBe(false)
    commitRoot(store, [root])
    await drain(helia.pins.rm(cid(shared)))
    for (const block of blocks) expect(await helia.pins.isPinned(cid(block))).toBe(true)
    commitRoot(store, [node('last')], { keep: 1 })
    for (const block of blocks) expect(await helia.pins.isPinned(cid(block))).toBe(false)
    expect(store.records.page('/pinned-block/', '', 10)).toEqual([])
  })

  it('a root that was pinned through Helia first stays pinned when our commits let go of it', async () => {
    const store = temporaryStore()
    const [leaf, root] = [node('leaf'), node('root', [node('leaf')])]
    store.blocks.put([leaf, root].map(block => ({ digest: digestOfCid(block.cid), bytes: block.bytes })))
    const helia = await nodeOver(store)
    await drain(helia.pins.add(cid(root)))
    commitRoot(store, [root])
    commitRoot(store, [node('next')], { keep: 1 })
    expect(await pinnedRoots(helia)).toContain(root.cid)
    expect(await helia.pins.isPinned(cid(leaf))).toBe(true)
    await drain(helia.pins.rm(cid(root)))
    expect(await helia.pins.isPinned(cid(leaf))).toBe(false)
  })
})

describe('blocks', () => {
  it('wrong bytes are refused on the way in and on the way out, through Helia too', async () => {
    const store = temporaryStore()
    const helia = await nodeOver(store)
    const [a, b] = [node('a'), node('b')]
    await expect(helia.blockstore.put(cid(a), b.bytes)).rejects.toMatchObject({ code: 'block-mismatch' })
    await helia.blockstore.put(cid(a), a.bytes)
    expect(await whole(helia.blockstore.get(cid(a)))).toEqual(a.bytes)
    await expect(whole(helia.blockstore.get(cid(b), { offline: true }))).rejects.toThrow()
  })

  it('what Helia writes by UnixFS our reader reads, and the other way round', async () => {
    const store = temporaryStore()
    const helia = await nodeOver(store)
    const fs = unixfs(helia)
    const bytes = Buffer.from('hello '.repeat(500_000))
    const added = await createFiles(sha256).addFile(bytes)
    store.blocks.put(added.blocks.map(block => ({ digest: digestOfCid(block.cid), bytes: block.bytes })))
    expect(Buffer.concat(await gather(fs.cat(CID.parse(added.cid)))).equals(bytes)).toBe(true)
    expect((await fs.addBytes(bytes)).toString()).toBe(added.cid)
  })

  it('lists every block once, by digest', async () => {
    const store = temporaryStore()
    const blocks = Array.from({ length: 1500 }, (_, i) => node(i))
    store.blocks.put(blocks.map(block => ({ digest: digestOfCid(block.cid), bytes: block.bytes })))
    const helia = await nodeOver(store)
    const listed = await gather(helia.blockstore.getAll())
    expect(listed.map(pair => pair.cid.toString()).sort()).toEqual(
      blocks.map(block => cidOf(RAW, digestOfCid(block.cid))).sort(),
    )
  })
})
