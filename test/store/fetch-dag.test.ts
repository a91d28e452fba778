// A DAG from sources that are quick, slow, or lie: each block once, verified before its links count, a bounded number in flight.
import { setTimeout as pause } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { blockOf } from '../../src/ipld/block.ts'
import { RAW } from '../../src/ipld/cid.ts'
import type { Block } from '../../src/ports.ts'
import { localBlocks } from '../../src/store/any-blocks.ts'
import { fetchDag } from '../../src/store/fetch-dag.ts'
import { digestOfCid, gather, node, sha256, temporaryStore } from './support.ts'

const nothing = { get: () => undefined, has: () => false }
const from = (blocks: readonly Block[]) => {
  const all = new Map(blocks.map(({ cid, bytes }) => [cid, bytes]))
  return async (cid: CID): Promise<Uint8Array> => {
    const bytes = all.get(`${cid}`)
    if (bytes === undefined) throw new Error(`nobody has ${cid}`)
    return bytes
  }
}
const walk = (root: Block, fetch: (cid: CID) => Promise<Uint8Array>, more = {}) =>
  gather(fetchDag(CID.parse(root.cid), { here: nothing, fetch, sha256, most: 1e9, ...more }))

describe('fetchDag', () => {
  it('asks for each block once, though its paths are exponential, and for no more than may be in flight', async () => {
    const rows = [Array.from({ length: 40 }, (_, i) => node(i))]
    for (let depth = 1; depth < 30; depth++)
      rows.push(
        rows[0]!.map((_, i, { length }) =>
          node(`${depth}:${i}`, [rows[depth - 1]![i]!, rows[depth - 1]![(i + 1) % length]!]),
        ),
      )
    const all = [...rows.flat(), node('root', rows.at(-1))]
    const send = from(all)
    let [now, top, asked] = [0, 0, 0]
    const come = await walk(
      all.at(-1)!,
      async cid => {
        asked++
        top = Math.max(top, ++now)
        await pause(1)
        now--
        return send(cid)
      },
      { atOnce: 16 },
    )
    expect([asked, top]).toEqual([all.length, 16])
    expect(come.map(({ cid }) => `${cid}`).sort()).toEqual(all.map(({ cid }) => cid).sort())
  })

  it('takes what is here without asking', async () => {
    const [leaf, other] = [node('leaf'), node('other')]
    const root = node('root', [leaf, other])
    const store = temporaryStore()
    store.blocks.put([{ digest: digestOfCid(leaf.cid), bytes: leaf.bytes }])
    const come = await walk(root, from([root, other]), { here: localBlocks(store.blocks) })
    expect(come.filter(({ fetched }) => !fetched).map(({ cid }) => `${cid}`)).toEqual([leaf.cid])
  })

  it.each([
    ['other bytes', new Uint8Array(3), 'block-mismatch'],
    ['more bytes than a block has', new Uint8Array(2 ** 21 + 1), 'block-too-large'],
  ])('%s in place of a block end it', async (_, bytes, code) => {
    const leaf = node('leaf')
    const root = node('root', [leaf])
    const send = from([root])
    const lies = async (cid: CID) => (`${cid}` === leaf.cid ? bytes : send(cid))
    await expect(walk(root, lies)).rejects.toMatchObject({ code })
  })

  it('a block whose bytes are no dag-cbor ends it, and so does more than may come', async () => {
    const broken = blockOf(new Uint8Array([0xff]), 0x71, sha256)
    await expect(walk(broken, from([broken]))).rejects.toMatchObject({ code: 'block-malformed' })
    const large = blockOf(new Uint8Array(1000), RAW, sha256)
    await expect(walk(large, from([large]), { most: 999 })).rejects.toMatchObject({ code: 'walk-limit' })
    expect(await walk(large, from([large]), { most: 1000 })).toHaveLength(1)
  })
})
