// Pages and files by path: types, redirects, ranges, codings, policies, 404, and paths that mean harm.
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { Gateway } from '../../src/gateway/gateway-port.ts'
import { createTestSite, home, leavesOf, policy, siteFiles, type TestSite } from '../support/gateway-site.ts'
import { sha256 } from '../support/memory-store.ts'

let site: TestSite
let gateway: Gateway
const get = (path: string, headers: Record<string, string> = {}) => gateway.inject({ url: path, headers })

beforeAll(async () => {
  site = await createTestSite()
  gateway = await createGateway({
    store: site.store,
    files: site.files,
    sha256,
    clock: () => 0,
    limits: { fileSize: 1_000_000 },
  })
})

describe('a path', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', 'index.html'],
    ['/index.html', 'text/html; charset=utf-8', 'index.html'],
    ['/market/', 'text/html; charset=utf-8', 'market/index.html'],
    ['/site.css', 'text/css; charset=utf-8', 'site.css'],
    ['/img/ros%C3%A9.png', 'image/png', 'img/rosé.png'],
    ['/img/rose%CC%81.png', 'image/png', 'img/rosé.png'],
    ['/large.bin', 'application/octet-stream', 'large.bin'],
    ['/data', 'application/octet-stream', 'data'],
    ['/site.css?v=2', 'text/css; charset=utf-8', 'site.css'],
  ])('%s is the file', async (path, type, file) => {
    const answer = await get(path)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe(type)
    expect(answer.headers['content-length']).toBe(String(answer.rawPayload.byteLength))
    expect(answer.headers['cache-control']).toBe('public, max-age=0, must-revalidate')
    expect(Buffer.compare(answer.rawPayload, Buffer.from(siteFiles[file]!))).toBe(0)
    const again = await get(path, { 'if-none-match': String(answer.headers.etag) })
    expect(again.statusCode).toBe(304)
    const head = await gateway.inject({ method: 'HEAD', url: path })
    expect(head.rawPayload.byteLength).toBe(0)
    expect(head.headers['content-length']).toBe(answer.headers['content-length'])
  })

  it('of a directory gets its slash, and keeps its query', async () => {
    const answer = await get('/market?x=1')
    expect(answer.statusCode).toBe(301)
    expect(answer.headers.location).toBe('./market/?x=1')
  })

  it('of a directory without a page, and of nothing, is the site’s own 404', async () => {
    for (const path of ['/img/', '/nowhere', '/site.css/', '/index.html/x', '/market/x']) {
      const answer = await get(path)
      expect(answer.statusCode, path).toBe(404)
      expect(answer.payload).toContain('Our own lost page')
      // a 404 must not turn into a 304
      expect((await get(path, { 'if-none-match': '*' })).statusCode).toBe(404)
    }
  })

  it('without a 404.html is a page for people, a problem for programs', async () => {
    const bare = await createTestSite()
    await bare.publish({ 'index.html': 'x' })
    const other = await createGateway({ store: bare.store, files: bare.files, sha256, clock: () => 0 })
    const lost = await other.inject({ url: '/%3Cb%3E', headers: { accept: 'text/html' } })
    expect(lost.statusCode).toBe(404)
    expect(lost.payload).toContain('To the front page')
    expect(lost.payload).not.toContain('<b>')
    expect(JSON.parse((await other.inject({ url: '/lost' })).payload).code).toBe('not-found')
  })
})

describe('a page', () => {
  it('names what its loader asks for: to who is new all of it, to who was here the runtime', async () => {
    const cid = (letter: string): string => `bafkrei${letter.repeat(52)}`
    const page = (manifest: unknown): string =>
      `<!doctype html><html><head><script type="application/json" data-sx-manifest>${JSON.stringify(manifest)}</script></head></html>`
    const manifest = {
      boot: { kernel: cid('k') },
      parts: [cid('p'), 'x>; rel=preload'],
      packs: [cid('d')],
    }
    const own = await createTestSite()
    await own.publish({
      'index.html': page(manifest),
      'posts/one/index.html': page(manifest),
      '404.html': page(manifest),
      'broken/index.html': page(7),
    })
    const server = await createGateway({ store: own.store, files: own.files, sha256, clock: () => 0 })
    const link = async (url: string, headers: Record<string, string> = {}): Promise<string | undefined> =>
      (await server.inject({ url, headers })).headers.link as string | undefined
    const said = (up: string, ...letters: string[]): string =>
      letters.map(one => `<${up}_sx/b/${cid(one)}>; rel=preload; as=fetch; crossorigin`).join(', ')
    expect(await link('/')).toBe(said('', 'k', 'p', 'd'))
    expect(await link('/posts/one/')).toBe(said('../../', 'k', 'p', 'd'))
    expect(await link('/posts/one/', { 'if-none-match': '"another"' })).toBe(said('../../', 'k', 'p'))
    expect(await link('/nowhere')).toBeUndefined()
    expect(await link('/broken/')).toBeUndefined()
  })

  it('has its own policy as a header too, with what only a header can say', async () => {
    const answer = await get('/')
    expect(answer.headers['content-security-policy']).toBe(`${policy}; frame-ancestors 'self'`)
    expect((await get('/market/')).headers['content-security-policy']).toBeUndefined()
  })

  it('comes compressed as the client likes it, each with its own tag', async () => {
    const plain = await get('/')
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.headers.vary).toBe('Accept, Accept-Encoding')
    const br = await get('/', { 'accept-encoding': 'gzip, deflate, br' })
    expect(br.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(br.rawPayload).toString()).toBe(home())
    const gzip = await get('/', { 'accept-encoding': 'br;q=0, gzip' })
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(gzip.rawPayload).toString()).toBe(home())
    expect(new Set([plain, br, gzip].map(answer => answer.headers.etag)).size).toBe(3)
    expect(br.headers['content-security-policy']).toBe(plain.headers['content-security-policy'])
    expect((await get('/', { 'if-none-match': String(br.headers.etag) })).statusCode).toBe(304)
    expect(
      (await get('/img/ros%C3%A9.png', { 'accept-encoding': 'br' })).headers['content-encoding'],
    ).toBeUndefined()
  })

  it('of the next root shows at once', async () => {
    const other = await createTestSite()
    const live = await createGateway({ store: other.store, files: other.files, sha256, clock: () => 0 })
    const before = await live.inject({ url: '/' })
    const root = await other.publish({ ...siteFiles, 'index.html': home('New') })
    const after = await live.inject({ url: '/', headers: { 'if-none-match': String(before.headers.etag) } })
    expect(after.statusCode).toBe(200)
    expect(after.payload).toContain('<h1>New</h1>')
    expect(JSON.parse((await live.inject({ url: '/healthz' })).payload)).toEqual({ ok: true, root })
  })
})

