// Ported checks: what gateway-conformance asks of a gateway, and what it does not, re-written here (it is not that suite).
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noDenials, parseDenylists } from '../../src/gateway/denylist.ts'
import type { Gateway, Injected } from '../../src/gateway/gateway-port.ts'
import { DAG_CBOR } from '../../src/ipld/cid.ts'
import { readCar } from '../../src/store/car.ts'
import { asker, type ContentFixture, contentFixture, large } from '../support/content-gateway.ts'
import { nameRecord, newNameKey } from '../support/ipns.ts'
import { sha256 } from '../support/memory-store.ts'

let fixture: ContentFixture
let gateway: Gateway
let get: ReturnType<typeof asker>
let onSubdomain: ReturnType<typeof asker>
beforeAll(async () => {
  fixture = await contentFixture()
  gateway = await fixture.gateway()
  get = asker(gateway)
  onSubdomain = asker(gateway, `${fixture.root}.ipfs.gw.example:8080`)
})
afterAll(async () => {
  await gateway.stop()
  fixture.store.close()
})

const IMMUTABLE = 'public, max-age=29030400, immutable'
const blocksOf = async ({ rawPayload }: Injected): Promise<string[]> => {
  const car = await readCar(
    (async function* () {
      yield rawPayload
    })(),
    { sha256 },
  )
  const found: string[] = []
  for await (const { cid } of car.blocks) found.push(`${cid}`)
  return found
}

describe('a block', () => {
  it.each([
    ['by format', '?format=raw', {}],
    ['by Accept', '', { accept: 'application/vnd.ipld.raw' }],
    ['by format before Accept', '?format=raw', { accept: 'application/vnd.ipld.car' }],
  ])('asked for %s is its bytes, to be kept for ever and never shown', async (_, query, headers) => {
    const { text } = fixture.cids
    const answer = await get(`/ipfs/${text}${query}`, headers)
    expect(answer.statusCode).toBe(200)
    expect(answer.payload).toBe('plain text\n')
    expect(answer.headers).toMatchObject({
      'content-type': 'application/vnd.ipld.raw',
      'content-length': '11',
      'content-disposition': `attachment; filename="${text}.bin"`,
      'cache-control': IMMUTABLE,
      etag: `"${text}.raw"`,
      'x-content-type-options': 'nosniff',
      'x-ipfs-path': `/ipfs/${text}`,
      'x-ipfs-roots': text,
      'access-control-allow-origin': '*',
    })
    expect(
      (await get(`/ipfs/${text}${query}`, { ...headers, 'if-none-match': `W/"x", "${text}.raw"` }))
        .statusCode,
    ).toBe(304)
    const head = await get(`/ipfs/${text}${query}`, headers, 'HEAD')
    expect([head.statusCode, head.headers['content-length'], head.payload]).toEqual([200, '11', ''])
  })

  it('tells caches which form Accept chose', async () => {
    const { text } = fixture.cids
    const byAccept = await get(`/ipfs/${text}`, { accept: 'application/vnd.ipld.raw' })
    expect(byAccept.headers['content-location']).toBe(`/ipfs/${text}?format=raw`)
    expect((await get(`/ipfs/${text}?format=raw`)).headers['content-location']).toBeUndefined()
    const both = await get(`/ipfs/${text}?format=car`, { accept: 'application/vnd.ipld.raw' })
    expect(both.headers['content-location']).toBe(`/ipfs/${text}?format=car`)
  })

  it('may be had in part, below a path, and with a name of one’s own', async () => {
    const part = await get(`/ipfs/${fixture.root}/docs/data?format=raw`, { range: 'bytes=2-5' })
    expect([part.statusCode, part.headers['content-range'], part.payload]).toEqual([
      206,
      'bytes 2-5/14',
      'json',
    ])
    const named = await get(`/ipfs/${fixture.root}/docs/data?format=raw&filename=test%D1%82%22%0d.bin`)
    expect(named.headers['content-disposition']).toBe(
      `attachment; filename="test___.bin"; filename*=UTF-8''test%D1%82%22%0D.bin`,
    )
  })

  it('of the identity hash is in its CID: the probe of trustless gateways', async () => {
    const probe = await get('/ipfs/bafkqaaa?format=raw')
    expect([probe.statusCode, probe.payload]).toEqual([200, ''])
    const car = await get('/ipfs/bafkqaaa?format=car')
    expect(car.statusCode).toBe(200)
    expect(await blocksOf(car)).toEqual([])
  })

  it('that is not here is not found; who only wants what is cached is told so', async () => {
    const { text } = fixture.cids
    const absent = text.replace(/.{8}$/, 'aaaaaaaa')
    for (const format of ['raw', 'car', 'tar']) {
      expect((await get(`/ipfs/${absent}?format=${format}`)).statusCode, format).toBe(404)
      expect((await get(`/ipfs/${absent}?format=${format}`, {}, 'HEAD')).statusCode, format).toBe(404)
    }
    const cached = { 'cache-control': 'only-if-cached' }
    expect((await get(`/ipfs/${absent}`, cached)).statusCode).toBe(412)
    expect((await get(`/ipfs/${absent}`, cached, 'HEAD')).statusCode).toBe(412)
    expect((await get(`/ipfs/${text}`, cached, 'HEAD')).statusCode).toBe(200)
  })
})

