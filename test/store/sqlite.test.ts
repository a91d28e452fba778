// The SQLite store: what is acknowledged is whole, what is damaged is said, and processes share one file.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockOf } from '../../src/ipld/block.ts'
import { cidOf, DAG_CBOR, RAW } from '../../src/ipld/cid.ts'
import type { Block } from '../../src/ports.ts'
import { defaultStorePath } from '../../src/store/location.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { commitRoot, digestOfCid, node, sha256, temporaryFolder, temporaryStore } from './support.ts'

const code = (wanted: string) => expect.objectContaining({ code: wanted })
const isPinned = (store: ReturnType<typeof temporaryStore>, block: Block): boolean =>
  store.blocks.isPinned(digestOfCid(block.cid))

describe('commit', () => {
  it('keeps blocks, root and pins over closing and opening', () => {
    const path = join(temporaryFolder(), 'deep', 'folder', 'store.sqlite')
    const leaf = node('leaf')
    const root = node('root', [leaf])
    const store = temporaryStore(path)
    expect(commitRoot(store, [leaf, root])).toEqual({
      written: 2,
      bytes: leaf.bytes.length + root.bytes.length,
      pinned: 2,
      unpinned: 0,
    })
    store.close()
    const again = temporaryStore(path)
    expect(again.roots('site')).toEqual([{ site: 'site', root: root.cid, sequence: 1 }])
    expect(again.get(leaf.cid)).toEqual(leaf.bytes)
    expect([again.has(root.cid), again.has(node('other').cid), again.get(node('other').cid)]).toEqual([
      true,
      false,
      undefined,
    ])
  })

  it('refuses wrong bytes and leaves nothing of that commit behind', () => {
    const store = temporaryStore()
    const [a, b] = [node('a'), node('b')]
    expect(() => commitRoot(store, [a, { cid: b.cid, bytes: a.bytes }])).toThrow(code('block-mismatch'))
    expect([store.has(a.cid), store.has(b.cid), store.roots()]).toEqual([false, false, []])
  })

  it('refuses a root whose graph is not whole, and leaves nothing of it behind', () => {
    const store = temporaryStore()
    const missing = node('missing')
    const root = node('root', [missing])
    expect(() => commitRoot(store, [root])).toThrow(new RegExp(missing.cid))
    expect([store.has(root.cid), store.roots()]).toEqual([false, []])
  })

  it('a root of blocks that are here already needs none of them again', () => {
    const store = temporaryStore()
    const leaf = node('leaf')
    commitRoot(store, [leaf])
    const root = node('root', [leaf])
    expect(commitRoot(store, [root])).toMatchObject({ written: 1, pinned: 1 })
  })

  it('committing the newest root again changes nothing; an older one becomes the newest', () => {
    const store = temporaryStore()
    const [a, b] = [node('a'), node('b')]
    commitRoot(store, [a])
    expect(commitRoot(store, [a])).toEqual({ written: 0, bytes: 0, pinned: 0, unpinned: 0 })
    commitRoot(store, [b])
    expect(store.roots().map(r => [r.root, r.sequence])).toEqual([
      [b.cid, 2],
      [a.cid, 1],
    ])
    commitRoot(store, [a])
    expect(store.roots().map(r => [r.root, r.sequence])).toEqual([
      [a.cid, 3],
      [b.cid, 2],
    ])
  })

  it('keeps the newest roots of each site and unpins what only older ones needed', () => {
    const store = temporaryStore()
    const shared = node('shared')
    const roots = [1, 2, 3, 4].map(i => node(i, [shared]))
    for (const root of roots) commitRoot(store, [shared, root])
    commitRoot(store, [shared, roots[0]!], { site: 'other' })
    expect(store.roots('site').map(r => r.root)).toEqual([roots[3]!.cid, roots[2]!.cid, roots[1]!.cid])
    expect(isPinned(store, roots[0]!)).toBe(true)
    expect(commitRoot(store, [node(5)], { keep: 1 })).toMatchObject({ pinned: 1, unpinned: 4 })
    expect(roots.map(root => isPinned(store, root))).toEqual([true, false, false, false])
    expect(isPinned(store, shared)).toBe(true)
    expect(store.release(roots[0]!.cid)).toBe(true)
    expect([isPinned(store, shared), store.roots('other'), store.release(roots[0]!.cid)]).toEqual([
      false,
      [],
      false,
    ])
  })

  it('writes records with the root or not at all, and refuses a root that follows another one than the newest', () => {
    const store = temporaryStore()
    const [a, b] = [node('a'), node('b')]
    const record = (text: string) => [['/sx/x', Buffer.from(text)]] as const
    commitRoot(store, [a], { onto: { root: undefined }, records: record('1') })
    for (const onto of [undefined, b.cid])
      expect(() => commitRoot(store, [b], { onto: { root: onto }, records: record('2') })).toThrow(
        expect.objectContaining({ code: 'store-conflict' }),
      )
    expect([store.has(b.cid), Buffer.from(store.records.get('/sx/x')!).toString()]).toEqual([false, '1'])
    commitRoot(store, [b], { onto: { root: a.cid }, records: [['/sx/x', undefined]] })
    expect([store.roots()[0]!.root, store.records.get('/sx/x')]).toEqual([b.cid, undefined])
  })

  it('lets go of a root for one site, and another that has it keeps it', () => {
    const store = temporaryStore()
    const a = node('a')
    for (const site of ['one', 'two']) commitRoot(store, [a], { site })
    expect([store.release(a.cid, 'one'), store.release(a.cid, 'one'), store.release(a.cid, 'three')]).toEqual(
      [true, false, false],
    )
    expect(store.roots()).toEqual([expect.objectContaining({ site: 'two', root: a.cid })])
    expect(store.blocks.isPinned(digestOfCid(a.cid))).toBe(true)
    store.release(a.cid)
    expect(store.blocks.isPinned(digestOfCid(a.cid))).toBe(false)
  })

  it('a graph of exponentially many paths costs as much as its blocks', () => {
    const store = temporaryStore()
    const blocks = [node(0)]
    for (let i = 1; i < 400; i++) blocks.push(node(i, [blocks.at(-1)!, blocks.at(-1)!, blocks.at(-1)!]))
    expect(commitRoot(store, blocks)).toMatchObject({ pinned: 400 })
    expect(commitRoot(store, [node('next')], { keep: 1 })).toMatchObject({ pinned: 1, unpinned: 400 })
  })

  it('the same bytes under two codecs are pinned apart: as raw they lead nowhere', () => {
    const store = temporaryStore()
    const leaf = node('leaf')
    const inner = node('inner', [leaf])
    const asRaw = { cid: cidOf(RAW, digestOfCid(inner.cid)), bytes: inner.bytes }
    expect(commitRoot(store, [leaf, asRaw])).toMatchObject({ written: 2, pinned: 1 })
    expect([isPinned(store, leaf), isPinned(store, inner)]).toEqual([false, true])
    expect(commitRoot(store, [node('root', [inner])])).toMatchObject({ pinned: 3 })
    expect(commitRoot(store, [node('x')], { keep: 2 })).toMatchObject({ pinned: 1, unpinned: 1 })
    expect(isPinned(store, inner)).toBe(true)
  })

  it('the pinned blocks are the union of what the kept roots reach, whatever happened before', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            links: fc.array(fc.nat(30), { maxLength: 4 }),
            site: fc.constantFrom('a', 'b'),
            keep: fc.integer({ min: 1, max: 3 }),
            root: fc.nat(30),
            release: fc.option(fc.nat(3)),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        steps => {
          const store = openStore({ path: ':memory:', sha256, version: 'test' })
          const blocks: Block[] = []
          const below = new Map<string, Block[]>()
          for (const [i, step] of steps.entries()) {
            const links = step.links.filter(at => at < i).map(at => blocks[at]!)
            blocks.push(node(i, links))
            below.set(blocks[i]!.cid, links)
            const root = blocks[step.root % (i + 1)]!
            store.commit({ site: step.site, root: root.cid, blocks, keep: step.keep, version: 'test' })
            const kept = store.roots()
            if (step.release !== null && kept.length > 1)
              expect(store.release(kept[step.release % kept.length]!.root)).toBe(true)
            const reached = new Set<string>()
            const walk = (cid: string): void => {
              if (!reached.has(cid)) {
                reached.add(cid)
                for (const link of below.get(cid)!) walk(link.cid)
              }
            }
            for (const { root: kept } of store.roots()) walk(kept)
            for (const block of blocks) expect(isPinned(store, block)).toBe(reached.has(block.cid))
          }
          store.close()
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('damage', () => {
  const damage = (path: string, block: Block): void => {
    const sql = new DatabaseSync(path)
    sql
      .prepare('UPDATE blocks SET bytes = ? WHERE digest = ?')
      .run(new Uint8Array(block.bytes.length), digestOfCid(block.cid))
    sql.close()
  }

  it('a flipped block is an error that names it, never an answer and never "not here"', () => {
    const store = temporaryStore()
    const block = node('a')
    commitRoot(store, [block])
    damage(store.path, block)
    expect(() => store.get(block.cid)).toThrow(code('store-corrupt'))
    expect(() => store.get(block.cid)).toThrow(block.cid)
    expect(() => store.blocks.get(digestOfCid(block.cid))).toThrow(code('store-corrupt'))
  })

  it('a full build makes damage good', () => {
    const store = temporaryStore()
    const block = node('a')
    commitRoot(store, [block])
    damage(store.path, block)
    expect(commitRoot(store, [block])).toMatchObject({ written: 1 })
    expect(store.get(block.cid)).toEqual(block.bytes)
  })

  it('a new root over a damaged block is refused; damage in an old root does not stop a new one', () => {
    const store = temporaryStore()
    const leaf = node('leaf')
    const inner = node('inner', [leaf])
    commitRoot(store, [leaf, inner])
    damage(store.path, inner)
    store.release(inner.cid)
    expect(() => commitRoot(store, [node('root', [inner])])).toThrow(code('store-corrupt'))
    expect(commitRoot(store, [node('fresh')], { keep: 1 })).toMatchObject({ pinned: 1 })
    expect(isPinned(store, leaf)).toBe(true)
  })

  it('a file that is no database, another program’s database, or a newer store is refused untouched', () => {
    const folder = temporaryFolder()
    const text = join(folder, 'text')
    writeFileSync(text, 'hello, this is a text file and not a database at all'.repeat(100))
    expect(() => temporaryStore(text)).toThrow(code('store-corrupt'))
    const foreign = join(folder, 'foreign')
    const sql = new DatabaseSync(foreign)
    sql.exec('CREATE TABLE notes (text)')
    expect(() => temporaryStore(foreign)).toThrow(code('store-corrupt'))
    expect(sql.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
    sql.close()
    const newer = temporaryStore(join(folder, 'newer'))
    newer.close()
    const change = new DatabaseSync(newer.path)
    change.exec('PRAGMA user_version = 99')
    change.close()
    expect(() => temporaryStore(newer.path)).toThrow(code('store-version'))
  })

  it('a folder that cannot be made is said', () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect(() => temporaryStore(join(file, 'store.sqlite'))).toThrow(code('store-failed'))
  })
})

describe('processes', () => {
  it('a reader sees a new root at once and asks cheaply whether anything changed', () => {
    const writer = temporaryStore()
    const reader = temporaryStore(writer.path)
    expect([reader.changed(), reader.roots('site')]).toEqual([false, []])
    const block = node('a')
    commitRoot(writer, [block])
    expect([reader.changed(), reader.changed(), writer.changed()]).toEqual([true, false, false])
    expect(reader.roots('site').map(r => r.root)).toEqual([block.cid])
    expect(writer.roots('site').map(r => r.root)).toEqual([block.cid])
    expect(reader.get(block.cid)).toEqual(block.bytes)
  })

  it('a second writer that waited in vain is told', () => {
    const first = temporaryStore()
    const second = temporaryStore(first.path, 50)
    const holder = new DatabaseSync(first.path)
    holder.exec('BEGIN IMMEDIATE')
    const start = performance.now()
    expect(() => commitRoot(second, [node('a')])).toThrow(code('store-busy'))
    expect(performance.now() - start).toBeGreaterThan(40)
    expect(second.roots()).toEqual([])
    holder.exec('ROLLBACK')
    holder.close()
    expect(commitRoot(second, [node('a')])).toMatchObject({ written: 1 })
  })

  it('collecting garbage and committing cannot get between each other: a pinned block is not deleted', () => {
    const store = temporaryStore()
    const [kept, loose] = [node('kept'), node('loose')]
    commitRoot(store, [loose, kept])
    expect(store.blocks.delete([digestOfCid(kept.cid), digestOfCid(loose.cid)])).toBe(1)
    expect([store.has(kept.cid), store.has(loose.cid)]).toEqual([true, false])
  })
})

describe('blocks', () => {
  it('CIDs of other hash functions and malformed ones are refused by name', () => {
    const store = temporaryStore()
    expect(() => store.get('bafkqaaa')).toThrow(code('cid-unsupported'))
    expect(() => store.get('nonsense')).toThrow(code('cid-malformed'))
  })

  it('raw, dag-cbor and dag-pb names of the same bytes find the same block', () => {
    const store = temporaryStore()
    const block = node('a')
    commitRoot(store, [block])
    expect(store.get(cidOf(RAW, digestOfCid(block.cid)))).toEqual(block.bytes)
    expect(blockOf(block.bytes, DAG_CBOR, sha256).cid).toBe(block.cid)
  })
})

describe('location', () => {
  it('follows the platform', () => {
    expect(defaultStorePath({ HOME: '/home/a' }, 'linux')).toBe('/home/a/.local/share/sx-ipfs/store.sqlite')
    expect(defaultStorePath({ HOME: '/home/a', XDG_DATA_HOME: '/data' }, 'linux')).toBe(
      '/data/sx-ipfs/store.sqlite',
    )
    expect(defaultStorePath({ HOME: '/home/a', XDG_DATA_HOME: 'relative' }, 'linux')).toBe(
      '/home/a/.local/share/sx-ipfs/store.sqlite',
    )
    expect(defaultStorePath({ HOME: '/Users/a' }, 'darwin')).toBe(
      '/Users/a/Library/Application Support/sx-ipfs/store.sqlite',
    )
    expect(defaultStorePath({ LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local' }, 'win32')).toBe(
      'C:\\Users\\a\\AppData\\Local\\sx-ipfs\\store.sqlite',
    )
  })
})