describe('a range', () => {
  const bytes = siteFiles['large.bin'] as Uint8Array
  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=1048570-1048585', 1048570, 16],
    ['bytes=2499990-', 2499990, 10],
    ['bytes=-5', 2499995, 5],
    ['bytes=2499999-9999999', 2499999, 1],
    ['bytes=-9999999', 0, 2500000],
  ])('%s of a large file', async (range, from, length) => {
    const answer = await get('/large.bin', { range })
    expect(answer.statusCode).toBe(206)
    expect(answer.headers['content-range']).toBe(`bytes ${from}-${from + length - 1}/2500000`)
    expect(Buffer.compare(answer.rawPayload, bytes.subarray(from, from + length))).toBe(0)
  })

  it('of a file held in memory is the same, and never compressed', async () => {
    for (let turn = 0; turn < 2; turn++) {
      const answer = await get('/site.css', { range: 'bytes=5-9', 'accept-encoding': 'br' })
      expect(answer.statusCode).toBe(206)
      expect(answer.payload).toBe('{ col')
      await get('/site.css')
    }
  })

  it('beyond the end is 416 with the size', async () => {
    for (const range of ['bytes=2500000-', 'bytes=2500000-2500010', 'bytes=-0']) {
      const answer = await get('/large.bin', { range })
      expect(answer.statusCode, range).toBe(416)
      expect(answer.headers['content-range']).toBe('bytes */2500000')
    }
  })

  it.each([
    'bytes=5-1',
    'bytes=a-b',
    'bytes=-',
    'bytes=0-1,5-6',
    'lines=1-2',
    'bytes 0-1',
    '',
    `bytes=${'9'.repeat(40)}-`,
  ])('%j is passed over: the whole file', async range => {
    expect((await get('/site.css', { range })).statusCode).toBe(200)
  })

  it('holds only for the version that the client has', async () => {
    const { etag } = (await get('/site.css')).headers
    expect((await get('/site.css', { range: 'bytes=0-1', 'if-range': String(etag) })).statusCode).toBe(206)
    for (const other of ['"another"', `W/${etag}`, 'Mon, 23 Nov 2026 10:00:00 GMT'])
      expect((await get('/site.css', { range: 'bytes=0-1', 'if-range': other })).statusCode, other).toBe(200)
    expect(
      (await gateway.inject({ method: 'HEAD', url: '/site.css', headers: { range: 'bytes=0-1' } }))
        .statusCode,
    ).toBe(200)
  })
})

describe('health', () => {
  it('is ok without a root, and not with one that can’t be read', async () => {
    const fresh = await createTestSite()
    let root: string | undefined
    const other = await createGateway({
      store: fresh.store,
      files: fresh.files,
      sha256,
      clock: () => 0,
      root: () => root,
    })
    expect((await other.inject({ url: '/healthz' })).statusCode).toBe(200)
    expect((await other.inject({ url: '/' })).statusCode).toBe(503)
    root = fresh.root
    expect((await other.inject({ url: '/' })).statusCode).toBe(200)
    root = fresh.cids.card
    expect((await other.inject({ url: '/healthz' })).statusCode).toBe(503)
  })

  it('survives a damaged leaf of a large file: the connection is cut, the server goes on', async () => {
    const broken = await createTestSite()
    const other = await createGateway({
      store: broken.store,
      files: broken.files,
      sha256,
      clock: () => 0,
      limits: { fileSize: 1000 },
    })
    const url = await other.listen(0)
    const leaves = leavesOf(broken, 'large.bin')
    broken.store.corrupt(leaves.at(-1)!)
    await expect(fetch(`${url}large.bin`).then(answer => answer.arrayBuffer())).rejects.toThrow()
    broken.store.corrupt(leaves[0]!)
    expect((await fetch(`${url}large.bin`)).status).toBe(500)
    expect((await fetch(`${url}site.css`)).status).toBe(200)
    await other.stop()
  })
})
