// sx publish, export and import as people run them: the release that comes of it, and the page opened from other hosts.
import { createPublicKey, verify } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isSigned, readRelease, type VerifySignature } from '../../src/ipld/release.ts'
import { browse } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { createSandbox, jsonLines, type Ran } from '../support/sandbox.ts'
import { startStaticServer } from '../support/static-server.ts'

const sandbox = createSandbox()
afterAll(() => sandbox.stop())
const secret = { SX_PASSPHRASE: 'correct horse' }
const sx = async (args: readonly string[], cwd = sandbox.folder, env = {}): Promise<Ran> =>
  sandbox.run(args, { cwd, env: { ...secret, ...env } })
/** What the commands of this file say with --json, of which each says some. */
interface Told {
  readonly root: string
  readonly release: string
  readonly directory: string
  readonly publisher: string
  readonly blocks: number
  readonly written: number
  readonly releases: readonly { readonly directory: string }[]
  readonly keys: readonly object[]
}
const sxJson = async (args: readonly string[], cwd?: string): Promise<Told> => {
  const ran = await sx([...args, '--json'], cwd)
  if (ran.status !== 0) throw new Error(`sx ${args.join(' ')} ended with ${ran.status}:\n${ran.err}`)
  return JSON.parse(ran.out) as Told
}
const check: VerifySignature = (key, message, signature) =>
  verify(
    null,
    message,
    createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]),
      format: 'der',
      type: 'spki',
    }),
    signature,
  )

const pages = (greeting: string) => ({
  'src/home.sx': `(defpage home :path "/" :title "Home" :content (<> (~greet :name "World") (a :href "/more" "more")))
    (defpage more :path "/more" :title "More" :content (~greet :name "again"))
    (defcomp ~greet (&key name) (p "${greeting} " name))`,
  'public/style.css': 'body { color: green }',
})

