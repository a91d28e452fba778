import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publisherKey } from '../../src/ipld/publisher.ts'
import { type KeyFile, lockKey, readKeyFile, unlockKey } from '../../src/publish/key-file.ts'
import { exportKey, importKey } from '../../src/publish/key-formats.ts'
import { createKeyRing } from '../../src/publish/key-ring.ts'
import { keyFromSeed, verifySignature } from '../../src/publish/signing-key.ts'

const key = keyFromSeed(new Uint8Array(32).fill(7))
const code = (code: string) => expect.objectContaining({ code })
let file: KeyFile
beforeAll(async () => {
  file = await lockKey(key, 'ünïcode words')
})

describe('a key file', () => {
  it('opens with its passphrase, in either Unicode form, and with no other', async () => {
    const opened = await unlockKey(file, 'ünïcode words'.normalize('NFD'))
    expect(opened.publisher).toBe(key.publisher)
    const message = new TextEncoder().encode('m')
    expect(verifySignature(publisherKey(key.publisher), message, opened.sign(message))).toBe(true)
    await expect(unlockKey(file, 'other words')).rejects.toThrow(code('key-locked'))
  })

  it('holds neither the seed nor the passphrase', () => {
    const text = JSON.stringify(file)
    expect(text).not.toContain('words')
    expect(text).not.toContain(Buffer.from(key.seed()).toString('base64').slice(0, 20))
  })

  it.each<[string, (file: KeyFile) => unknown]>([
    ['another publisher', f => ({ ...f, publisher: keyFromSeed(new Uint8Array(32).fill(8)).publisher })],
    ['another salt', f => ({ ...f, kdf: { ...f.kdf, salt: 'AAAAAAAAAAAAAAAAAAAAAA==' } })],
    ['another cost', f => ({ ...f, kdf: { ...f.kdf, p: 1 } })],
    ['a byte of its data changed', f => ({ ...f, data: `B${f.data.slice(1)}` })],
    ['no data', f => ({ ...f, data: '' })],
    ['a tag that is cut short', f => ({ ...f, data: f.data.slice(0, 56) })],
  ])('with %s does not open', async (_, change) => {
    const changed = readKeyFile(JSON.stringify(change(file)), 'f')
    await expect(unlockKey(changed, 'ünïcode words')).rejects.toThrow(code('key-locked'))
  })

  it.each<[string, (file: KeyFile) => unknown]>([
    ['asks for all memory', f => ({ ...f, kdf: { ...f.kdf, N: 2 ** 30 } })],
    ['asks for years', f => ({ ...f, kdf: { ...f.kdf, p: 2 ** 30 } })],
    ['has a cost that is no number', f => ({ ...f, kdf: { ...f.kdf, N: '32768' } })],
    ['is of a later version', f => ({ ...f, version: 2 })],
    ['is locked by something else', f => ({ ...f, kdf: { ...f.kdf, name: 'pbkdf2' } })],
    ['is no key', () => ({})],
    ['is null', () => null],
    ['names no publisher', f => ({ ...f, publisher: 'ada' })],
  ])('that %s is refused before anything is derived', (_, change) => {
    expect(() => readKeyFile(JSON.stringify(change(file)), 'f')).toThrow(code('key-invalid'))
  })

  it('of any bytes is a key or an error of ours', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        expect(() => readKeyFile(text, 'f')).toThrow(code('key-invalid'))
      }),
    )
  })
})

describe('keys of other programs', () => {
  it.each(['libp2p', 'pem'] as const)('%s: there and back', format => {
    expect(importKey(exportKey(key, format)).publisher).toBe(key.publisher)
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['an RSA key of libp2p', Uint8Array.from([0x08, 0x00, 0x12, 0x40, ...new Uint8Array(64)])],
    [
      'halves that are two keys',
      Uint8Array.from([0x08, 0x01, 0x12, 0x40, ...key.seed(), ...new Uint8Array(32)]),
    ],
    [
      'a certificate',
      new TextEncoder().encode('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
    ],
    [
      'a PEM of nothing',
      new TextEncoder().encode('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'),
    ],
  ])('%s is refused', (_, bytes) => {
    expect(() => importKey(bytes)).toThrow(code('key-invalid'))
  })

  it('any bytes are a key or an error of ours', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        expect(() => importKey(bytes)).toThrow(code('key-invalid'))
      }),
    )
  })
})

describe('the key ring', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sx-keys-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const asked: string[] = []
  const ring = (passphrase = 'p') =>
    createKeyRing(join(folder, 'keys'), async ({ name, fresh }) => {
      asked.push(`${name} ${fresh ? 'new' : 'old'}`)
      return passphrase
    })

  it('makes a key once, asks once, and leaves nothing beside it', async () => {
    const one = ring()
    const made = await one.ensure('site')
    expect((await one.ensure('site')).publisher).toBe(made.publisher)
    expect((await ring().ensure('site')).publisher).toBe(made.publisher)
    expect(asked).toEqual(['site new', 'site old'])
    expect(readdirSync(join(folder, 'keys'))).toEqual(['site.key.json'])
    expect(statSync(join(folder, 'keys/site.key.json')).mode & 0o077).toBe(0)
  })

  it('keeps the key that was replaced, so that it can hand over', async () => {
    const old = ring().find('site')!
    const next = await ring().rotate('site')
    expect(next.publisher).not.toBe(old.publisher)
    expect(ring().list()).toEqual(
      [
        { name: 'site', publisher: old.publisher, current: false },
        { name: 'site', publisher: next.publisher, current: true },
      ].sort((a, b) => Number(a.current) - Number(b.current)),
    )
    expect((await ring().open(old.publisher)).publisher).toBe(old.publisher)
  })

  it('replaces no key by one that is imported, and none whose passphrase is not known', async () => {
    await expect(ring().add('site', key)).rejects.toThrow(code('usage'))
    const before = readFileSync(join(folder, 'keys/site.key.json'), 'utf8')
    await expect(ring('wrong').rotate('site')).rejects.toThrow(code('key-locked'))
    expect(readFileSync(join(folder, 'keys/site.key.json'), 'utf8')).toBe(before)
  })

  it.each(['', '../x', 'a/b', '.hidden', 'x'.repeat(65)])('takes no key named %j', async name => {
    await expect(ring().ensure(name)).rejects.toThrow(code('usage'))
  })

  it('keeps no key under an empty passphrase', async () => {
    await expect(ring('').ensure('open')).rejects.toThrow(code('key-locked'))
    expect(readdirSync(join(folder, 'keys'))).not.toContain('open.key.json')
  })
})
