// The gateway on real sockets: requests that mean harm, logs, events for `sx dev`, and an end that loses nothing.
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { devScript } from '../../src/gateway/dev-script.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { DevHooks, DevPush, Gateway } from '../../src/gateway/gateway-port.ts'
import { createTestSite, home, type TestSite } from '../support/gateway-site.ts'
import { sha256 } from '../support/memory-store.ts'
import { rawGet, rawHttp } from '../support/raw-http.ts'

let site: TestSite
let gateway: Gateway
let url: string
const lines: string[] = []

beforeAll(async () => {
  site = await createTestSite()
  gateway = await createGateway({
    store: site.store,
    files: site.files,
    sha256,
    clock: () => 1e12,
    log: line => lines.push(line),
  })
  url = await gateway.listen(0)
})
afterAll(() => gateway.stop())

describe('a target that means harm', () => {
  it.each([
    '/../etc/passwd',
    '/market/../../x',
    '/%2e%2e/x',
    '/a/%2E%2e/%2e%2e/x',
    '/..%2f..%2fx',
    '/a%00b',
    '/a\\b',
    '/a%5cb',
    '//x',
    '//evil.example/market',
    '/a//b',
    '/./market',
    '/%',
    '/%zz',
    '/%ff',
    '/%c0%ae',
    '/\xe9',
    '/%0d%0aX:1',
    '/sx/h/%',
    '/sx/h/../../x',
    '*',
  ])('%s is refused', async target => {
    const answer = await rawGet(url, target)
    expect(answer.status).toBe(400)
    expect(answer.head).not.toMatch(/^location:/im)
  })

  it('is no redirect to another host', async () => {
    const answer = await rawGet(url, 'http://evil.example/market')
    expect(answer.status).toBe(301)
    expect(answer.head).toMatch(/^location: \.\/market\/\r?$/im)
  })

  it.each(['TRACE', 'PROPFIND', 'PATCH', 'SEARCH', 'QUERY'])('%s is 405', async method => {
    const answer = await rawGet(url, '/', {}, method)
    expect(answer.status).toBe(405)
    expect(answer.head).toMatch(/^allow: GET, HEAD, OPTIONS/im)
  })

  it.each([
    'BREW / HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET / HTTP/9\r\n\r\n',
    'hello\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`,
  ])('is no request at all: 400 and the end', async text => {
    expect([400, 405]).toContain((await rawHttp(url, text)).status)
    expect((await fetch(`${url}healthz`)).status).toBe(200)
  })

  it('is never answered with a 500', async () => {
    const part = fc.oneof(
      fc.constantFrom(
        '',
        '.',
        '..',
        '%2e',
        '%00',
        'market',
        'index.html',
        'sx',
        'h',
        '%',
        '%zz',
        '%ff',
        '~',
        ';',
        '*',
        ':',
        '__proto__',
        'constructor',
        site.cids.card,
        site.cids.files,
        site.cids.image,
      ),
      fc.string({ maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 6 }).map(text => encodeURIComponent(text.toWellFormed())),
    )
    const clean = (text: string): string => text.replace(/[\r\n\0 ]/g, '')
    const path = fc.array(part, { maxLength: 6 }).map(parts => clean(`/${parts.join('/')}`))
    const target = fc.oneof(
      path,
      path.map(text => `/sx/h${text}`),
      fc.tuple(path, part).map(([text, format]) => `/sx/h${text}?format=${clean(format)}`),
    )
    const header = fc
      .oneof(
        fc.string({ maxLength: 40 }),
        fc.constantFrom(
          '*',
          '*/*',
          'text/html',
          'text/html;q=x',
          'br',
          'br;q=9',
          'gzip;q=0,*',
          'bytes=0-',
          'bytes=-',
          'bytes=0-,1-',
          '"',
          'W/',
          ',,,;;;',
        ),
      )
      .map(text => text.replace(/[^\x20-\x7e]/g, ''))
    const names = ['accept', 'range', 'if-none-match', 'if-range', 'accept-encoding'] as const
    const headers = fc.record(Object.fromEntries(names.map(name => [name, header])), { requiredKeys: [] })
    await fc.assert(
      fc.asyncProperty(
        target,
        headers,
        fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE'),
        async (at, sent, method) => {
          const answer = await rawGet(url, at, sent as Record<string, string>, method)
          expect(answer.status).toBeGreaterThanOrEqual(200)
          expect(answer.status).toBeLessThan(500)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('logs', () => {
  it('are one JSON object a line, and none of them is an error', async () => {
    await fetch(`${url}market/`)
    const entries = lines.map(line => JSON.parse(line))
    expect(entries.at(-1)).toMatchObject({
      time: '2001-09-09T01:46:40.000Z',
      level: 'info',
      event: 'request',
      method: 'GET',
      url: '/market/',
      status: 200,
    })
    expect(entries.filter(entry => entry.level === 'error')).toEqual([])
    expect(lines.every(line => !line.includes('\n'))).toBe(true)
  })
})

describe('stop', () => {
  it('finishes what is under way, then is gone; twice is once', async () => {
    const other = await createTestSite()
    let release = (): void => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    const slow = await createGateway({
      store: other.store,
      files: {
        ...other.files,
        read: async function* (cid, range) {
          await held
          yield* other.files.read(cid, range)
        },
      },
      sha256,
      clock: () => 0,
    })
    const at = await slow.listen(0)
    await fetch(`${at}healthz`).then(answer => answer.text()) // leaves an idle connection behind
    const answer = fetch(at)
    await new Promise(resolve => setTimeout(resolve, 50))
    const stopped = Promise.all([slow.stop(), slow.stop()])
    release()
    expect(await (await answer).text()).toBe(home())
    await stopped
    expect(slow.url).toBeUndefined()
    await expect(fetch(at)).rejects.toThrow()
  })

  it('does not wait for ever for a client that never reads', async () => {
    const other = await createTestSite()
    const short = await createGateway({
      store: other.store,
      files: other.files,
      sha256,
      clock: () => 0,
      limits: { stop: 100, fileSize: 1000 },
    })
    const at = await short.listen(0)
    const socket = connect(Number(new URL(at).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write(`GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(40))
    await new Promise(resolve => setTimeout(resolve, 100))
    const from = performance.now()
    await short.stop()
    expect(performance.now() - from).toBeLessThan(3000)
    socket.destroy()
  })
})

describe('sx dev', () => {
  const hooks = (): DevHooks & { push(push: DevPush): void } => {
    const listeners = new Set<(push: DevPush) => void>()
    let last: DevPush | undefined
    return {
      current: () => last,
      subscribe: listener => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      push: push => {
        last = push
        for (const listener of listeners) listener(push)
      },
    }
  }

  it('puts one script into each page, opens the policy for it alone, and keeps nothing', async () => {
    const live = await createGateway({
      store: site.store,
      files: site.files,
      sha256,
      clock: () => 0,
      dev: hooks(),
    })
    const { payload, headers } = await live.inject({ url: '/', headers: { 'accept-encoding': 'br' } })
    const hash = `'sha256-${Buffer.from(sha256(new TextEncoder().encode(devScript))).toString('base64')}'`
    expect(payload).toContain(
      `<script data-root="${site.store.roots()[0]!.root}">${devScript}</script></head>`,
    )
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-encoding']).toBeUndefined()
    expect(headers['content-security-policy']).toContain(`script-src 'sha256-AAAA' ${hash};`)
    expect(headers['content-security-policy']).toContain(`connect-src https://gateway.example 'self';`)
    expect(payload).toContain(`script-src 'sha256-AAAA' ${hash};`)
    expect((await live.inject({ url: '/nowhere' })).statusCode).toBe(404)
    expect((await live.inject({ url: '/site.css' })).payload).not.toContain('EventSource')
  })

  it('waits in the browser while nothing is built', async () => {
    const live = await createGateway({
      store: site.store,
      files: site.files,
      sha256,
      clock: () => 0,
      root: () => undefined,
      dev: hooks(),
    })
    const { statusCode, payload } = await live.inject({ url: '/anything' })
    expect(statusCode).toBe(503)
    expect(payload).toContain('EventSource')
  })

  it('tells a browser of each build and each failure, of the last one at once, and ends with the server', async () => {
    const dev = hooks()
    const live = await createGateway({
      store: site.store,
      files: site.files,
      sha256,
      clock: () => 0,
      dev,
      limits: { listeners: 1 },
    })
    const at = await live.listen(0)
    dev.push({ type: 'built', root: 'one' })
    const events = await fetch(`${at}sx/dev/events`)
    expect(events.headers.get('content-type')).toBe('text/event-stream')
    expect((await fetch(`${at}sx/dev/events`)).status).toBe(503)
    dev.push({ type: 'failed', errors: [{ message: 'x', text: 'a.sx:1:2: x\n  (x\n   ^' }] })
    setTimeout(() => void live.stop(), 50)
    const text = await events.text()
    expect(text).toBe(
      'retry: 500\n\ndata: {"type":"built","root":"one"}\n\ndata: {"type":"failed","errors":[{"message":"x","text":"a.sx:1:2: x\\n  (x\\n   ^"}]}\n\n',
    )
  })
})