describe('a CAR', () => {
  const car = async (path: string, headers = {}): Promise<{ answer: Injected; blocks: string[] }> => {
    const answer = await get(path, headers)
    expect(answer.statusCode, path).toBe(200)
    return { answer, blocks: await blocksOf(answer) }
  }

  it('holds the way and all below its end, depth first, and says so', async () => {
    const { answer, blocks } = await car(`/ipfs/${fixture.root}/docs?format=car`)
    expect(blocks.slice(0, 2)).toEqual([fixture.root, fixture.docs])
    expect(blocks).toHaveLength(2 + 6)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/vnd.ipld.car; version=1; order=dfs; dups=n',
      'content-disposition': `attachment; filename="${fixture.docs}.car"`,
      'accept-ranges': 'none',
      'x-content-type-options': 'nosniff',
    })
    expect(answer.headers.etag).toMatch(/^W\/".+\.car\.all\.[0-9a-f]{16}"$/)
    expect(
      (await get(`/ipfs/${fixture.root}/docs?format=car`, { 'if-none-match': String(answer.headers.etag) }))
        .statusCode,
    ).toBe(304)
  })

  it('by scope holds one block, an entity, or all; another way has another tag', async () => {
    const tags = new Set<unknown>()
    for (const [scope, count] of [
      ['block', 2],
      ['entity', 2],
      ['all', 8],
    ] as const) {
      const { answer, blocks } = await car(`/ipfs/${fixture.root}/docs?format=car&dag-scope=${scope}`)
      expect(blocks, scope).toHaveLength(count)
      tags.add(answer.headers.etag)
    }
    tags.add((await car(`/ipfs/${fixture.docs}?format=car`)).answer.headers.etag)
    expect(tags.size).toBe(4)
    expect((await car(`/ipfs/${fixture.cids.cbor}?format=car&dag-scope=entity`)).blocks).toHaveLength(1)
    expect((await car(`/ipfs/${fixture.cids.cbor}?format=car`)).blocks).toHaveLength(3)
  })

  it.each([
    ['0:*', 5],
    ['0:0', 2],
    ['1048575:1048576', 3],
    ['-1:*', 2],
    ['-99999999:-3000000', 2],
    ['-10:-20', 1],
  ])('of the bytes %s of a file holds what proves them', async (range, count) => {
    const { blocks } = await car(`/ipfs/${fixture.cids.large}?format=car&entity-bytes=${range}`)
    expect(blocks).toHaveLength(count)
  })

  it('sends duplicates when asked to, by parameter before header', async () => {
    const text = CID.parse(fixture.cids.text)
    const twice = fixture.put(encode([text, text]), DAG_CBOR)
    expect((await car(`/ipfs/${twice}?format=car`)).blocks).toEqual([`${twice}`, `${text}`])
    expect((await car(`/ipfs/${twice}?format=car&car-dups=y`)).blocks).toHaveLength(3)
    const answer = await get(`/ipfs/${fixture.root}?format=car&car-dups=y`, {
      accept: 'application/vnd.ipld.car; dups=n',
    })
    expect(answer.headers['content-type']).toContain('dups=y')
    expect(answer.headers['content-location']).toBeUndefined()
  })

  it.each([
    ['dag-scope=some', 400],
    ['entity-bytes=a:b', 400],
    ['entity-bytes=5:1', 400],
    ['entity-bytes=99999999:*', 400],
    ['car-version=2', 406],
    ['car-order=bfs', 406],
    ['car-dups=maybe', 400],
  ])('with %s is refused with %i', async (query, status) => {
    expect((await get(`/ipfs/${fixture.cids.large}?format=car&${query}`)).statusCode).toBe(status)
  })

  it('is cut where a block is missing, after what came before it', async () => {
    const lonely = await contentFixture()
    const { blocks } = { blocks: (await car(`/ipfs/${fixture.cids.large}?format=car`)).blocks }
    lonely.store.blocks.delete([CID.parse(blocks[3]!).multihash.digest])
    const other = await lonely.gateway()
    const url = await other.listen(0)
    const response = await fetch(`${url}ipfs/${fixture.cids.large}?format=car`)
    expect(response.status).toBe(200)
    await expect(response.arrayBuffer()).rejects.toThrow()
    await other.stop()
    lonely.store.close()
  })
})

