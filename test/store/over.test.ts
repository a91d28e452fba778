// The store over other people's blockstores: the same findings as over SQLite, Helia included.

import { dirname, join } from 'node:path'
import * as dagCbor from '@ipld/dag-cbor'
import { MemoryBlockstore } from 'blockstore-core'
import { LevelBlockstore } from 'blockstore-level'
import { createHeliaLight } from 'helia'
import { Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import { expect, it } from 'vitest'
import { asBlockstore } from '../../src/store/as-blockstore.ts'
import { asDatastore } from '../../src/store/as-datastore.ts'
import { storeOver } from '../../src/store/over.ts'
import { gather, node, sha256, temporaryStore } from './support.ts'

it.each(['memory', 'level', 'ours'])(
  'commits, reads verified and unpins over a %s store, and Helia agrees',
  async kind => {
    const under = temporaryStore()
    const level = kind === 'level' ? new LevelBlockstore(join(dirname(under.path), 'level')) : undefined
    await level?.open()
    const blockstore = level ?? (kind === 'memory' ? new MemoryBlockstore() : asBlockstore(under))
    const datastore = asDatastore(temporaryStore())
    const store = storeOver(blockstore, datastore, sha256)
    const helia = await createHeliaLight({
      blockstore,
      datastore,
      codecs: [dagCbor],
      blockBrokers: [],
    }).start()
    const shared = node('shared')
    const roots = [1, 2, 3].map(i => node(i, [shared, shared]))
    for (const root of roots)
      await store.commit({ site: 's', root: root.cid, blocks: [shared, root], keep: 2, version: 'test' })
    expect((await store.roots('s')).map(r => r.root)).toEqual([roots[2]!.cid, roots[1]!.cid])
    expect((await gather(helia.pins.ls())).map(pin => pin.cid.toString()).sort()).toEqual(
      [roots[1]!.cid, roots[2]!.cid].sort(),
    )
    await helia.gc()
    expect(await Promise.all([shared, ...roots].map(block => store.has(block.cid)))).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect(Buffer.compare((await store.get(shared.cid))!, shared.bytes)).toBe(0)
    expect(
      await store.commit({ site: 's', root: roots[2]!.cid, blocks: [], keep: 1, version: 'test' }),
    ).toMatchObject({ unpinned: 1 })
    await helia.stop()
    await level?.close()
  },
)

it('wrong bytes are refused on the way in and are an error on the way out', async () => {
  const blockstore = new MemoryBlockstore()
  const store = storeOver(blockstore, asDatastore(temporaryStore()), sha256)
  const [a, b] = [node('a'), node('b')]
  const commit = { site: 's', root: a.cid, keep: 3, version: 'test' }
  await expect(store.commit({ ...commit, blocks: [{ cid: a.cid, bytes: b.bytes }] })).rejects.toMatchObject({
    code: 'block-mismatch',
  })
  await expect(store.commit({ ...commit, blocks: [] })).rejects.toMatchObject({ code: 'store-corrupt' })
  await store.commit({ ...commit, blocks: [a] })
  await blockstore.put(CID.parse(a.cid), b.bytes)
  await expect(store.get(a.cid)).rejects.toMatchObject({ code: 'store-corrupt' })
})

it('after a commit that was cut off, the next one counts all pins anew', async () => {
  const blockstore = new MemoryBlockstore()
  const datastore = asDatastore(temporaryStore())
  const store = storeOver(blockstore, datastore, sha256)
  const [leaf, root] = [node('leaf'), node('root', [node('leaf')])]
  await store.commit({ site: 's', root: leaf.cid, blocks: [leaf], keep: 3, version: 'test' })
  for (const key of await gather(datastore.queryKeys({ prefix: '/sx/pins/' }))) await datastore.delete(key)
  await datastore.put(new Key('/sx/unfinished'), dagCbor.encode(true))
  await store.commit({ site: 's', root: root.cid, blocks: [root], keep: 3, version: 'test' })
  expect(
    await store.commit({ site: 's', root: root.cid, blocks: [], keep: 1, version: 'test' }),
  ).toMatchObject({ unpinned: 0 })
  const other = node('other')
  expect(
    await store.commit({ site: 's', root: other.cid, blocks: [other], keep: 1, version: 'test' }),
  ).toMatchObject({ pinned: 1, unpinned: 2 })
})
