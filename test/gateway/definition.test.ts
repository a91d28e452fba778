// GET /sx/h/{cid}: blocks, their views, and every way in which one can't be had.
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { decode as cborDecode } from '@ipld/dag-cbor'
import { decode as jsonDecode } from '@ipld/dag-json'
import { beforeAll, describe, expect, it } from 'vitest'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { Gateway } from '../../src/gateway/gateway-port.ts'
import { cidOf, DAG_CBOR, RAW } from '../../src/ipld/cid.ts'
import { encodeData } from '../../src/ipld/data.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import { read } from '../../src/lang/reader.ts'
import { sym } from '../../src/lang/values.ts'
import { createTestSite, type TestSite } from '../support/gateway-site.ts'
import { sha256 } from '../support/memory-store.ts'

let site: TestSite
let gateway: Gateway
const lines: string[] = []
const get = (path: string, headers: Record<string, string> = {}) => gateway.inject({ url: path, headers })
const unknown = cidOf(DAG_CBOR, sha256(new TextEncoder().encode('nobody has this')))

beforeAll(async () => {
  site = await createTestSite()
  gateway = await createGateway({
    store: site.store,
    files: site.files,
    sha256,
    clock: () => 0,
    log: line => lines.push(line),
  })
})

describe('a block', () => {
  it('comes as it is stored, immutable, readable by any origin', async () => {
    for (const turn of ['cold', 'hot']) {
      const answer = await get(`/sx/h/${site.cids.card}`)
      expect(answer.statusCode, turn).toBe(200)
      expect(answer.rawPayload, turn).toEqual(Buffer.from(site.store.get(site.cids.card)!))
      expect(answer.headers, turn).toMatchObject({
        'content-type': 'application/vnd.ipld.dag-cbor',
        'cache-control': 'public, max-age=29030400, immutable',
        etag: `"${site.cids.card}"`,
        'access-control-allow-origin': '*',
        'x-content-type-options': 'nosniff',
        'content-length': String(answer.rawPayload.byteLength),
        vary: 'Accept',
      })
    }
  })

  it('is read from the store once, then held', async () => {
    await get(`/sx/h/${site.cids.group}`)
    const before = site.store.reads
    await get(`/sx/h/${site.cids.group}`)
    await gateway.inject({ method: 'HEAD', url: `/sx/h/${site.cids.group}` })
    expect(site.store.reads).toBe(before)
  })

  it('answers HEAD with the same headers and no body', async () => {
    const whole = await get(`/sx/h/${site.cids.card}`)
    const head = await gateway.inject({ method: 'HEAD', url: `/sx/h/${site.cids.card}` })
    expect(head.statusCode).toBe(200)
    expect(head.rawPayload.byteLength).toBe(0)
    expect({ ...head.headers, date: '' }).toEqual({ ...whole.headers, date: '' })
  })

  it('is not sent to who has it: one tag, a list, a weak one, a star', async () => {
    const tag = `"${site.cids.card}"`
    for (const value of [tag, `W/${tag}`, `"other", ${tag}`, '*', ` * `]) {
      const answer = await get(`/sx/h/${site.cids.card}`, { 'if-none-match': value })
      expect(answer.statusCode, value).toBe(304)
      expect(answer.rawPayload.byteLength).toBe(0)
      expect(answer.headers.etag).toBe(tag)
    }
    for (const value of ['"other"', site.cids.card, `"${site.cids.card}.sx"`])
      expect((await get(`/sx/h/${site.cids.card}`, { 'if-none-match': value })).statusCode, value).toBe(200)
    expect((await get(`/sx/h/${unknown}`, { 'if-none-match': '*' })).statusCode).toBe(404)
  })

  it('that is raw is a download, unless the site boots from it', async () => {
    const image = await get(`/sx/h/${site.cids.image}`)
    expect(image.headers['content-type']).toBe('application/vnd.ipld.raw')
    expect(image.headers['content-disposition']).toBe(`attachment; filename="${site.cids.image}.bin"`)
    expect(image.headers['content-security-policy']).toContain('sandbox')
    expect((await get(`/sx/h/${site.cids.files}`)).headers['content-type']).toBe('application/vnd.ipld.raw')
    const kernel = await get(`/sx/h/${site.cids.kernel}`)
    expect(kernel.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(kernel.headers['content-disposition']).toBeUndefined()
    expect(kernel.payload).toBe('export const kernel = 2')
  })

  it('comes compressed when that pays: what the site boots from, and large definitions', async () => {
    const kernel = await get(`/sx/h/${site.cids.platform}`)
    for (let turn = 0; turn < 2; turn++) {
      const br = await get(`/sx/h/${site.cids.platform}`, { 'accept-encoding': 'gzip, br' })
      expect(br.headers['content-encoding']).toBe('br')
      expect(br.headers.etag).toBe(`"${site.cids.platform}.br"`)
      expect(br.headers.vary).toBe('Accept-Encoding')
      expect(brotliDecompressSync(br.rawPayload)).toEqual(kernel.rawPayload)
      const gzip = await get(`/sx/h/${site.cids.platform}`, { 'accept-encoding': 'gzip' })
      expect(gunzipSync(gzip.rawPayload)).toEqual(kernel.rawPayload)
      const again = await get(`/sx/h/${site.cids.platform}`, {
        'accept-encoding': 'br',
        'if-none-match': String(br.headers.etag),
      })
      expect(again.statusCode).toBe(304)
    }
    expect(
      (await get(`/sx/h/${site.cids.card}`, { 'accept-encoding': 'br' })).headers['content-encoding'],
    ).toBeUndefined()
    expect(
      (await get(`/sx/h/${site.cids.image}`, { 'accept-encoding': 'br' })).headers['content-encoding'],
    ).toBeUndefined()
  })

  it('that is damaged in the store is never served, and is logged', async () => {
    const broken = await createTestSite()
    broken.store.corrupt(broken.cids.card)
    const other = await createGateway({
      store: broken.store,
      files: broken.files,
      sha256,
      clock: () => 0,
      log: line => lines.push(line),
    })
    lines.length = 0
    for (const query of ['', '?format=sx', '?format=html', '?format=dag-json']) {
      const answer = await other.inject({ url: `/sx/h/${broken.cids.card}${query}` })
      expect(answer.statusCode, query).toBe(500)
      expect(JSON.parse(answer.payload).code).toBe('store-corrupt')
      expect(answer.headers['cache-control']).toBe('no-store')
    }
    expect(
      lines
        .map(line => JSON.parse(line))
        .filter(entry => entry.level === 'error' && entry.code === 'store-corrupt'),
    ).toHaveLength(4)
  })
})

describe('a view', () => {
  it('as SX text reads back, with links as @h:', async () => {
    const answer = await get(`/sx/h/${site.cids.list}?format=sx`)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(answer.headers.etag).toBe(`"${site.cids.list}.sx"`)
    expect(answer.headers['cache-control']).toContain('immutable')
    expect(answer.payload).toContain(`@h:${site.cids.card}`)
    expect(answer.payload).toMatch(/^\(defcomp \(&key posts\)/)
    expect(read(answer.payload).forms).toHaveLength(1)
  })

  it('of a member shows the member, of a group all of them', async () => {
    const member = await get(`/sx/h/${site.cids.even}?format=sx`)
    expect(member.payload).toContain(`; member 0 of the group @h:${site.cids.group}`)
    expect(member.payload).toContain('@m:1')
    const group = await get(`/sx/h/${site.cids.group}?format=sx`)
    expect(read(group.payload).forms).toHaveLength(2)
  })

  it('as DAG-JSON is the same data', async () => {
    const answer = await get(`/sx/h/${site.cids.list}?format=dag-json`)
    expect(answer.headers['content-type']).toBe('application/vnd.ipld.dag-json')
    expect(jsonDecode(answer.rawPayload)).toEqual(cborDecode(site.store.get(site.cids.list)!))
  })

  it('has a tag of its own for each format', async () => {
    for (const format of ['sx', 'dag-json', 'html']) {
      const path = `/sx/h/${site.cids.card}?format=${format}`
      const { headers } = await get(path)
      expect((await get(path, { 'if-none-match': String(headers.etag) })).statusCode).toBe(304)
      expect((await get(path, { 'if-none-match': `"${site.cids.card}"` })).statusCode).toBe(200)
    }
  })

  it('for people is a page with names, escaped code, links, and no script', async () => {
    const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
    const page = await get(`/sx/h/${site.cids.list}`, browser)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers['cache-control']).toBe('public, max-age=0, must-revalidate')
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/)
    expect(page.payload).toContain('<h1>~list</h1>')
    expect(page.payload).toContain(
      `<a href="/sx/h/${site.cids.card}?format=html" title="${site.cids.card}">~card</a>`,
    )
    expect(page.payload).not.toMatch(/<script/i)
    // the link's text inside a string stays text
    expect(page.payload).toContain(`(text) @h:${site.cids.card}&quot;</span>`)

    const card = await get(`/sx/h/${site.cids.card}?format=html`)
    expect(card.payload).toContain('also ~ui/card')
    expect(card.payload).toContain('A card with &lt;markup&gt;.')
    expect(card.payload).toContain('&quot;card &lt;b&gt;&quot;')
    expect(card.payload).toContain('Nothing but the language itself.')
  })

  it('for people follows the newest root, since names do', async () => {
    const before = await get(`/sx/h/${site.cids.card}?format=html`)
    await site.publish({ 'index.html': 'again' })
    const after = await get(`/sx/h/${site.cids.card}?format=html`)
    expect(after.headers.etag).not.toBe(before.headers.etag)
  })

  it('can be had of the site root and of an index, as far as it makes sense', async () => {
    const root = await get(`/sx/h/${site.root}?format=sx`)
    expect(root.payload).toContain('(site')
    expect((await get(`/sx/h/${site.root}?format=html`)).payload).toContain('site root')
    const names = /:names @h:(\w+)/.exec(root.payload.replace(/\s+/g, ' '))![1]!
    expect((await get(`/sx/h/${names}`)).statusCode).toBe(200)
    expect((await get(`/sx/h/${names}?format=dag-json`)).statusCode).toBe(200)
    expect((await get(`/sx/h/${names}?format=sx`)).statusCode).toBe(406)
  })
})