describe('a file', () => {
  it.each([
    ['docs/a%20file.txt', 'text/plain; charset=utf-8'],
    ['docs/data', 'application/json'],
    ['docs/picture', 'image/png'],
    ['docs/page', 'text/html; charset=utf-8'],
    ['docs/scripted.svg', 'image/svg+xml'],
    ['large.bin', 'application/octet-stream'],
    ['docs/data?filename=x.css', 'text/css; charset=utf-8'],
  ])('%s has the type that its name or its beginning tells: %s', async (path, type) => {
    const answer = await get(`/ipfs/${fixture.root}/${path}`)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, type])
    expect(answer.headers['cache-control']).toBe(IMMUTABLE)
    expect(String(answer.headers['x-ipfs-roots']).split(',')).toHaveLength(path.split('/').length + 1)
  })

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=1048570-1048580', 1048570, 1048581],
    ['bytes=-5', 3_499_995, 3_500_000],
    ['bytes=3000000-', 3_000_000, 3_500_000],
    ['bytes=6-16,0-4', 6, 17],
  ])('by %s is that part', async (range, start, end) => {
    const answer = await get(`/ipfs/${fixture.root}/large.bin`, { range })
    expect(answer.statusCode).toBe(206)
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/3500000`)
    expect(Buffer.compare(answer.rawPayload, large.subarray(start, end))).toBe(0)
  })

  it('beyond its end is 416; after it changed, a range is not served', async () => {
    expect((await get(`/ipfs/${fixture.root}/large.bin`, { range: 'bytes=9999999-' })).statusCode).toBe(416)
    const whole = await get(`/ipfs/${fixture.root}/large.bin`, { range: 'bytes=0-1', 'if-range': '"other"' })
    expect(whole.statusCode).toBe(200)
    expect(Buffer.compare(whole.rawPayload, large)).toBe(0)
  })

  it('is a download when asked, with its name in both forms', async () => {
    const answer = await get(`/ipfs/${fixture.root}/docs/data?download=true&filename=%C4%85.txt`)
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="_.txt"; filename*=UTF-8''%C4%85.txt`,
    )
  })

  it('of strangers runs in an origin of its own where the site is; pinned, or on its own host, as it is', async () => {
    expect((await get(`/ipfs/${fixture.root}/docs/page`)).headers['content-security-policy']).toMatch(
      /^sandbox /,
    )
    expect((await get(`/ipfs/${fixture.root}/docs/scripted.svg`)).headers['content-security-policy']).toMatch(
      /^sandbox /,
    )
    expect((await onSubdomain('/docs/page')).headers['content-security-policy']).toBeUndefined()
    const pinned = await contentFixture()
    pinned.store.commit({ site: 's', root: pinned.root, blocks: [], keep: 1, version: 'test' })
    const own = asker(await pinned.gateway())
    expect((await own(`/ipfs/${pinned.root}/docs/page`)).headers['content-security-policy']).toBeUndefined()
    pinned.store.close()
  })
})

