// Nodes of ours on libp2p, in processes of their own: what is pinned is offered, a root is fetched whole or not at all.
import { readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/app/sha256.ts'
import { cidOf, RAW } from '../../src/ipld/cid.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { build, createSandbox, jsonLines, type Report, type Started } from '../support/sandbox.ts'

const sandbox = createSandbox()
const stranger = createSandbox()
const loose = Buffer.from('in the store, and pinned by nothing')
const looseCid = cidOf(RAW, sha256(loose))
let report: Report
let serving: Started
let addresses: readonly string[]
let id: string

const peerOf = (started: Started): { id: string; addresses: string[] } =>
  jsonLines(started.said.out)[0]!.peer as { id: string; addresses: string[] }
const fetch = (...args: string[]) => stranger.run(['fetch', '--json', ...args])
const held = async (): Promise<{ blocks: number }> =>
  (JSON.parse((await stranger.run(['gc', '--dry-run', '--json'])).out) as { kept: { blocks: number } }).kept

beforeAll(async () => {
  const site = sandbox.write('site', {
    'src/home.sx': `(defpage home :path "/" :title "Home" :content (<> (~a) (~b)))
      (defcomp ~a () (p "one")) (defcomp ~b () (p "two"))`,
    'public/large.bin': Buffer.alloc(1_500_000, 7),
  })
  report = await build(sandbox, site)
  const store = openStore({ path: sandbox.store, sha256, version: 'test' })
  store.blocks.put([{ digest: sha256(loose), bytes: loose }])
  store.close()
  serving = await sandbox.start(['serve', report.root, '--port', '0', '--json', '--p2p'])
  ;({ id, addresses } = peerOf(serving))
}, 60_000)
afterAll(async () => {
  await Promise.all([sandbox.stop(), stranger.stop()])
})

describe('sx serve --p2p', () => {
  it('listens on this machine alone, by TCP and WebSocket, under a peer id whose key only its owner reads', () => {
    expect(addresses.map(address => address.replace(/\/tcp\/\d+/, '/tcp/…'))).toEqual([
      `/ip4/127.0.0.1/tcp/…/p2p/${id}`,
      `/ip4/127.0.0.1/tcp/…/ws/p2p/${id}`,
    ])
    expect(statSync(sandbox.path('peer.key')).mode & 0o777).toBe(0o600)
  })

  it.each([0, 1])('sx fetch takes the whole site from its address %i, verified, and pins it', async at => {
    const mine = createSandbox()
    try {
      const ran = await mine.run([
        'fetch',
        report.root,
        '--peer',
        addresses[at]!,
        '--name',
        'friend',
        '--json',
      ])
      expect([ran.status, ran.err]).toEqual([0, ''])
      expect(JSON.parse(ran.out)).toEqual({
        root: report.root,
        blocks: report.blocks,
        written: report.blocks,
        bytes: report.bytes,
      })
      const sound = JSON.parse((await mine.run(['fsck', '--json'])).out)
      expect(sound).toMatchObject({ blocks: report.blocks, roots: 1, problems: [] })
      expect((await mine.run(['pin', 'ls'])).out).toContain(`${report.root}  pin friend`)
      // what is here is not fetched again
      const again = await mine.run(['fetch', report.root, '--peer', addresses[at]!, '--json'])
      expect(JSON.parse(again.out)).toMatchObject({ blocks: report.blocks, written: 0 })
    } finally {
      await mine.stop()
    }
  })

  it('offers what is pinned and nothing else of the store', async () => {
    expect((await sandbox.run(['export', looseCid, sandbox.path('loose.car')])).status).toBe(0)
    const ran = await fetch(looseCid, '--peer', addresses[0]!, '--wait', '1')
    expect(ran.status).toBe(7)
    expect(jsonLines(ran.err)[0]).toMatchObject({
      error: 'fetch-timeout',
      message: expect.stringContaining(looseCid),
    })
  })

  it('does not offer what a denylist names, and a fetch that lacks it leaves nothing', async () => {
    const denied = sandbox.write('deny', { 'list.deny': `/ipfs/${report.pages[0]!.cid}\n` })
    const other = await sandbox.start([
      ...['serve', report.root, '--port', '0', '--json', '--p2p', '--deny', `${denied}/list.deny`],
    ])
    const before = await held()
    const ran = await fetch(report.root, '--peer', peerOf(other).addresses[0]!, '--wait', '2')
    expect(ran.status).toBe(7)
    expect(jsonLines(ran.err)[0]).toMatchObject({
      error: 'fetch-timeout',
      message: expect.stringContaining(report.pages[0]!.cid),
    })
    expect(await held()).toEqual(before)
    expect(peerOf(other).id).toBe(id)
    await other.stop()
  })

  it('a gateway shows what its peer has pinned, and both end at once when asked to', async () => {
    const one = await sandbox.start(['serve', report.root, '--port', '0', '--json', '--p2p'])
    const behind = createSandbox()
    try {
      const peer = peerOf(one).addresses[0]!
      const gateway = await behind.start([
        'serve',
        '--content-only',
        '--port',
        '0',
        '--p2p',
        '--p2p-peer',
        peer,
      ])
      const response = await globalThis.fetch(`${gateway.url}ipfs/${report.root}?format=raw`)
      expect(response.status).toBe(200)
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0)
      const ended = await Promise.all([one.stop(), gateway.stop()])
      expect(ended.map(({ status, err }) => [status, err])).toEqual([
        [0, ''],
        [0, expect.stringContaining('peer /ip4/127.0.0.1/tcp/')],
      ])
    } finally {
      await behind.stop()
    }
  })

  it('without --p2p nothing of libp2p or Helia is loaded, no key is made, and its flags are refused', async () => {
    const hook = stranger.write('hook', {
      'watch.mjs': `import { registerHooks } from 'node:module'
registerHooks({ load: (url, context, next) => {
  if (/libp2p|helia/.test(url)) process.stderr.write('loaded ' + url + '\\n')
  return next(url, context)
} })`,
    })
    const env = { NODE_OPTIONS: `--import ${hook}/watch.mjs` }
    const plain = await stranger.start(['serve', '--content-only', '--port', '0'], { env })
    await plain.stop()
    const other = await stranger.run(['fetch', looseCid, '--peer', '/ip4/127.0.0.1/tcp/1'], { env })
    expect(other.err).toContain('loaded')
    expect(plain.said.err).not.toContain('loaded')
    expect(() => readFileSync(stranger.path('peer.key'))).toThrow('ENOENT')
    const ran = await stranger.run(['serve', '--content-only', '--p2p-peer', addresses[0]!])
    expect([ran.status, ran.err]).toEqual([2, expect.stringContaining('--p2p')])
  })
})

