// sx name: records that each release signs, what resolves them, and the DNS record that leads to them.

import { base36 } from 'multiformats/bases/base36'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openApp } from '../../src/app.ts'
import { LIFETIME, signNameRecord } from '../../src/publish/name-record.ts'
import { keyFromSeed } from '../../src/publish/signing-key.ts'
import { readIpnsRecord } from '../../src/store/ipns-record.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { jsonIn, runnerIn } from '../support/in-process.ts'
import { sha256 } from '../support/memory-store.ts'
import { startPeer } from '../support/peer.ts'
import { createSandbox, jsonLines } from '../support/sandbox.ts'

const sandbox = createSandbox()
afterAll(() => sandbox.stop())
const sx = runnerIn(sandbox)
const folder = sandbox.path('site')
const told = jsonIn(sx, folder)
const publish = (text: string) => {
  sandbox.write('site', { 'src/home.sx': `(defpage home :path "/" :title "Home" :content (p "${text}"))` })
  return told(['publish'])
}
let first: { publisher: string; directory: string; nameUntil: string }
beforeAll(async () => {
  first = await publish('one')
})

describe('an IPNS record', () => {
  it('is read as it was signed, and holds for its time', () => {
    const key = keyFromSeed(new Uint8Array(32).fill(5))
    const name = CID.parse(key.publisher, base36)
    const now = Date.parse('2026-01-01T00:00:00Z')
    const bytes = signNameRecord(key, { value: '/ipfs/bafkqaaa', sequence: 300, now })
    expect(readIpnsRecord(name, bytes, now, sha256)).toEqual({
      value: '/ipfs/bafkqaaa',
      sequence: 300n,
      validUntil: now + LIFETIME,
      ttl: 300_000,
    })
    expect(() => readIpnsRecord(name, bytes, now + LIFETIME + 1, sha256)).toThrow(
      expect.objectContaining({ code: 'name-record-invalid' }),
    )
  })
})

describe('sx name', () => {
  it('leads to each release, and from a key that was replaced to the next', async () => {
    expect(await told(['name'])).toEqual({
      name: first.publisher,
      value: `/ipfs/${first.directory}`,
      validUntil: first.nameUntil,
    })
    expect(Date.parse(first.nameUntil) - Date.now()).toBeGreaterThan(LIFETIME - 600_000)
    await told(['key', 'rotate', 'site'])
    const second = await publish('two')
    expect(second.publisher).not.toBe(first.publisher)
    for (const name of [first.publisher, second.publisher])
      expect(await told(['name', 'resolve', name])).toMatchObject({ value: `/ipfs/${second.directory}` })
  })

  it('is renewed by sx publish when it would end soon, and at once when asked', async () => {
    const { publisher, directory } = await told(['publish'])
    const aged = async (days: number): Promise<void> => {
      const app = await openApp({
        store: sandbox.store,
        cwd: folder,
        report: () => {},
        askPassphrase: async () => 'correct horse',
      })
      const key = await app.keys.export('site', 'libp2p')
      await app.close()
      const store = openStore({ path: sandbox.store, sha256, version: 'test' })
      const record = signNameRecord(keyFromSeed(key.subarray(4, 36)), {
        value: `/ipfs/${directory}`,
        sequence: 2,
        now: Date.now() - days * 86_400_000,
      })
      store.records.write([[`/ipns/${publisher}`, record]])
      store.close()
    }
    const left = async (args: readonly string[]): Promise<number> =>
      Math.round((Date.parse((await told(args)).validUntil) - Date.now()) / 86_400_000)
    await aged(10)
    await told(['publish'])
    expect(await left(['name'])).toBe(20)
    expect(await left(['name', 'renew'])).toBe(30)
    await aged(20)
    expect(await told(['publish'])).toMatchObject({ unchanged: true })
    expect(await left(['name'])).toBe(30)
  })

  it('of a gateway: takes the record that it has when the name signed it', async () => {
    const store = openStore({ path: sandbox.store, sha256, version: 'test' })
    const record = Buffer.from(store.records.get(`/ipns/${first.publisher}`)!)
    store.close()
    const good = await startPeer(() => ({ body: record }))
    const bad = await startPeer(() => ({
      body: Buffer.concat([record.subarray(0, 80), Buffer.from('x'), record.subarray(81)]),
    }))
    expect((await told(['name', 'resolve', first.publisher, '--from', good.url])).value).toMatch(
      /^\/ipns\/k51/,
    )
    expect(good.asked[0]!.path).toBe(`/ipns/${first.publisher}`)
    const ran = await sx(['name', 'resolve', first.publisher, '--from', bad.url, '--json'])
    expect(jsonLines(ran.err)[0]?.error).toBe('name-record-invalid')
    await good.stop()
    await bad.stop()
  })

  it('prints the TXT record of a domain, and says whether the DNS has it', async () => {
    let records: string[] = []
    const asked: string[] = []
    const app = await openApp({
      store: sandbox.store,
      cwd: folder,
      report: () => {},
      txt: async domain => {
        asked.push(domain)
        return records
      },
    })
    const look = () => app.names.dnslink('example.org', folder)
    const { name } = await app.names.show(folder)
    expect(await look()).toEqual({
      record: '_dnslink.example.org',
      wanted: `dnslink=/ipns/${name}`,
      found: [],
      state: 'missing',
    })
    records = ['v=spf1', `dnslink=/ipns/${name}`]
    expect((await look()).state).toBe('set')
    records = [`dnslink=/ipns/${name}`, 'dnslink=/ipfs/bafkqaaa']
    expect((await look()).state).toBe('other')
    expect(new Set(asked)).toEqual(new Set(['_dnslink.example.org']))
    await expect(app.names.dnslink('not a domain', folder)).rejects.toThrow(
      expect.objectContaining({ code: 'usage' }),
    )
    await app.close()
  })

  it('our gateway shows the site under it', async () => {
    const server = await sandbox.start(['serve', folder, '--port', '0'])
    const { name } = await told(['name'])
    const response = await fetch(`${server.url.replace('localhost', '127.0.0.1')}ipns/${name}/`)
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('<p>two</p>')])
    await server.stop()
  })
})
