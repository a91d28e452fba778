// Targets against peers on loopback: what is sent, what counts as done, what an error says, and what is known afterwards.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { blockOf } from '../../src/ipld/block.ts'
import { RAW } from '../../src/ipld/cid.ts'
import { deliver } from '../../src/publish/deliver.ts'
import { spread } from '../../src/publish/fetch-back.ts'
import { createHttp, type Http } from '../../src/publish/http.ts'
import { checkTargets } from '../../src/publish/target-config.ts'
import { targetStates } from '../../src/publish/target-states.ts'
import { clusterTarget } from '../../src/publish/targets/cluster.ts'
import { carTarget } from '../../src/publish/targets/files.ts'
import { kuboRpc, kuboTarget } from '../../src/publish/targets/kubo.ts'
import { pinningServiceTarget } from '../../src/publish/targets/pinning-service.ts'
import type { Delivery, Outgoing, Target } from '../../src/publish/targets/target.ts'
import { sha256 } from '../support/memory-store.ts'
import { type Asked, type Peer, type Reply, startPeer } from '../support/peer.ts'
import { startPinningService } from '../support/pinning-service.ts'

const stopping: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop()
})
const peer = async (answer: (asked: Asked) => Reply): Promise<Peer> => {
  const started = await startPeer(answer)
  stopping.push(started.stop)
  return started
}
const waits: number[] = []
const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
  waits.push(ms)
  signal?.throwIfAborted()
}
const http: Http = createHttp({ fetch: globalThis.fetch, sleep })
const failed = (message: RegExp) =>
  expect.objectContaining({ code: 'peer-failed', message: expect.stringMatching(message) })

const directory = 'bafybeiet5fc32atwtttjkntca2spiq44wcdo34aymy3w7a5imuj3ckufuy'
const older = 'bafybeibu6c7jy2r6njvvgp4tl5tnjuzm5dukla3xd6ontae2d2m3kalymu'
const cars: (string | undefined)[] = []
const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  directory,
  title: 'site 1',
  name: { text: 'k51publisher', record: Buffer.from('record') },
  car: (since): Outgoing => {
    cars.push(since)
    const text = Buffer.from(since === undefined ? 'the whole CAR' : 'the rest')
    return {
      body: (async function* () {
        yield text
      })(),
      count: { blocks: since === undefined ? 9 : 2, bytes: text.length },
    }
  },
  files: () => ({ files: 0, bytes: 0 }),
  known: undefined,
  waiting: () => {},
  signal: undefined,
  ...more,
})