describe('a directory', () => {
  it('has a slash, and a page of its own or one that lists it', async () => {
    const bare = await get(`/ipfs/${fixture.root}/docs?x=1`)
    expect([bare.statusCode, bare.headers.location]).toEqual([301, `/ipfs/${fixture.root}/docs/?x=1`])
    const page = await get(`/ipfs/${fixture.root}/`)
    expect([page.payload, page.headers.etag]).toEqual([
      '<!doctype html><title>Home</title>',
      `"${fixture.root}"`,
    ])
    const list = await get(`/ipfs/${fixture.root}/docs/`)
    expect(list.headers['cache-control']).toBe('public, max-age=604800, stale-while-revalidate=2678400')
    expect(list.headers.etag).toBe(`"DirIndex-1_CID-${fixture.docs}"`)
    expect(list.payload).toContain('Index of')
    expect(list.payload).toContain(`<a href="/ipfs/${fixture.root}/docs/%C4%85%C4%99.txt">ąę.txt</a>`)
    expect(list.payload).toContain(`<a href="/ipfs/${fixture.root}/docs/..">..</a>`)
    expect(
      (await get(`/ipfs/${fixture.root}/docs/`, { 'if-none-match': String(list.headers.etag) })).statusCode,
    ).toBe(304)
    expect((await get(`/ipfs/${fixture.docs}/`)).payload).not.toContain('>..</a>')
  })

  it('is an archive as a TAR', async () => {
    const answer = await get(`/ipfs/${fixture.docs}?format=tar`)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-tar',
      etag: `W/"${fixture.docs}.x-tar"`,
    })
    expect(answer.rawPayload.byteLength % 512).toBe(0)
    const text = Buffer.from(answer.rawPayload).toString('utf8')
    for (const name of [
      `${fixture.docs}/`,
      `${fixture.docs}/a file.txt`,
      `path=${fixture.docs}/ąę.txt`,
      'plain text\n',
    ])
      expect(text).toContain(name)
  })

  it('refuses a service worker for itself, and nothing below it', async () => {
    const worker = { 'service-worker': 'script' }
    expect((await get(`/ipfs/${fixture.root}`, worker)).statusCode).toBe(400)
    expect((await get(`/ipfs/${fixture.root}/docs/data`, worker)).statusCode).toBe(200)
  })
})

describe('data', () => {
  it.each([
    ['cbor', '', 'application/vnd.ipld.dag-cbor', 'attachment', 'dag-cbor'],
    ['cbor', '?format=dag-cbor', 'application/vnd.ipld.dag-cbor', 'attachment', 'dag-cbor'],
    ['cbor', '?format=cbor', 'application/cbor', 'attachment', 'cbor'],
    ['json', '', 'application/vnd.ipld.dag-json', 'inline', 'dag-json'],
    ['json', '?format=json', 'application/json', 'inline', 'json'],
    ['plainJson', '', 'application/json', 'inline', 'json'],
    ['plainJson', '?format=json', 'application/json', 'inline', 'json'],
  ] as const)('of %s%s is the block as it is, as %s', async (which, query, type, how, tag) => {
    const cid = fixture.cids[which]
    const answer = await get(`/ipfs/${cid}${query}`)
    expect(answer.headers).toMatchObject({ 'content-type': type, etag: `"${cid}.${tag}"` })
    expect(String(answer.headers['content-disposition'])).toMatch(
      new RegExp(`^${how}; filename="${cid}\\.(json|cbor)"`),
    )
    expect(Buffer.compare(answer.rawPayload, (await get(`/ipfs/${cid}?format=raw`)).rawPayload)).toBe(0)
  })

  it.each([
    ['cbor', 'dag-json'],
    ['cbor', 'json'],
    ['json', 'dag-cbor'],
    ['json', 'tar'],
    ['plainJson', 'cbor'],
    ['text', 'dag-json'],
    ['text', 'json'],
  ] as const)('of %s is not converted to %s', async (which, format) => {
    expect((await get(`/ipfs/${fixture.cids[which]}?format=${format}`)).statusCode).toBe(406)
  })

  it('is a page for people, with links', async () => {
    const answer = await get(`/ipfs/${fixture.cids.cbor}/`, { accept: 'text/html,*/*;q=0.8' })
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['content-disposition']).toBeUndefined()
    expect(answer.headers.etag).toContain('DagIndex-')
    expect(answer.payload).toContain(`<a href="/ipfs/${fixture.cids.text}">`)
  })

  it('is followed along its links; what lies inside a block is not served alone', async () => {
    expect((await get(`/ipfs/${fixture.cids.cbor}/deeper/json/to`)).payload).toBe('plain text\n')
    expect((await get(`/ipfs/${fixture.cids.cbor}/deeper/number`)).statusCode).toBe(501)
    expect((await get(`/ipfs/${fixture.cids.cbor}/deeper/none`)).statusCode).toBe(404)
  })
})