describe('a foreign block in our store', () => {
  it.each([
    ['nested beyond any stack', () => new Uint8Array(100_001).fill(0x81, 0, 100_000), 502],
    ['that is no dag-cbor', () => Uint8Array.of(0xff, 0xff), 502],
    ['of an unknown kind', () => encodeData({ sx: 1, kind: 'spell' }), 200],
    ['of a later format', () => encodeData({ sx: 2, kind: 'value', body: 1 }), 200],
  ])('%s is bytes, and no view of it is a 500', async (_, bytes, json) => {
    const cid = site.store.put(bytes(), DAG_CBOR)
    expect((await get(`/sx/h/${cid}`)).statusCode).toBe(200)
    expect((await get(`/sx/h/${cid}?format=dag-json`)).statusCode).toBe(json)
    expect((await get(`/sx/h/${cid}?format=sx`)).statusCode).toBe(406)
    expect((await get(`/sx/h/${cid}`, { accept: 'text/html' })).statusCode).toBe(406)
  })

  it('may be large: text, page and data of a whole mebibyte', async () => {
    for (const body of [
      'x"\\\n'.repeat(200_000),
      Array.from({ length: 150_000 }, (_, i) => (i % 2 ? sym('abc') : 'q')),
    ]) {
      const cid = site.store.put(encodeNode({ kind: 'value', body }), DAG_CBOR)
      for (const format of ['sx', 'html', 'dag-json'])
        expect((await get(`/sx/h/${cid}?format=${format}`)).statusCode).toBe(200)
    }
  })
})

