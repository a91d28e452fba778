import { createHash } from 'node:crypto'
import * as blockCodec from '@ipld/dag-cbor'
import fc from 'fast-check'
import { create } from 'ipld-hashmap'
import type { CID } from 'multiformats/cid'
import { sha256 as blockHasher } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { cidOf, DAG_CBOR } from '../../src/ipld/cid.ts'
import { type Data, encodeData } from '../../src/ipld/data.ts'
import { type HashMap, hashMapFrom, openHashMap } from '../../src/ipld/hashmap.ts'
import { Link } from '../../src/lang/values.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const createStore = () => {
  const blocks = new Map<string, Uint8Array>()
  const put = (bytes: Uint8Array): string => {
    const cid = cidOf(DAG_CBOR, sha256(bytes))
    blocks.set(cid, bytes)
    return cid
  }
  const load = (cid: string): Uint8Array => {
    const bytes = blocks.get(cid)
    if (bytes === undefined) throw new SxError('block-not-found', `no block ${cid}`)
    return bytes
  }
  return { blocks, put, load, ports: { sha256, load } }
}
const names = (count: number): [string, Data][] =>
  Array.from({ length: count }, (_, i) => [`area/name-${i}`, i])
const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof SxError) return error.code
    throw error
  }
  return 'none'
}