describe('a subdomain', () => {
  it('is where paths of its gateway lead; what verifies itself is served at once', async () => {
    const gw = asker(gateway, 'gw.example:8080')
    const moved = await gw(`/ipfs/${fixture.root}/docs/?x=%20`)
    expect([moved.statusCode, moved.headers.location]).toEqual([
      301,
      `http://${fixture.root}.ipfs.gw.example:8080/docs/?x=%20`,
    ])
    expect((await gw(`/ipfs/${fixture.root}`, { 'x-forwarded-proto': 'https' })).headers.location).toBe(
      `https://${fixture.root}.ipfs.gw.example:8080/`,
    )
    expect((await gw(`/ipfs/${fixture.root}?format=raw`)).statusCode).toBe(200)
    const v0 = CID.createV0(CID.parse(fixture.root).multihash as Parameters<typeof CID.createV0>[0])
    expect((await gw(`/ipfs/${v0}/`)).headers.location).toBe(`http://${fixture.root}.ipfs.gw.example:8080/`)
    expect((await gw('/ipns/en.wikipedia-on-ipfs.org/wiki')).headers.location).toBe(
      'http://en-wikipedia--on--ipfs-org.ipns.gw.example:8080/wiki',
    )
    const behind = asker(gateway, 'inner.invalid')
    expect((await behind(`/ipfs/${fixture.root}`, { 'x-forwarded-host': 'gw.example' })).statusCode).toBe(301)
  })

  it('serves its root from the top, and has no other namespace', async () => {
    expect((await onSubdomain('/')).payload).toContain('Home')
    expect((await onSubdomain('/docs')).headers.location).toBe('/docs/')
    expect((await onSubdomain('/docs/')).payload).toContain(
      `<a href="//gw.example:8080/ipfs/${fixture.root}">`,
    )
    expect((await onSubdomain(`/ipfs/${fixture.root}/`)).statusCode).toBe(404)
    const named = asker(gateway, `${fixture.key}.ipns.gw.example`)
    expect((await named('/')).payload).toContain('Home')
    const inlined = asker(gateway, 'site-example-org.ipns.gw.example')
    expect((await inlined('/docs/data')).payload).toBe('{"json": true}')
  })

  it('that no host name can hold is refused, as is what is no CID', async () => {
    const gw = asker(gateway, 'gw.example')
    const long = `bafkqa${'a'.repeat(70)}`
    expect((await gw(`/ipfs/${long.slice(0, 6)}`)).statusCode).toBe(400)
    const invalid = await gw('/ipfs/QmInvalidCID')
    expect([invalid.statusCode, invalid.payload]).toEqual([
      400,
      expect.stringContaining('invalid path "/ipfs/QmInvalidCID"'),
    ])
    expect((await asker(gateway, 'no-cid.ipfs.gw.example')('/')).statusCode).toBe(400)
  })

  it('hands ipfs:// addresses over', async () => {
    const gw = asker(gateway, 'gw.example')
    expect((await gw('/ipfs/?uri=ipfs%3A%2F%2FQmCase%2Fwiki%2FA%3Fq=%C4%85')).headers.location).toBe(
      '/ipfs/QmCase/wiki/A?q=%C4%85',
    )
    for (const bad of ['javascript:alert(1)', 'ipfs://a/%0d%0aX:1', 'https://example.org'])
      expect((await gw(`/ipfs/?uri=${encodeURIComponent(bad)}`)).headers.location ?? '', bad).toMatch(
        /^$|^\/ip/,
      )
  })
})