describe('what can’t be had', () => {
  it.each<[string, () => string, number, string]>([
    ['a CID that nobody has', () => unknown, 404, 'block-not-found'],
    ['a raw CID that nobody has', () => cidOf(RAW, new Uint8Array(32)), 404, 'block-not-found'],
    ['no CID', () => '', 400, 'cid-malformed'],
    ['something else', () => 'hello', 400, 'cid-malformed'],
    ['a CID cut short', () => unknown.slice(0, -3), 400, 'cid-malformed'],
    ['a CID and more path', () => `${unknown}/body`, 400, 'cid-malformed'],
    ['an escaped CID', () => `${unknown.slice(0, -1)}%61`, 400, 'cid-malformed'],
    ['CID version 0', () => 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG', 400, 'cid-unsupported'],
    ['an identity hash', () => 'bafkqaaa', 400, 'cid-unsupported'],
    ['base58', () => 'zdj7WhuEjrB52m1BisYCtmjH1hSKa7yZ3jEZ9JcXaFRD51wVz', 400, 'cid-unsupported'],
    ['a very long one', () => 'b' + 'a'.repeat(3000), 400, 'cid-malformed'],
    ['too long an address', () => 'b' + 'a'.repeat(5000), 400, 'request-invalid'],
    ['an unknown format', () => `${unknown}?format=car`, 400, 'request-invalid'],
  ])('%s', async (_, cid, status, code) => {
    const answer = await get(`/sx/h/${cid()}`)
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(answer.payload)).toMatchObject({ status, code })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  it('names the codec or the hash that it refuses', async () => {
    const identity = JSON.parse((await get('/sx/h/bafkqaaa')).payload)
    expect(identity.title + identity.detail).toMatch(/identity|hash/)
    const sha512 = JSON.parse(
      (
        await get(
          '/sx/h/bafyrgqhai26anf3i7pips7q22coa4sz2fr4gk4q4sqdtymvvjyginfzaqewveaeqdh524nsktaq43j65v22xxrybrtertmcfxufdam3da3hbk',
        )
      ).payload,
    )
    expect(JSON.stringify(sha512)).toMatch(/sha2-512|0x13/)
  })

  it('is a page for people', async () => {
    const answer = await get(`/sx/h/${unknown}`, { accept: 'text/html' })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.payload).toContain('Nothing is here')
  })

  it('a raw block in a form that raw has not', async () => {
    expect((await get(`/sx/h/${site.cids.image}?format=sx`)).statusCode).toBe(406)
    expect((await get(`/sx/h/${site.cids.image}?format=raw`)).statusCode).toBe(200)
  })
})

describe('methods', () => {
  it('lets other origins ask first', async () => {
    const answer = await gateway.inject({ method: 'OPTIONS', url: `/sx/h/${site.cids.card}` })
    expect(answer.statusCode).toBe(204)
    expect(answer.headers['access-control-allow-methods']).toBe('GET, HEAD, OPTIONS')
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('refuses %s and says what there is', async method => {
    for (const url of [`/sx/h/${site.cids.card}`, '/', '/healthz', '/nowhere'])
      for (const type of ['application/json', 'text/plain', 'x/y', 'multipart/form-data']) {
        const answer = await gateway.inject({
          method,
          url,
          headers: { 'content-type': type },
          payload: '{"broken":',
        })
        expect(answer.statusCode, `${url} ${type}`).toBe(405)
        expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS')
      }
  })
})
