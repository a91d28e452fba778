// sx publish, export and import as people run them: the release that comes of it, and the page opened from other hosts.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isSigned, readRelease } from '../../src/ipld/release.ts'
import { verifySignature } from '../../src/publish/signing-key.ts'
import { browse } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { runnerIn } from '../support/in-process.ts'
import { createSandbox, jsonLines } from '../support/sandbox.ts'
import { startStaticServer } from '../support/static-server.ts'

const sandbox = createSandbox()
afterAll(() => sandbox.stop())
const sx = runnerIn(sandbox)
/** What the commands of this file say with --json, of which each says some. */
interface Told {
  readonly root: string
  readonly release: string
  readonly directory: string
  readonly publisher: string
  readonly blocks: number
  readonly written: number
  readonly releases: readonly { readonly directory: string }[]
  readonly targets: readonly object[]
  readonly keys: readonly object[]
}
const sxJson = async (args: readonly string[], cwd?: string): Promise<Told> => {
  const ran = await sx([...args, '--json'], cwd)
  if (ran.status !== 0) throw new Error(`sx ${args.join(' ')} ended with ${ran.status}:\n${ran.err}`)
  return JSON.parse(ran.out) as Told
}

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
      targets: [{ name: 'local', kind: 'local', state: 'pinned', sent: expect.any(Number) }],
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
    expect(ran.err).toMatch(/next: name "targets" .*, or sx export/)
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
    const ran = await sx(['publish', '--json'], folder, '')
    expect([ran.status, ran.out]).toEqual([2, ''])
    expect(jsonLines(ran.err)).toEqual([
      expect.objectContaining({ error: 'key-locked', hint: expect.stringContaining('SX_PASSPHRASE') }),
    ])
    expect(await sxJson(['log'], folder)).toEqual({ releases: [], targets: [] })
    expect(readdirSync(sandbox.path('keys'))).not.toContain('secretive.key.json')
    for (const file of readdirSync(sandbox.path('keys')))
      expect(readFileSync(sandbox.path('keys', file), 'utf8')).not.toContain('correct horse')
  })

  it('with a wrong passphrase makes no release', async () => {
    sandbox.write('site', pages('Once more'))
    const ran = await sx(['publish', '--json'], sandbox.path('site'), 'wrong')
    expect([ran.status, jsonLines(ran.err)]).toEqual([2, [expect.objectContaining({ error: 'key-locked' })]])
    expect((await sxJson(['log'], sandbox.path('site'))).releases).toHaveLength(2)
  })

  it('after a key was replaced signs with both', async () => {
    const { publisher } = await sxJson(['key', 'rotate', 'site'])
    const receipt = await sxJson(['publish'], sandbox.path('site'))
    expect(receipt).toMatchObject({ sequence: 3, publisher })
    await sxJson(['export', receipt.directory, `${sandbox.path('out-rotated')}/`])
    const release = readRelease(readFileSync(sandbox.path('out-rotated', '_sx/release.cbor')))
    expect([isSigned(release, verifySignature), release.handover?.length]).toEqual([true, 64])
    expect((await sxJson(['log'], sandbox.path('site'))).releases[0]).toMatchObject({ handedOver: true })
  })

  it('two at once: one release follows the other, or the second says that it was late', async () => {
    const folder = sandbox.write('race', pages('Race'))
    await sxJson(['publish'], folder)
    sandbox.write('race', pages('Race 2'))
    const both = await Promise.all(
      [1, 2].map(() =>
        sandbox.run(['publish', '--json'], { cwd: folder, env: { SX_PASSPHRASE: 'correct horse' } }),
      ),
    )
    for (const ran of both)
      if (ran.status !== 0) expect([ran.status, jsonLines(ran.err)[0]?.error]).toEqual([6, 'store-conflict'])
    expect(both.some(({ status }) => status === 0)).toBe(true)
    expect((await sxJson(['log'], folder)).releases).toHaveLength(2)
  })
})