describe('a name', () => {
  it('leads to content for as long as its record may be kept', async () => {
    const answer = await get(`/ipns/${fixture.key}/docs/data`)
    expect([answer.statusCode, answer.payload]).toEqual([200, '{"json": true}'])
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, max-age=120',
      'x-ipfs-path': `/ipns/${fixture.key}/docs/data`,
    })
  })

  it('has a record that whoever likes may check', async () => {
    for (const [query, headers] of [
      ['?format=ipns-record', {}],
      ['', { accept: 'application/vnd.ipfs.ipns-record' }],
    ] as const) {
      const answer = await get(`/ipns/${fixture.key}${query}`, headers)
      expect(answer.headers).toMatchObject({
        'content-type': 'application/vnd.ipfs.ipns-record',
        'content-disposition': `attachment; filename="${fixture.key}.ipns-record"`,
        'cache-control': 'public, max-age=120',
      })
      expect(answer.rawPayload.byteLength).toBeGreaterThan(100)
    }
    expect((await get(`/ipns/${fixture.key}/docs?format=ipns-record`)).statusCode).toBe(400)
    expect((await get(`/ipfs/${fixture.root}?format=ipns-record`)).statusCode).toBe(400)
  })

  it('whose record is not there, or not good, is a failure and no content', async () => {
    const other = newNameKey()
    const text = `${(await import('../../src/store/ipns-record.ts')).ipnsNameText(other.name)}`
    expect((await get(`/ipns/${text}`)).statusCode).toBe(500)
    fixture.names.put(other.name, nameRecord(newNameKey()))
    const forged = await get(`/ipns/${text}`)
    expect([forged.statusCode, forged.payload]).toEqual([500, expect.stringContaining('IPNS record')])
  })

  it('in another form is sent to its own', async () => {
    const peer = '12D3KooWRBy97UB99e3J6hiPesre1MZeuNQvfan4gBziswrRJsNK'
    const answer = await get(`/ipns/${peer}/root2/`)
    expect([answer.statusCode, answer.headers.location]).toEqual([
      302,
      '/ipns/k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8/root2/',
    ])
  })
})

describe('a DNSLink', () => {
  it('is a host of its own, directly or by a name, below a path too', async () => {
    expect((await asker(gateway, 'site.example.org')('/')).payload).toContain('Home')
    expect((await asker(gateway, 'by-name.example.org')('/docs/data')).payload).toBe('{"json": true}')
    expect((await asker(gateway, 'docs-only.example.org')('/data')).payload).toBe('{"json": true}')
    const list = await asker(gateway, 'docs-only.example.org')('/')
    expect(list.payload).toContain('/ipns/<a href="//docs-only.example.org/">docs-only.example.org</a>')
    expect(list.payload).not.toContain('>..</a>')
    expect(list.headers['cache-control']).toBe('public, max-age=60')
  })

  it('that leads to itself is an error, and a host without one is like any other', async () => {
    expect((await asker(gateway, 'loop.example.org')('/')).statusCode).toBe(500)
    expect((await asker(gateway, 'other.example.org')(`/ipfs/${fixture.cids.text}`)).statusCode).toBe(200)
    expect((await asker(gateway, 'other.example.org')('/')).statusCode).toBe(503)
  })
})

describe('_redirects', () => {
  it.each([
    ['/old', 301, '/new.html'],
    ['/old-302', 302, '/new.html'],
    ['/posts/2026/a%20b', 308, '/articles/2026/a%20b'],
    ['/splat/a/b.html?x=1', 301, '/moved/a/b.html?x=1'],
    ['/away/p?a=2&b=3', 301, 'https://example.net/p?a=2&b=3'],
    ['/splat//evil.example/', 301, '/moved/evil.example'],
  ])('sends %s on with %i to %s', async (path, status, location) => {
    const answer = await onSubdomain(path)
    expect([answer.statusCode, answer.headers.location]).toEqual([status, location])
  })

  it.each([
    ['/app/any/where', 200, 'Home'],
    ['/lost/x', 404, 'Lost'],
    ['/gone/x', 410, 'Lost'],
    ['/law/x', 451, 'Lost'],
    ['/nowhere', 404, ''],
  ])('answers %s with %i', async (path, status, text) => {
    const answer = await onSubdomain(path)
    expect([answer.statusCode, answer.payload]).toEqual([status, expect.stringContaining(text)])
  })

  it('never overrules what is there, means nothing on a path gateway, and says what is wrong with it', async () => {
    expect((await onSubdomain('/docs/data')).statusCode).toBe(200)
    expect((await get(`/ipfs/${fixture.root}/old`)).statusCode).toBe(404)
    const broken = asker(gateway, `${fixture.cids.brokenRules}.ipfs.gw.example`)
    const answer = await broken('/nowhere')
    expect([answer.statusCode, answer.payload]).toEqual([
      500,
      expect.stringContaining('could not parse _redirects: line 1'),
    ])
    expect((await broken('/')).statusCode).toBe(200)
  })
})