describe('a DHT', () => {
  const announces = ['--p2p', '--p2p-dht', 'lan', '--p2p-announce', '--port', '0', '--json']

  it('leads from a peer that has nothing to the one that announced the root', async () => {
    const [middle, owner, mine] = [createSandbox(), createSandbox(), createSandbox()]
    try {
      const hub = await middle.start([
        ...['serve', '--content-only', '--port', '0', '--json', '--p2p', '--p2p-dht', 'lan'],
      ])
      const peer = peerOf(hub).addresses[0]!
      const site = owner.write('site', {
        'src/home.sx': '(defpage home :path "/" :title "Home" :content (p "found"))',
      })
      const { root, blocks } = await build(owner, site)
      const announcing = await owner.start(['serve', root, ...announces, '--p2p-peer', peer])
      await expect
        .poll(() => jsonLines(announcing.said.out)[1], { timeout: 20_000 })
        .toEqual({ announced: root, peers: 1 })

      const without = await mine.run(['fetch', root, '--peer', peer, '--wait', '2', '--json'])
      expect(without.status).toBe(7)
      const ran = await mine.run(['fetch', root, '--peer', peer, '--dht', 'lan', '--json'])
      expect([ran.status, ran.err]).toEqual([0, ''])
      expect(JSON.parse(ran.out)).toMatchObject({ root, blocks, written: blocks })

      // a gateway that may fetch from peers asks the DHT, too
      const gateway = await middle.start([
        ...['serve', '--content-only', '--port', '0', '--p2p', '--p2p-dht', 'lan', '--p2p-peer', peer],
        ...['--store', middle.path('other/store.sqlite')],
      ])
      const response = await globalThis.fetch(`${gateway.url}ipfs/${root}?format=raw`)
      expect(response.status).toBe(200)
      expect((await announcing.stop()).status).toBe(0)
    } finally {
      await Promise.all([middle.stop(), owner.stop(), mine.stop()])
    }
  }, 60_000)

  it('in which nobody is says so, and it ends at once when asked to', async () => {
    const owner = createSandbox()
    try {
      const site = owner.write('site', {
        'src/home.sx': '(defpage home :path "/" :title "Home" :content (p "alone"))',
      })
      const { root } = await build(owner, site)
      const alone = await owner.start(['serve', root, ...announces])
      await expect.poll(() => alone.said.err, { timeout: 30_000 }).toContain('nobody in the DHT takes')
      expect((await alone.stop()).status).toBe(0)
      expect(jsonLines(alone.said.out)).toHaveLength(1)
    } finally {
      await owner.stop()
    }
  }, 60_000)

  it.each([
    ['announcing without a DHT', ['--p2p', '--p2p-announce'], '--p2p-dht'],
    ['a DHT without --p2p', ['--p2p-dht', 'lan'], '--p2p'],
    ['another DHT', ['--p2p', '--p2p-dht', 'mine'], 'lan'],
  ])('%s is refused', async (_, args, says) => {
    const ran = await stranger.run(['serve', '--content-only', '--port', '0', ...args])
    expect([ran.status, ran.err]).toEqual([2, expect.stringContaining(says)])
  })
})

