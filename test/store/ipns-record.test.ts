// IPNS names and records: which are taken, which are refused, and that no bytes get past the signature.
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { findIpnsName, ipnsNameText, MAX_RECORD, readIpnsRecord } from '../../src/store/ipns-record.ts'
import { nameRecords } from '../../src/store/name-records.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { nameRecord, newNameKey } from '../support/ipns.ts'
import { sha256 } from '../support/memory-store.ts'

const now = Date.parse('2026-06-01T00:00:00Z')
const read = (key: ReturnType<typeof newNameKey>, bytes: Uint8Array) =>
  readIpnsRecord(key.name, bytes, now, sha256)
const ed = newNameKey()
const rsa = newNameKey('rsa')

describe('a record', () => {
  it.each([
    ['Ed25519', ed],
    ['RSA, its key carried along', rsa],
  ])('by %s says where its name leads, how long, and how long that may be kept', (_, key) => {
    const record = read(key, nameRecord(key))
    expect(record).toEqual({
      value: '/ipfs/bafkqabtimvwgy3yk',
      sequence: 3n,
      validUntil: Date.parse('2100-01-01'),
      ttl: 1_800_000,
    })
    expect(read(key, nameRecord(key, { old: {} })).value).toBe(record.value)
    expect(read(key, nameRecord(key, { ttl: 3_155_760_000_000_000_000n })).ttl).toBe(3_155_760_000_000)
  })

  it.each([
    ['without the signature of version 2', nameRecord(ed, { unsigned: true, old: {} })],
    ['signed by another key', nameRecord(newNameKey())],
    ['with another value beside the signed one', nameRecord(ed, { old: { value: '/ipfs/bafkqaaa' } })],
    ['that ended', nameRecord(ed, { until: '2020-01-01T00:00:00Z' })],
    ['that ends at no date', nameRecord(ed, { until: 'soon' })],
    ['of an unknown validity', nameRecord(ed, { validityType: 7 })],
    ['that leads out of IPFS', nameRecord(ed, { value: 'https://example.org/' })],
    ['that is too large', nameRecord(ed, { pad: MAX_RECORD })],
    ['that carries another key than its name', nameRecord({ ...rsa, carried: newNameKey('rsa').carried })],
    ['without the key that its name needs', nameRecord({ ...rsa, carried: undefined })],
  ])('%s is refused', (what, bytes) => {
    const key = what.includes('key than its name') || what.includes('its name needs') ? rsa : ed
    expect(() => read(key, bytes)).toThrow(expect.objectContaining({ code: 'name-record-invalid' }))
  })

  it('with one bit changed is refused or says the same', () => {
    const good = nameRecord(ed, { old: {} })
    const expected = read(ed, good).value
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = Uint8Array.from(good)
      bad[bit >> 3]! ^= 1 << (bit & 7)
      try {
        expect(read(ed, bad).value).toBe(expected)
      } catch (error) {
        expect(error).toMatchObject({ code: 'name-record-invalid' })
      }
    }
  })

  it('of random bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(() => read(ed, bytes)).toThrow(expect.objectContaining({ code: 'name-record-invalid' }))
      }),
    )
  })
})

describe('a name', () => {
  it('has one text, whichever way it is written', () => {
    const peer = '12D3KooWRBy97UB99e3J6hiPesre1MZeuNQvfan4gBziswrRJsNK'
    const text = 'k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8'
    expect(ipnsNameText(findIpnsName(peer)!)).toBe(text)
    expect(ipnsNameText(findIpnsName(text)!)).toBe(text)
    const asFile = CID.createV1(0x70, findIpnsName(peer)!.multihash)
    expect(ipnsNameText(findIpnsName(`${asFile}`)!)).toBe(text)
    expect(ipnsNameText(findIpnsName('QmcJM7PRfkSbcM5cf1QugM5R37TLRKyJGgBEhXjLTB8uA2')!)).toBe(
      'k2k4r8ol4m8kkcqz509c1rcjwunebj02gcnm5excpx842u736nja8ger',
    )
  })

  it('of the DNS is none', () => {
    for (const text of ['example.org', 'k51.example.org', 'localhost', '', '1', 'Qm'])
      expect(findIpnsName(text), text).toBeUndefined()
  })
})

it('records are kept by name, and replaced', () => {
  const store = openStore({ path: ':memory:', sha256, version: 'test' })
  const names = nameRecords(store.records)
  expect(names.get(ed.name)).toBeUndefined()
  names.put(ed.name, nameRecord(ed))
  const newer = nameRecord(ed, { value: '/ipfs/bafkqaaa' })
  names.put(ed.name, newer)
  expect(Buffer.from(names.get(findIpnsName(ipnsNameText(ed.name))!)!).equals(newer)).toBe(true)
  expect(() => names.put(ed.name, new Uint8Array(MAX_RECORD + 1))).toThrow(RangeError)
  store.close()
})