describe('requests', () => {
  it('that may pass are tried again, with a wait that grows or that the peer names', async () => {
    let left = 3
    const busy = await peer(() =>
      left-- > 0
        ? { status: left === 1 ? 429 : 503, headers: left === 1 ? { 'retry-after': '2' } : {} }
        : { body: { ok: 1 } },
    )
    waits.length = 0
    expect(await http.json(`${busy.url}/x`)).toEqual({ ok: 1 })
    expect(waits).toEqual([250, 2000, 1000])
  })

  it('fail after four tries, and at once for what will not pass', async () => {
    const down = await peer(() => ({ status: 500, body: 'out of order' }))
    await expect(http.json(`${down.url}/x`)).rejects.toThrow(failed(/500: out of order/))
    expect(down.asked).toHaveLength(4)
    const no = await peer(() => ({ status: 403, body: 'no' }))
    await expect(http.json(`${no.url}/x`)).rejects.toThrow(failed(/403: no/))
    expect(no.asked).toHaveLength(1)
    await expect(http.json('http://127.0.0.1:9/')).rejects.toThrow(failed(/can't be reached/))
  })

  it('show neither a query nor a secret when they fail, end when told to, and read no more than they should', async () => {
    const no = await peer(() => ({ status: 401 }))
    const error = await http
      .ask(`${no.url}/a?secret=1`, { headers: { Authorization: 'Bearer abc' } })
      .catch((thrown: unknown) => thrown)
    expect(JSON.stringify([String(error), error])).not.toMatch(/secret|abc/)
    const long = await peer(() => ({ body: 'x'.repeat(100) }))
    await expect(http.bytes(`${long.url}/`, 99)).rejects.toThrow(failed(/more than 99 bytes/))
    await expect(http.ask(`${long.url}/`, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
    const cut = await peer(() => ({ body: 'x'.repeat(100), cut: 10 }))
    await expect(http.bytes(`${cut.url}/`, 1000)).rejects.toThrow(failed(/broke off/))
  })
})

describe('Kubo', () => {
  const rootLine = (PinErrorMsg = '') =>
    `${JSON.stringify({ Root: { Cid: { '/': directory }, PinErrorMsg } })}\n`
  const kubo = async (importing: Reply, pinned: readonly string[] = []): Promise<[Target, Peer]> => {
    const api = await peer(({ path, query }) => {
      if (path === '/api/v0/pin/ls')
        return pinned.includes(query.get('arg')!)
          ? { body: { Keys: {} } }
          : { status: 500, body: { Message: `path '${query.get('arg')}' is not pinned` } }
      if (path === '/api/v0/dag/import') return importing
      if (path === '/api/v0/name/publish') return { body: { Name: 'k51name', Value: query.get('arg') } }
      if (path === '/api/v0/routing/put') return { body: {} }
      return { status: 404 }
    })
    const rpc = kuboRpc(`${api.url}/`, 'secret', http)
    return [kuboTarget('kubo', { kind: 'kubo', api: api.url, name: 'site' }, rpc), api]
  }

  it('gets the CAR in one multipart request, pins, and points its name at it', async () => {
    const [target, api] = await kubo({ body: rootLine() })
    expect(await target.deliver(delivery())).toEqual({
      sent: 9,
      bytes: 13,
      notes: { ipns: 'k51name', name: '/ipns/k51publisher' },
    })
    const [, sent, named, told] = api.asked
    expect([told!.query.get('arg'), told!.body.toString()]).toEqual([
      '/ipns/k51publisher',
      expect.stringContaining('record'),
    ])
    expect(sent!.headers.authorization).toBe('Bearer secret')
    expect(sent!.query.get('pin-roots')).toBe('true')
    const boundary = /boundary=(.*)/.exec(sent!.headers['content-type']!)![1]!
    expect(sent!.body.toString()).toMatch(
      new RegExp(`^--${boundary}\r\n[\\s\\S]*\r\n\r\nthe whole CAR\r\n--${boundary}--\r\n$`),
    )
    expect(named!.query.get('arg')).toBe(`/ipfs/${directory}`)
  })

  it('is sent only what it lacks: the rest where it pins the release before, all where it does not, nothing where it has it', async () => {
    const known = { directory: older, state: 'live', at: '' } as const
    cars.length = 0
    const [has] = await kubo({ body: rootLine() }, [older])
    expect(await has.deliver(delivery({ known }))).toMatchObject({ sent: 2 })
    const [lost] = await kubo({ body: rootLine() })
    expect(await lost.deliver(delivery({ known }))).toMatchObject({ sent: 9 })
    const [done] = await kubo({ body: rootLine() }, [directory])
    expect(await done.deliver(delivery({ known }))).toMatchObject({ sent: 0 })
    expect(cars).toEqual([older, undefined])
  })

  it.each<[string, Reply, RegExp]>([
    [
      'a pin that failed inside an answer of 200',
      { body: rootLine('block was not found locally') },
      /not found locally/,
    ],
    [
      'an answer without the root',
      { body: `${JSON.stringify({ Stats: { BlockCount: 9 } })}\n` },
      /does not say that it pinned/,
    ],
    [
      'another root',
      { body: JSON.stringify({ Root: { Cid: { '/': older }, PinErrorMsg: '' } }) },
      /does not say that it pinned/,
    ],
    [
      'an error in the stream',
      { body: JSON.stringify({ Message: 'unexpected EOF', Code: 0, Type: 'error' }) },
      /unexpected EOF/,
    ],
    ['half a line', { body: rootLine().slice(0, 20) }, /breaks off/],
    ['nothing', { body: '' }, /does not say that it pinned/],
    ['no permission', { status: 403, body: 'forbidden' }, /403/],
  ])('%s is no success', async (_, reply, message) => {
    const [target] = await kubo(reply)
    await expect(target.deliver(delivery())).rejects.toThrow(failed(message))
  })
})

describe('a pinning service', () => {
  const start = async (delegates: readonly string[] = []) => {
    const service = await startPinningService(delegates)
    stopping.push(service.stop)
    return service
  }
  type Ports = Parameters<typeof pinningServiceTarget>[2]
  const target = (endpoint: string, more: Partial<Ports> = {}, settings = {}): Target =>
    pinningServiceTarget(
      'pins',
      { kind: 'pinning-service', endpoint, ...settings },
      {
        http,
        token: startPinningService.token,
        via: undefined,
        clock: Date.now,
        sleep,
        ...more,
      },
    )

  it('is asked once, with name and origins, and then until it has it', async () => {
    const service = await start()
    const noted: string[] = []
    const origins = ['/ip4/127.0.0.1/tcp/1/p2p/x']
    const done = await target(service.url, {}, { origins }).deliver(
      delivery({ waiting: id => noted.push(id) }),
    )
    expect([...service.pins.values()]).toEqual([
      expect.objectContaining({ status: 'pinned', pin: { cid: directory, name: 'site 1', origins } }),
    ])
    expect(noted).toEqual([...service.pins.keys()])
    expect(done.notes).toEqual({ request: noted[0] })
    // after a crash, or again: the job that is there is taken up
    await target(service.url).deliver(delivery())
    expect(service.pins.size).toBe(1)
  })

  it('has its delegates called by the Kubo node that has the blocks, whose addresses are origins', async () => {
    const service = await start(['/ip4/9.9.9.9/tcp/4001/p2p/them'])
    const kubo = await peer(({ path }) =>
      path.endsWith('/id')
        ? { body: { Addresses: ['/ip4/1.2.3.4/tcp/4001/p2p/us'] } }
        : { body: { Strings: [] } },
    )
    await target(service.url, { via: kuboRpc(kubo.url, undefined, http) }).deliver(delivery())
    expect([...service.pins.values()][0]!.pin.origins).toEqual(['/ip4/1.2.3.4/tcp/4001/p2p/us'])
    expect(kubo.asked.map(({ path, query }) => [path, query.get('arg')])).toEqual([
      ['/api/v0/id', null],
      ['/api/v0/swarm/connect', '/ip4/9.9.9.9/tcp/4001/p2p/them'],
    ])
  })

  it('that fails, or takes longer than it may, says why and what to do', async () => {
    const service = await start()
    service.next = () => 'failed'
    await expect(target(service.url).deliver(delivery())).rejects.toThrow(
      failed(/could not pin .*: no provider/),
    )
    service.pins.clear()
    service.next = kept => kept.status
    let now = 0
    await expect(
      target(
        service.url,
        { clock: () => now, sleep: async ms => void (now += ms) },
        { deadline: 30 },
      ).deliver(delivery()),
    ).rejects.toThrow(failed(/has not pinned .* in time: it is queued/))
    expect(now).toBeGreaterThan(10_000)
    await expect(target(service.url, { token: 'wrong' }).deliver(delivery())).rejects.toThrow(failed(/401/))
  })
})

describe('a cluster', () => {
  const cluster = async (peers: (asks: number) => object, added: Reply = { body: { cid: directory } }) => {
    let asks = 0
    return peer(({ path }) =>
      path === '/add' ? added : { body: { cid: directory, peer_map: peers(asks++) } },
    )
  }
  const target = (api: string, more = {}): Target =>
    clusterTarget(
      'cluster',
      { kind: 'cluster', api, ...more },
      { http, token: undefined, clock: Date.now, sleep },
    )

  it('gets the CAR with replication and expiry, and is done when enough peers have it', async () => {
    const api = await cluster(asks => ({
      a: { status: asks > 0 ? 'pinned' : 'unpinned' },
      b: { status: asks > 2 ? 'pinned' : 'pinning' },
    }))
    const done = await target(api.url, { replicationMin: 2, replicationMax: 3, expireIn: '720h' }).deliver(
      delivery(),
    )
    expect(done).toEqual({ sent: 9, bytes: 13, notes: { peers: '2' } })
    const add = api.asked.find(({ path }) => path === '/add')!
    expect(Object.fromEntries(add.query)).toEqual({
      format: 'car',
      name: 'site 1',
      'stream-channels': 'false',
      'replication-min': '2',
      'replication-max': '3',
      'expire-in': '720h',
    })
    // it has it now: nothing is sent again
    expect(await target(api.url, { replicationMin: 2 }).deliver(delivery())).toMatchObject({ sent: 0 })
  })

  it('that can’t pin, or takes another root, is an error', async () => {
    const bad = await cluster(asks => ({
      a: { status: asks > 0 ? 'pin_error' : 'unpinned', error: 'disk full' },
    }))
    await expect(target(bad.url).deliver(delivery())).rejects.toThrow(failed(/disk full/))
    const other = await cluster(() => ({}), { body: { cid: older } })
    await expect(target(other.url).deliver(delivery())).rejects.toThrow(failed(/does not say that it took/))
  })
})

describe('delivering', () => {
  const blocks = Array.from({ length: 40 }, (_, i) => blockOf(Buffer.from(`block ${i}`), RAW, sha256))
  const records = new Map<string, Uint8Array>()
  const states = targetStates(
    {
      get: key => records.get(key),
      write: changes => {
        for (const [key, value] of changes) if (value !== undefined) records.set(key, value)
      },
      page: (prefix, after) =>
        [...records]
          .filter(([key]) => key.startsWith(prefix) && key > after)
          .map(([key, value]) => ({ key, value })),
    },
    '/site',
  )
  const gateway = (answer: (bytes: Uint8Array | undefined, cid: string) => Reply): Promise<Peer> =>
    peer(({ path }) => {
      const cid = path.replace('/ipfs/', '')
      return answer(blocks.find(block => block.cid === cid)?.bytes, cid)
    })
  const good = (bytes: Uint8Array | undefined): Reply =>
    bytes === undefined ? { status: 404 } : { body: bytes }
  const target = (
    name: string,
    at: string | undefined,
    act: Target['deliver'] = async () => ({ sent: 1, bytes: 1 }),
  ): Target => ({
    name,
    kind: 'kubo',
    gateway: at,
    links: cid => [`see:${cid}`],
    deliver: act,
  })
  const run = (targets: readonly Target[], more: Partial<Parameters<typeof deliver>[1]> = {}) =>
    deliver(
      targets.map(one => ({ target: one, after: undefined })),
      {
        release: delivery(),
        blocks: () => blocks.map(({ cid }) => cid),
        full: false,
        states,
        http,
        sha256,
        clock: Date.now,
        sleep,
        signal: undefined,
        ...more,
      },
    )

  it('says live only of what came back, whole and right; each target for itself', async () => {
    const [right, lying, empty] = await Promise.all([
      gateway(good),
      gateway(bytes => ({ body: Buffer.from(bytes ?? '').reverse() })),
      gateway(() => ({ status: 404 })),
    ])
    const refuses = async (): Promise<never> => {
      throw new Error('on fire')
    }
    const reports = await run([
      target('right', right!.url),
      target('lying', lying!.url),
      target('empty', empty!.url),
      target('blind', undefined),
      target('broken', right!.url, refuses),
    ])
    expect(reports.map(({ name, state, error }) => [name, state, error?.code])).toEqual([
      ['right', 'live', undefined],
      ['lying', 'pinned', 'block-mismatch'],
      ['empty', 'pinned', 'peer-failed'],
      ['blind', 'pinned', undefined],
      ['broken', 'failed', 'peer-failed'],
    ])
    expect(reports[0]).toMatchObject({ verified: { checked: 16, of: 40 }, links: [`see:${directory}`] })
    expect(reports[4]!.links).toEqual([])
    expect(states.all().map(([name, { state, directory: has }]) => [name, state, has])).toEqual([
      ['right', 'live', directory],
      ['lying', 'pinned', directory],
      ['empty', 'pinned', directory],
      ['blind', 'pinned', directory],
      ['broken', 'failed', undefined],
    ])
  })

  it('fetches every block back when asked to, and waits for a gateway that is slow to learn', async () => {
    const seen = new Set<string>()
    let late = 2
    const slow = await gateway((bytes, cid) => {
      if (cid === blocks[7]!.cid && late-- > 0) return { status: 404 }
      seen.add(cid)
      return good(bytes)
    })
    expect(await run([target('slow', slow.url)], { full: true })).toMatchObject([
      { state: 'live', verified: { checked: 40 } },
    ])
    expect(seen.size).toBe(40)
  })

  it('cut off while it sends leaves that noted, and throws', async () => {
    const ending = new AbortController()
    const interrupted = target('cut', undefined, async () => {
      ending.abort()
      ending.signal.throwIfAborted()
      return { sent: 0, bytes: 0 }
    })
    await expect(run([interrupted], { signal: ending.signal })).rejects.toThrow(/abort/i)
    expect(states.get('cut')).toMatchObject({ state: 'sending', pending: directory })
  })

  it('a target that begins after another one has ended does', async () => {
    const order: string[] = []
    const slow = target('first', undefined, async () => {
      await new Promise(resolve => setTimeout(resolve, 20))
      order.push('first')
      return { sent: 0, bytes: 0 }
    })
    const next = target('next', undefined, async () => {
      order.push('next')
      return { sent: 0, bytes: 0 }
    })
    await deliver(
      [
        { target: slow, after: undefined },
        { target: next, after: 'first' },
      ],
      {
        release: delivery(),
        blocks: () => [],
        full: false,
        states,
        http,
        sha256,
        clock: Date.now,
        sleep,
        signal: undefined,
      },
    )
    expect(order).toEqual(['first', 'next'])
  })

  it('a sample is spread over all, its ends among it', () => {
    expect(spread([1, 2, 3], 5)).toEqual([1, 2, 3])
    expect(
      spread(
        Array.from({ length: 100 }, (_, i) => i),
        4,
      ),
    ).toEqual([0, 33, 66, 99])
  })

  it('a CAR that is cut off leaves the one that was there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sx-car-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'a.car')
    writeFileSync(file, 'before')
    const car = carTarget('car', { kind: 'car', path: 'a.car' }, file, async stream => {
      for await (const _ of stream);
      return { roots: [older], blocks: 1 }
    })
    const breaks = (): Outgoing => ({
      body: (async function* () {
        yield Buffer.from('half')
        throw new Error('gone')
      })(),
      count: { blocks: 0, bytes: 0 },
    })
    await expect(car.deliver(delivery({ car: breaks }))).rejects.toThrow('gone')
    expect(readFileSync(file, 'utf8')).toBe('before')
    await expect(car.check!(directory, undefined)).rejects.toThrow(
      expect.objectContaining({ code: 'block-mismatch' }),
    )
  })
})

describe('the configuration of targets', () => {
  it.each<[string, unknown]>([
    ['is an object', []],
    ['"local" is this machine', { local: { kind: 'car', path: 'x' } }],
    ['one of kubo, pinning-service', { a: { kind: 'pinata' } }],
    ['without "api"', { a: { kind: 'kubo' } }],
    ['a kubo has api', { a: { kind: 'kubo', api: 'http://a', apikey: 1 } }],
    ['must be a URL', { a: { kind: 'kubo', api: 'http://user:pw@host' } }],
    ['never written into a file', { a: { kind: 'kubo', api: 'http://a', token: 'abc' } }],
    ['is no Kubo target', { a: { kind: 'pinning-service', endpoint: 'http://a', via: 'b' } }],
    ['at most 20 multiaddrs', { a: { kind: 'pinning-service', endpoint: 'http://a', origins: ['x'] } }],
    ['a duration', { a: { kind: 'cluster', api: 'http://a', expireIn: 'soon' } }],
    ['names are letters', { 'a b': { kind: 'car', path: 'x' } }],
  ])('says %s', (why, targets) => {
    expect(checkTargets(targets)).toMatch(why === 'is an object' ? /object/ : why)
  })

  it('takes each kind with all that it may have', () => {
    expect(
      checkTargets({
        kubo: {
          kind: 'kubo',
          api: 'http://127.0.0.1:5001',
          gateway: 'http://127.0.0.1:8080',
          token: '$T',
          name: 'k',
        },
        pins: {
          kind: 'pinning-service',
          endpoint: 'https://a/psa',
          token: '$T',
          origins: ['/dns/a/tcp/1'],
          via: 'kubo',
          deadline: 9,
          gateway: 'https://b',
        },
        cluster: {
          kind: 'cluster',
          api: 'http://a:9094',
          token: '$T',
          replicationMin: 1,
          replicationMax: 3,
          expireIn: '1h30m',
          deadline: 5,
          gateway: 'http://a',
        },
        www: { kind: 'directory', path: '../www', url: 'https://example.org/' },
        file: { kind: 'car', path: 'a.car' },
      }),
    ).toBeUndefined()
  })
})