describe('targets', () => {
  const config = (targets: object): Record<string, string> => ({
    'sx.config.json': JSON.stringify({ title: 'T', targets }),
  })
  const served = { www: { kind: 'directory', path: '../www' }, file: { kind: 'car', path: '../site.car' } }

  it('one that can’t be reached stops no other; exit 8 says that it is not everywhere; the next run goes on from there', async () => {
    const gone = { kind: 'kubo', api: 'http://127.0.0.1:9' }
    const folder = sandbox.write('targets', { ...pages('Targets'), ...config({ gone, ...served }) })
    const ran = await sx(['publish', '--json'], folder)
    expect(ran.status).toBe(8)
    const receipt = JSON.parse(ran.out)
    expect(receipt).toMatchObject({
      complete: false,
      targets: [
        { name: 'local', state: 'pinned' },
        { name: 'gone', state: 'failed', error: { code: 'peer-failed' }, links: [] },
        { name: 'www', state: 'live' },
        { name: 'file', state: 'live', sent: receipt.blocks },
      ],
    })
    sandbox.write('targets', config(served))
    const again = await sxJson(['publish'], folder)
    expect(again).toMatchObject({ sequence: 1, unchanged: true, complete: true })
    expect(again).toMatchObject({ targets: [{}, { name: 'www', sent: 0 }, { name: 'file', sent: 0 }] })
    const { targets } = JSON.parse((await sx(['log', '--json'], folder)).out)
    expect(targets).toEqual([
      expect.objectContaining({ name: 'file', state: 'live', sequence: 1 }),
      expect.objectContaining({ name: 'gone', state: 'failed', error: expect.any(String) }),
      expect.objectContaining({ name: 'www', state: 'live', sequence: 1 }),
    ])
  })

  it('a folder gets what has changed, and loses what is gone; a file that somebody changed there is found', async () => {
    const folder = sandbox.path('targets')
    sandbox.write('targets', { 'public/style.css': 'body { color: red }' })
    const ran = await sx(['publish', '--json', '--to', 'www'], folder)
    const [, www, ...none] = JSON.parse(ran.out).targets
    // the file, the release, and what proves it: the root and its directory
    expect([www.sent, none]).toEqual([4, []])
    expect(readFileSync(sandbox.path('www/style.css'), 'utf8')).toBe('body { color: red }')
  })

  it('--to local publishes nowhere else; a name that is none is told', async () => {
    const folder = sandbox.path('targets')
    expect(await sxJson(['publish', '--to', 'local'], folder)).toMatchObject({ targets: [{ name: 'local' }] })
    const ran = await sx(['publish', '--to', 'wwww', '--json'], folder)
    expect([ran.status, jsonLines(ran.err)]).toEqual([
      2,
      [expect.objectContaining({ hint: 'did you mean www?' })],
    ])
  })

  it('a secret comes from the environment, is told when it is missing, and is never printed', async () => {
    const service = { kind: 'pinning-service', endpoint: 'http://127.0.0.1:9', token: '$SX_TEST_TOKEN' }
    const folder = sandbox.write('secrets', { ...pages('Secrets'), ...config({ service }) })
    const without = await sx(['publish', '--json'], folder)
    expect([without.status, jsonLines(without.err)[0]?.hint]).toEqual([
      1,
      'set the environment variable SX_TEST_TOKEN',
    ])
    expect((await sxJson(['log'], folder)).releases).toEqual([])
    const ran = await sandbox.run(['publish'], {
      cwd: folder,
      env: { SX_PASSPHRASE: 'correct horse', SX_TEST_TOKEN: 'hunter2' },
    })
    expect(ran.status).toBe(8)
    expect(ran.out + ran.err).not.toMatch(/hunter2|correct horse/)
  })

  it('a folder without SX goes to the targets of the folder where we are', async () => {
    const here = sandbox.write('project', {
      'sx.config.json': JSON.stringify({ targets: { file: { kind: 'car', path: 'dist.car' } } }),
      'dist/index.html': '<p>hi',
    })
    expect(await sxJson(['publish', 'dist'], here)).toMatchObject({
      targets: [{}, { name: 'file', state: 'live' }],
    })
    expect(existsSync(join(here, 'dist.car'))).toBe(true)
  })
})

describe('sx rollback and sx tag', () => {
  it('release an earlier root anew, and keep a release by name', async () => {
    const folder = sandbox.write('back', { ...pages('One'), 'sx.config.json': '{"releases": 1, "keep": 1}' })
    const first = await sxJson(['publish'], folder)
    await sxJson(['tag', 'v1'], folder)
    sandbox.write('back', pages('Two'))
    await sxJson(['publish'], folder)
    sandbox.write('back', pages('Three'))
    const third = await sxJson(['publish'], folder)
    expect(await sxJson(['rollback', '1'], folder)).toMatchObject({
      sequence: 4,
      root: first.root,
      previous: third.release,
      unchanged: false,
    })
    expect((await sxJson(['log'], folder)).releases).toMatchObject([
      { sequence: 4, kept: true, tags: [] },
      { sequence: 3, kept: false },
      { sequence: 2, kept: false },
      { sequence: 1, kept: true, tags: ['v1'] },
    ])
    const report = await sxJson(['export', 'v1', sandbox.path('v1.car')], folder)
    expect(report.root).toBe(first.directory)
    await sxJson(['tag', 'v1', '--remove'], folder)
    expect((await sxJson(['log'], folder)).releases[3]).toMatchObject({ kept: false, tags: [] })
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

  it('opens at /ipfs/<directory>/ of our own gateway', async () => {
    const [{ directory }] = (await sxJson(['log'], sandbox.path('site'))).releases as [{ directory: string }]
    const server = await sandbox.start(['serve', sandbox.path('site'), '--port', '0'])
    const seen = await browse(
      browser,
      `${server.url.replace('localhost', '127.0.0.1')}ipfs/${directory}/more/`,
    )
    expect([seen.status, seen.state, seen.text]).toEqual([
      200,
      'ready',
      expect.stringContaining('Once more again'),
    ])
    await seen.close()
    await server.stop()
  })

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