describe('an address that is taken', () => {
  it('is an error that names it, and the gateway does not start', async () => {
    const port = /tcp\/(\d+)/.exec(addresses[0]!)![1]
    const mine = createSandbox()
    try {
      const listen = `/ip4/127.0.0.1/tcp/0,/ip4/127.0.0.1/tcp/${port}`
      const ran = await mine.run([
        ...['serve', '--content-only', '--port', '0', '--json', '--p2p', '--p2p-listen', listen],
      ])
      expect(ran.status).toBe(7)
      expect(jsonLines(ran.err)[0]).toMatchObject({
        error: 'peer-failed',
        message: expect.stringContaining(port!),
      })
    } finally {
      await mine.stop()
    }
  })
})

describe('sx fetch', () => {
  it('more than may come leaves nothing', async () => {
    const ran = await fetch(report.root, '--peer', addresses[0]!, '--most-mib', '1')
    expect(ran.status).toBe(5)
    expect(jsonLines(ran.err)[0]).toMatchObject({ error: 'walk-limit' })
    expect((await held()).blocks).toBe(0)
  })

  it.each([
    ['nobody to ask', [], 'usage', 2],
    ['no multiaddr', ['--peer', 'example.org:4001'], 'usage', 2],
    ['nobody there', ['--peer', '/ip4/127.0.0.1/tcp/1'], 'peer-failed', 7],
    ['another peer than was named', ['--peer', 'OTHER'], 'peer-failed', 7],
  ])('%s: one error that says so', async (_, args, code, status) => {
    const other = addresses[0]!.replace(/p2p\/.*/, 'p2p/12D3KooWGRYZDHBembyGJQqQ6WgLqJWYNjnECJwGBnCg8vbCeo8F')
    const ran = await fetch(report.root, ...args.map(arg => (arg === 'OTHER' ? other : arg)))
    expect(ran.status).toBe(status)
    expect(jsonLines(ran.err)[0]).toMatchObject({ error: code })
  })
})