describe('a HashMap', () => {
  it.each([0, 1, 3, 4, 97, 1500])('of %i entries has the CID that ipld-hashmap gives it', async count => {
    const peerBlocks = new Map<string, Uint8Array>()
    const peer = await create(
      {
        get: (cid: CID) => peerBlocks.get(cid.toString()) as Uint8Array,
        put: (cid: CID, bytes: Uint8Array) => void peerBlocks.set(cid.toString(), bytes),
      } as never,
      { bitWidth: 5, bucketSize: 3, blockHasher, blockCodec } as never,
    )
    for (const [key, value] of names(count)) await peer.set(key, value as number)
    const { put, blocks } = createStore()
    expect(hashMapFrom(names(count), { sha256 }).put(put)).toBe(peer.cid.toString())
    for (const [cid, bytes] of blocks)
      expect(Buffer.from(bytes).equals(peerBlocks.get(cid) as Uint8Array)).toBe(true)
  })

  it('built from nothing is the one that any edits lead to, deletions too, in memory and opened again on the way', () => {
    const key = fc.nat({ max: 400 }).map(n => `k${n}`)
    const edit = fc.oneof(
      { weight: 3, arbitrary: fc.tuple(fc.constant('set' as const), key, fc.nat({ max: 3 })) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('delete' as const), key, fc.constant(0)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('reopen' as const), fc.constant(''), fc.constant(0)) },
    )
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { maxLength: 300 }),
        fc.array(edit, { maxLength: 300 }),
        (start, edits) => {
          const { put, ports } = createStore()
          const model = new Map<string, Data>(start.map(k => [k, 9]))
          let map: HashMap = hashMapFrom(model, ports)
          for (const [what, k, v] of edits) {
            if (what === 'reopen') map = openHashMap(map.put(put), ports)
            else if (what === 'set') {
              model.set(k, v)
              map = map.set(k, v)
            } else {
              model.delete(k)
              map = map.delete(k)
            }
          }
          expect(map.put(put)).toBe(hashMapFrom(model, ports).put(put))
          expect(new Map(map.entries())).toEqual(model)
          for (const [k, v] of model) expect(map.get(k)).toBe(v)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('deleted down to nothing is the empty map', () => {
    const { put, ports } = createStore()
    let map = hashMapFrom(names(2000), ports)
    for (const [key] of names(2000)) map = map.delete(key)
    expect(map.put(put)).toBe(hashMapFrom([], ports).put(put))
    expect(map.delete('nothing')).toBe(map)
  })

  it('leaves an earlier version as it was', () => {
    const { put, ports } = createStore()
    const before = hashMapFrom(names(500), ports)
    const cid = before.put(put)
    const after = before.set('area/name-7', 'new').delete('area/name-8')
    expect(after.get('area/name-7')).toBe('new')
    expect(after.get('area/name-8')).toBeUndefined()
    expect(before.get('area/name-7')).toBe(7)
    expect(openHashMap(cid, ports).get('area/name-8')).toBe(8)
  })

  it('puts only the path that an edit changed, children first', () => {
    const { put, ports, blocks } = createStore()
    const map = hashMapFrom(names(10_000), ports)
    map.put(put)
    const whole = blocks.size
    const handed: string[] = []
    map.set('area/name-42', 'new').put(bytes => {
      handed.push(put(bytes))
      return handed.at(-1) as string
    })
    expect(handed.length).toBeLessThanOrEqual(5)
    expect(blocks.size).toBe(whole + handed.length)
  })

  it('loads only the path that a look-up needs', () => {
    const { put, ports, load } = createStore()
    const root = hashMapFrom(names(10_000), ports).put(put)
    let loads = 0
    const map = openHashMap(root, {
      sha256,
      load: cid => {
        loads++
        return load(cid)
      },
    })
    expect(map.get('area/name-99')).toBe(99)
    expect(map.get('no such name')).toBeUndefined()
    expect(loads).toBeLessThanOrEqual(9)
  })

  it('keeps any data and any well-formed key', () => {
    const { put, ports } = createStore()
    const link = new Link(cidOf(DAG_CBOR, new Uint8Array(32)))
    const value = new Map<string, Data>([
      ['page', link],
      ['packs', []],
      ['closure', null],
    ])
    const entries: [string, Data][] = [
      ['', 1],
      ['é', 'x'],
      ['😀', value],
      ['/', [1.5, true]],
    ]
    const opened = openHashMap(hashMapFrom(entries, ports).put(put), ports)
    expect(new Map(opened.entries())).toEqual(new Map(entries))
    expect(refusal(() => hashMapFrom([['\ud800', 1]], ports).put(put))).toBe('value-not-storable')
  })

  it('never reads a byte order mark away from a key', () => {
    const { put, ports } = createStore()
    const root = hashMapFrom([['\ufeffa', 1]], ports).put(put)
    expect([...openHashMap(root, ports).entries()]).toEqual([['\ufeffa', 1]])
  })
})

describe('a foreign HashMap', () => {
  const key = (text: string): Uint8Array => new TextEncoder().encode(text)
  const digit = (text: string): number => (sha256(key(text))[0] as number) >> 3
  const bitmap = (...digits: number[]): Uint8Array => {
    const bytes = new Uint8Array(4)
    for (const d of digits) bytes[d >> 3]! |= 1 << (d & 7)
    return bytes
  }
  const root = (hamt: Data, hashAlg: Data = 0x12, bucketSize: Data = 3): Data => ({
    hamt,
    hashAlg,
    bucketSize,
  })
  const open = (data: Data): string => {
    const { put, ports } = createStore()
    const cid = put(encodeData(data))
    return refusal(() => [...openHashMap(cid, ports).entries()])
  }
  const a: Data = [key('a'), 1]
  it('is read if it is canonical', () => {
    expect(open(root([bitmap(), []]))).toBe('none')
    expect(open(root([bitmap(digit('a')), [[a]]]))).toBe('none')
  })
  it.each<[string, Data]>([
    ['no map', 1],
    ['no hamt', { hashAlg: 0x12, bucketSize: 3 }],
    ['no hash', { hamt: [bitmap(), []], bucketSize: 3 }],
    ['another hash', root([bitmap(), []], 0x22)],
    ['another bucket size', root([bitmap(), []], 0x12, 8)],
    ['another bit width', root([new Uint8Array(32), []])],
    ['a field too many', { hamt: [bitmap(), []], hashAlg: 0x12, bucketSize: 3, more: 1 }],
    ['more slots than bits', root([bitmap(), [[a]]])],
    ['fewer slots than bits', root([bitmap(1, 2), [[a]]])],
    ['an empty bucket', root([bitmap(digit('a')), [[]]])],
    ['a key in the wrong slot', root([bitmap((digit('a') + 1) % 32), [[a]]])],
    ['a key twice', root([bitmap(digit('a')), [[a, a]]])],
    ['too many in a bucket', root([bitmap(digit('a')), [[a, a, a, a]]])],
    ['an entry of one', root([bitmap(digit('a')), [[[key('a')]]]])],
    ['a key that is text', root([bitmap(digit('a')), [[['a', 1]]]])],
  ])('is refused with %s', (_, data) => {
    expect(open(data)).toBe('block-malformed')
  })
  it('is refused when a child holds what fits in a bucket', () => {
    const { put, ports } = createStore()
    const second = ((): number => {
      const [x = 0, y = 0] = sha256(key('a'))
      return (((x << 8) | y) >> 6) & 31
    })()
    const child = put(encodeData([bitmap(second), [[a]]]))
    const cid = put(encodeData(root([bitmap(digit('a')), [new Link(child)]])))
    expect(refusal(() => openHashMap(cid, ports).get('a'))).toBe('block-malformed')
  })
  it('that links to itself over and over ends in an error', () => {
    const self = cidOf(DAG_CBOR, new Uint8Array(32))
    const block = encodeData([bitmap(...Array(32).keys()), Array(32).fill(new Link(self))])
    const first = encodeData(root([bitmap(...Array(32).keys()), Array(32).fill(new Link(self))]))
    const ports = { sha256, load: (cid: string) => (cid === 'root' ? first : block) }
    expect(refusal(() => openHashMap('root', ports).get('a'))).toMatch(/none|block-malformed/)
  })
  it('whose blocks are missing says so', () => {
    expect(
      refusal(() => openHashMap(cidOf(DAG_CBOR, new Uint8Array(32)), createStore().ports).get('a')),
    ).toBe('block-not-found')
  })
})