describe('a host', () => {
  it('that is trustless has blocks, CARs and records, and asks which', async () => {
    const only = asker(gateway, 'only.example')
    expect((await only(`/ipfs/${fixture.root}?format=raw`)).statusCode).toBe(200)
    expect((await only(`/ipfs/${fixture.root}/docs?format=car`)).statusCode).toBe(200)
    expect((await only(`/ipfs/${fixture.root}`)).statusCode).toBe(400)
    expect((await only(`/ipfs/${fixture.root}`, { accept: 'text/html' })).statusCode).toBe(406)
    expect((await only('/')).statusCode).toBe(404)
    expect((await only('/healthz')).statusCode).toBe(200)
  })

  it('of the site alone has no content', async () => {
    expect((await asker(gateway, 'site.example')(`/ipfs/${fixture.root}/`)).statusCode).toBe(503)
  })

  it.each([
    [false, 'https', false],
    [true, 'https', true],
    [true, 'https, http', true],
    [true, 'http', false],
    [true, '', false],
  ])(
    'keeps cookies to TLS where it believes proxies (%s), and one says %j: %s',
    async (forwarded, told, secure) => {
      const gateway = await fixture.gateway({ forwarded }, { random: size => new Uint8Array(size) })
      const { headers } = await asker(gateway)('/sx/csrf', { 'x-forwarded-proto': told })
      expect(/; Secure$/.test(String(headers['set-cookie']))).toBe(secure)
    },
  )
  it('believes no forwarded name unless it is told to', async () => {
    const plain = asker(await fixture.gateway({ forwarded: false }), 'inner.invalid')
    expect((await plain(`/ipfs/${fixture.cids.text}`, { 'x-forwarded-host': 'gw.example' })).statusCode).toBe(
      200,
    )
  })

  it('answers preflights, refuses what would write, and names that are none', async () => {
    const preflight = await get(`/ipfs/${fixture.root}/`, {}, 'OPTIONS')
    expect(preflight.statusCode).toBe(204)
    expect(preflight.headers['access-control-allow-methods']).toBe('GET, HEAD, OPTIONS')
    expect(preflight.headers['access-control-allow-headers']).toContain('Range')
    const post = await get(`/ipfs/${fixture.root}/`, {}, 'POST')
    expect([post.statusCode, post.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await asker(gateway, 'a b')('/ipfs/bafkqaaa')).statusCode).toBe(400)
  })
})

describe('a denylist', () => {
  it('stops paths, names and blocks, wherever they are met, until it changes', async () => {
    const { text, large: file } = fixture.cids
    let list = noDenials
    const deny = (...lines: string[]): void => {
      list = parseDenylists([{ name: 'test.deny', text: lines.join('\n') }], sha256)
    }
    const ask = asker(await fixture.gateway({ denied: () => list }))
    const statuses = async (): Promise<number[]> =>
      Promise.all(
        [
          `/ipfs/${text}`,
          `/ipfs/${fixture.root}/docs/data`,
          `/ipfs/${file}?format=raw`,
          `/ipns/${fixture.key}/docs/data`,
        ].map(async path => (await ask(path)).statusCode),
      )
    expect(await statuses()).toEqual([200, 200, 200, 200])
    deny(`/ipfs/${text}`)
    expect(await statuses()).toEqual([410, 200, 200, 200])
    deny(`/ipfs/${fixture.root}/docs/* status=451`, `!/ipfs/${fixture.root}/docs/data`)
    expect(await statuses()).toEqual([200, 200, 200, 200])
    deny(`/ipfs/${fixture.root}/docs/* status=451`)
    expect(await statuses()).toEqual([200, 451, 200, 451])
    deny(`/ipns/${fixture.key}`)
    expect(await statuses()).toEqual([200, 200, 200, 410])
    deny(`//${Buffer.from(sha256(new TextEncoder().encode(`${file}/`))).toString('hex')}`)
    expect(await statuses()).toEqual([200, 200, 410, 200])
    deny()
    expect(await statuses()).toEqual([200, 200, 200, 200])
  })
})

describe('limits', () => {
  it('of one client are a 429 with the time to come back', async () => {
    const ask = asker(await fixture.gateway({}, { limits: { perMinute: 3 } }))
    const answers = []
    for (let i = 0; i < 4; i++) answers.push(await ask(`/ipfs/${fixture.cids.text}`))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429])
    expect(Number(answers[3]!.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('of walks are a 503 with the time to come back', async () => {
    const ask = asker(await fixture.gateway({}, { limits: { walks: 0 } }))
    const answer = await ask(`/ipfs/${fixture.root}?format=car`)
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1'])
    expect((await ask(`/ipfs/${fixture.docs}?format=tar`)).statusCode).toBe(503)
    expect((await ask(`/ipfs/${fixture.root}?format=car`, {}, 'HEAD')).statusCode).toBe(200)
  })
})