describe('sx publish', () => {
  it('signs a release, says so in its receipt, and makes none of unchanged sources', async () => {
    const folder = sandbox.write('site', pages('Hello'))
    const first = await sxJson(['publish'], folder)
    expect(first).toMatchObject({ sequence: 1, unchanged: false })
    expect(await sxJson(['publish'], folder)).toMatchObject({
      sequence: 1,
      unchanged: true,
      release: first.release,
    })
    sandbox.write('site', pages('Good day'))
    const second = await sxJson(['publish'], folder)
    expect(second).toMatchObject({
      sequence: 2,
      unchanged: false,
      previous: first.release,
      publisher: first.publisher,
      targets: [{ name: 'local', kind: 'local', state: 'pinned', blocks: expect.any(Number) }],
    })
    const { releases } = await sxJson(['log'], folder)
    expect(releases).toEqual([
      expect.objectContaining({ sequence: 2, release: second.release, root: second.root, kept: true }),
      expect.objectContaining({ sequence: 1, release: first.release, kept: true }),
    ])
  })

  it('without a remote target says that nobody else can fetch it, and what to do next', async () => {
    const ran = await sx(['publish'], sandbox.path('site'))
    expect([ran.status, ran.err]).toEqual([
      0,
      expect.stringContaining('on this machine only; nobody else can fetch it yet'),
    ])
    expect(ran.err).toMatch(/next: sx /)
  })

  it('takes a folder of files as it is, .well-known included', async () => {
    const folder = sandbox.write('dist', {
      'index.html': '<!doctype html><title>plain</title>',
      'assets/app.js': 'console.log(1)',
      '.well-known/security.txt': 'Contact: mailto:a@b.c',
      '.git/config': 'not for anybody',
    })
    const receipt = await sxJson(['publish', folder])
    expect(receipt.root).toMatch(/^bafybei/)
    await sxJson(['export', receipt.directory, `${sandbox.path('out-dist')}/`])
    expect(readdirSync(sandbox.path('out-dist'), { recursive: true }).sort()).toEqual([
      '.well-known',
      '.well-known/security.txt',
      '_sx',
      '_sx/release.cbor',
      'assets',
      'assets/app.js',
      'index.html',
    ])
  })

  it('has no release without a passphrase, and no key without one on the disk', async () => {
    const folder = sandbox.write('secretive', pages('Hush'))
    const ran = await sx(['publish', '--json'], folder, { SX_PASSPHRASE: undefined })
    expect([ran.status, ran.out]).toEqual([2, ''])
    expect(jsonLines(ran.err)).toEqual([
      expect.objectContaining({ error: 'key-locked', hint: expect.stringContaining('SX_PASSPHRASE') }),
    ])
    expect(await sxJson(['log'], folder)).toEqual({ releases: [] })
    expect(readdirSync(sandbox.path('keys'))).not.toContain('secretive.key.json')
    for (const file of readdirSync(sandbox.path('keys')))
      expect(readFileSync(sandbox.path('keys', file), 'utf8')).not.toContain('correct horse')
  })

  it('with a wrong passphrase makes no release', async () => {
    sandbox.write('site', pages('Once more'))
    const ran = await sx(['publish', '--json'], sandbox.path('site'), { SX_PASSPHRASE: 'wrong' })
    expect([ran.status, jsonLines(ran.err)]).toEqual([2, [expect.objectContaining({ error: 'key-locked' })]])
    expect((await sxJson(['log'], sandbox.path('site'))).releases).toHaveLength(2)
  })

  it('after a key was replaced signs with both', async () => {
    const { publisher } = await sxJson(['key', 'rotate', 'site'])
    const receipt = await sxJson(['publish'], sandbox.path('site'))
    expect(receipt).toMatchObject({ sequence: 3, publisher })
    await sxJson(['export', receipt.directory, `${sandbox.path('out-rotated')}/`])
    const release = readRelease(readFileSync(sandbox.path('out-rotated', '_sx/release.cbor')))
    expect([isSigned(release, check), release.handover?.length]).toEqual([true, 64])
    expect((await sxJson(['log'], sandbox.path('site'))).releases[0]).toMatchObject({ handedOver: true })
  })

  it('two at once: one release follows the other, or the second says that it was late', async () => {
    const folder = sandbox.write('race', pages('Race'))
    await sxJson(['publish'], folder)
    sandbox.write('race', pages('Race 2'))
    const both = await Promise.all([sx(['publish', '--json'], folder), sx(['publish', '--json'], folder)])
    for (const ran of both)
      if (ran.status !== 0) expect([ran.status, jsonLines(ran.err)[0]?.error]).toEqual([6, 'store-conflict'])
    expect(both.some(({ status }) => status === 0)).toBe(true)
    expect((await sxJson(['log'], folder)).releases).toHaveLength(2)
  })
})

