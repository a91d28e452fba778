// Content on real sockets: other gateways as sources, readers who are slow or leave, several processes over one store, a
// denylist that changes on disk.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeContent } from '../../src/app/content.ts'
import { watchDenylists } from '../../src/app/denylists.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { Gateway } from '../../src/gateway/gateway-port.ts'
import { RAW, SHA2_256 } from '../../src/ipld/cid.ts'
import { defaultServe } from '../../src/settings.ts'
import { remoteBlocks } from '../../src/store/remote-blocks.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { type ContentFixture, contentFixture, large } from '../support/content-gateway.ts'
import { sha256 } from '../support/memory-store.ts'

let fixture: ContentFixture
let full: Gateway
let source: string
const servers: Server[] = []
beforeAll(async () => {
  fixture = await contentFixture()
  full = await fixture.gateway()
  source = (await full.listen(0)).replace(/\/$/, '')
})
afterAll(async () => {
  await full.stop()
  fixture.store.close()
  for (const server of servers) server.close()
})

const served = async (handler: RequestListener): Promise<string> => {
  const server = createServer(handler).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

describe('a gateway with sources', () => {
  const open = async (
    fetch: readonly string[],
  ): Promise<{ url: string; stop(): Promise<void>; blocks(): number }> => {
    const store = openStore({ path: ':memory:', sha256, version: 'test' })
    const gateway = await createGateway({
      store,
      files: { resolve: () => undefined, read: () => [] },
      sha256,
      clock: Date.now,
      content: composeContent({ ...defaultServe, store, fetch }),
    })
    return {
      url: await gateway.listen(0),
      stop: async () => {
        await gateway.stop()
        store.close()
      },
      blocks: () => store.blocks.page(0, 10).digests.length,
    }
  }

  it('fetches what is missing, verified, and writes none of it down; without sources it asks nobody', async () => {
    const there = await open([source])
    const answer = await fetch(`${there.url}ipfs/${fixture.root}/large.bin`, {
      headers: { range: 'bytes=1000000-3000000' },
    })
    expect(answer.status).toBe(206)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    expect(Buffer.compare(bytes, large.subarray(1_000_000, 3_000_001))).toBe(0)
    const cached = await fetch(`${there.url}ipfs/${fixture.docs}`, {
      headers: { 'cache-control': 'only-if-cached' },
    })
    expect(cached.status).toBe(412)
    expect(there.blocks()).toBe(0)
    await there.stop()
    const alone = await open([])
    expect((await fetch(`${alone.url}ipfs/${fixture.root}/large.bin`)).status).toBe(404)
    await alone.stop()
  })

  it('passes over one that lies, and says so when nobody tells the truth', async () => {
    const liar = await served((_, response) => void response.end('not that'))
    const good = await open([liar, source])
    expect(await (await fetch(`${good.url}ipfs/${fixture.cids.text}`)).text()).toBe('plain text\n')
    await good.stop()
    const bad = await open([liar])
    const answer = await fetch(`${bad.url}ipfs/${fixture.cids.text}`)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([502, '10'])
    await bad.stop()
  })

  it.each([
    ['has nothing', 404, '', undefined],
    ['sends too much', 200, 'x'.repeat(300), 'fetch-failed'],
    ['sends elsewhere', 302, '', 'fetch-failed'],
    ['is broken', 500, '', 'fetch-failed'],
    ['never answers', 0, '', 'fetch-timeout'],
  ] as const)('knows one that %s', async (_, status, body, code) => {
    let asked = 0
    const origin = await served((_request, response) => {
      asked++
      if (status === 0) return
      response.writeHead(status, { location: 'http://127.0.0.1:1/' })
      response.end(body)
    })
    const remote = remoteBlocks({
      origins: [origin],
      fetch,
      sha256,
      clock: Date.now,
      // only who never answers is waited for in vain
      timeout: status === 0 ? 200 : 20_000,
      largest: 100,
    })
    const cid = CID.createV1(RAW, create(SHA2_256, sha256(new Uint8Array([1]))))
    // both at once are one question
    const outcomes = await Promise.allSettled([remote.get(cid), remote.get(cid)])
    for (const outcome of outcomes)
      if (code === undefined) expect(outcome).toMatchObject({ status: 'fulfilled', value: undefined })
      else expect(outcome).toMatchObject({ status: 'rejected', reason: { code } })
    if (code === undefined) expect(await remote.get(cid)).toBeUndefined()
    expect(asked).toBe(1)
  })
})

describe('readers', () => {
  const CARS = 4
  /** Asks, reads a little, and hands over the socket. */
  const begin = async (url: string, target: string): Promise<ReturnType<typeof connect>> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    await once(socket, 'readable')
    return socket
  }

  it('who leave give back what they held: permits, memory on loan, connections', async () => {
    const gateway = await fixture.gateway({}, { limits: { walks: CARS } })
    const url = await gateway.listen(0)
    for (let round = 0; round < 3; round++) {
      const sockets = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          begin(url, i % 2 === 0 ? `/ipfs/${fixture.root}/large.bin` : `/ipfs/${fixture.root}?format=car`),
        ),
      )
      for (const socket of sockets) socket.destroy()
    }
    await sleep(100)
    const cars = await Promise.all(
      Array.from({ length: CARS }, () => fetch(`${url}ipfs/${fixture.root}?format=car`)),
    )
    expect(cars.map(({ status }) => status)).toEqual(Array(CARS).fill(200))
    const sizes = await Promise.all(cars.map(async car => (await car.arrayBuffer()).byteLength))
    expect(Math.min(...sizes)).toBeGreaterThan(large.byteLength)
    const files = await Promise.all(
      Array.from(
        { length: 60 },
        async () => (await (await fetch(`${url}ipfs/${fixture.root}/large.bin`)).arrayBuffer()).byteLength,
      ),
    )
    expect(new Set(files)).toEqual(new Set([large.byteLength]))
    await gateway.stop()
  })

  it('who take nothing are cut', async () => {
    const gateway = await fixture.gateway({}, { limits: { stall: 300 } })
    const url = await gateway.listen(0)
    // so many at once that no kernel takes the whole of the answers
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    for (let i = 0; i < 8; i++)
      socket.write(`GET /ipfs/${fixture.root}/large.bin HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    await sleep(1500)
    let came = 0
    socket.on('data', chunk => {
      came += chunk.length
    })
    socket.resume()
    await once(socket, 'close')
    expect(came).toBeLessThan(8 * large.byteLength)
    await gateway.stop()
  })
})

describe('on one machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sx-live-'))
  const children: ChildProcess[] = []
  afterAll(() => {
    for (const child of children) child.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  it('several processes serve one store while another writes', async () => {
    const path = join(folder, 'store.sqlite')
    const store = openStore({ path, sha256, version: 'test' })
    const serve = async (): Promise<string> => {
      const child = spawn(
        process.execPath,
        ['src/cli/main.ts', 'serve', '--content-only', '--port', '0', '--store', path, '--json'],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      children.push(child)
      for await (const line of createInterface({ input: child.stdout }))
        return (JSON.parse(line) as { url: string }).url
      throw new Error('it did not start')
    }
    const urls = await Promise.all([serve(), serve(), serve()])
    for (let n = 0; n < 5; n++) {
      const bytes = new TextEncoder().encode(`block ${n}`)
      const digest = sha256(bytes)
      store.blocks.put([{ digest, bytes }])
      const cid = CID.createV1(RAW, create(SHA2_256, digest))
      for (const url of urls)
        expect(await (await fetch(`${url}ipfs/${cid}?format=raw`)).text()).toBe(`block ${n}`)
    }
    expect((await fetch(`${urls[0]}`)).status).toBe(404)
    expect((await fetch(`${urls[0]}healthz`)).status).toBe(200)
    store.close()
  }, 60_000)

  it('a denylist counts soon after its file changed; a file that is gone opens nothing', async () => {
    const file = join(folder, 'test.deny')
    writeFileSync(file, '# nothing yet\n')
    const told: string[] = []
    const lists = watchDenylists([file], message => told.push(message))!
    const gateway = await fixture.gateway({ denied: lists.now })
    const url = await gateway.listen(0)
    const status = async (): Promise<number> =>
      (await fetch(`${url}ipfs/${fixture.cids.text}?format=raw`)).status
    const becomes = async (wanted: number): Promise<void> => {
      for (let tries = 0; tries < 60 && (await status()) !== wanted; tries++) await sleep(100)
      expect(await status()).toBe(wanted)
    }
    expect([await status(), await status()]).toEqual([200, 200])
    appendFileSync(file, `/ipfs/${fixture.cids.text} status=451\nno rule\n`)
    await becomes(451)
    expect(told).toEqual([expect.stringContaining('test.deny:3')])
    rmSync(file)
    for (let tries = 0; tries < 60 && told.length < 2; tries++) await sleep(100)
    expect(told[1]).toContain('stays denied')
    expect(await status()).toBe(451)
    lists.stop()
    await gateway.stop()
    expect(() => watchDenylists([file], () => {})).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    )
  }, 30_000)
})