describe('sx export and sx import', () => {
  it('give the same CAR each time, and another store the same blocks, pinned', async () => {
    const [a, b] = [sandbox.path('a.car'), sandbox.path('b.car')]
    const report = await sxJson(['export', a], sandbox.path('site'))
    await sxJson(['export', b], sandbox.path('site'))
    expect(readFileSync(a).equals(readFileSync(b))).toBe(true)
    const other = ['--store', sandbox.path('other.sqlite')]
    expect(await sxJson(['import', a, ...other])).toMatchObject({
      roots: [report.root],
      blocks: report.blocks,
    })
    await sxJson(['export', report.root, sandbox.path('c.car'), ...other])
    expect(readFileSync(sandbox.path('c.car')).equals(readFileSync(a))).toBe(true)
    // again: nothing is new
    expect(await sxJson(['import', a, ...other])).toMatchObject({ written: 0 })
  })

  it.each([
    [
      'a byte changed',
      (car: Buffer) => {
        car[car.length - 9]! ^= 1
        return car
      },
      4,
      'block-mismatch',
    ],
    ['an end that is missing', (car: Buffer) => car.subarray(0, car.length - 20), 4, 'car-malformed'],
  ] as const)('a CAR with %s leaves nothing', async (_, damage, status, code) => {
    const file = sandbox.path('damaged.car')
    writeFileSync(file, damage(Buffer.from(readFileSync(sandbox.path('a.car')))))
    const store = sandbox.path(`damaged-${code}.sqlite`)
    const ran = await sx(['import', file, '--json', '--store', store])
    expect([ran.status, jsonLines(ran.err)]).toEqual([status, [expect.objectContaining({ error: code })]])
    const again = await sxJson(['import', sandbox.path('a.car'), '--store', store])
    expect(again.written).toBeGreaterThan(0)
    expect(again.written).toBe(
      (await sxJson(['import', sandbox.path('a.car'), '--store', sandbox.path(`fresh-${code}.sqlite`)]))
        .written,
    )
  })

  it('a CAR that lacks a block which its root needs pins nothing', async () => {
    const directory = (await sxJson(['log'], sandbox.path('site'))).releases[0]!.directory
    const car = readFileSync(sandbox.path('a.car'))
    // the last block of a walk is a leaf: cut it off at its frame
    let at = 0
    let last = 0
    while (at < car.length) {
      last = at
      let size = 0
      for (let scale = 1; ; scale *= 128) {
        const byte = car[at++]!
        size += (byte & 127) * scale
        if (byte < 128) break
      }
      at += size
    }
    writeFileSync(sandbox.path('short.car'), car.subarray(0, last))
    const store = sandbox.path('short.sqlite')
    const ran = await sx(['import', sandbox.path('short.car'), '--json', '--store', store])
    expect([ran.status, jsonLines(ran.err)]).toEqual([
      3,
      [expect.objectContaining({ error: 'block-not-found' })],
    ])
    expect((await sx(['export', directory, sandbox.path('no.car'), '--store', store])).status).toBe(3)
    expect(existsSync(sandbox.path('no.car'))).toBe(false)
  })

  it('keys go to another machine and back in both formats', async () => {
    for (const format of ['libp2p', 'pem']) {
      const ran = await sx(['key', 'export', 'race', '--format', format, '--json'])
      const { key } = JSON.parse(ran.out) as { key: string }
      writeFileSync(sandbox.path(`race.${format}`), Buffer.from(key, 'base64'))
      const other = ['--store', sandbox.path(format, 'store.sqlite')]
      const known = await sxJson(['key', 'import', 'race', sandbox.path(`race.${format}`), ...other])
      const { keys } = await sxJson(['key', 'ls'])
      expect(keys).toContainEqual({ name: 'race', publisher: known.publisher, current: true })
    }
  })
})

describe.skipIf(!hasChromium())('a release directory on a host that serves nothing but files', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  it.each(['/', '/somewhere/deep/', '/ipfs/bafybeiexample/'])(
    'opens at %s, every byte verified',
    async prefix => {
      const out = sandbox.path('out')
      if (!existsSync(out)) await sxJson(['export', `${out}/`], sandbox.path('site'))
      const server = await startStaticServer(out, prefix)
      for (const [path, name] of [
        ['', 'World'],
        ['more/', 'again'],
      ] as const) {
        const seen = await browse(browser, server.url + path)
        expect([seen.state, seen.text]).toEqual(['ready', expect.stringContaining(`Once more ${name}`)])
        await seen.close()
      }
      expect(server.asked.filter(path => path.includes('/_sx/b/')).length).toBeGreaterThan(4)
      await server.stop()
    },
  )

  it('shows no page as verified when a file of it lies', async () => {
    const out = sandbox.path('lies')
    await sxJson(['export', `${out}/`], sandbox.path('site'))
    for (const file of readdirSync(join(out, '_sx/b'))) {
      const bytes = readFileSync(join(out, '_sx/b', file))
      bytes[bytes.length >> 1]! ^= 1
      writeFileSync(join(out, '_sx/b', file), bytes)
    }
    const server = await startStaticServer(out)
    const seen = await browse(browser, server.url)
    expect(seen.state).toBe('failed')
    expect(seen.skipped.some(({ reason }) => reason === 'mismatch')).toBe(true)
    await seen.close()
    await server.stop()
  })
})
