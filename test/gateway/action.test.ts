// Queries, actions and handlers over HTTP: what they may do, what a client may send, and that bad input is never our fault.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway } from '../../src/gateway/gateway.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'
import { createTestSite } from '../support/gateway-site.ts'
import { sha256 } from '../support/memory-store.ts'

let site: BuiltSite
beforeAll(async () => {
  site = await serveSite(
    {
      'src/a.sx': `
(defquery posts (&key (tag :as string?) (limit :as integer?)) (list {:tag (or tag "all") :limit limit} (helper 2)))
(define (helper n) (* 2 n))
(defquery typed (&key (n :as number) (b :as boolean?) (l :as list?) (d :as dict?) (k :as keyword?) any)
  {:n n :b b :l l :d d :k (if (nil? k) nil (type-of k)) :any any})
(defquery place (id) (str "#" id))
(defquery twice (&key n) (list (query "place" :id n) (query "place" {:id "x"}) (query "stored")))
(defquery loops () (let loop () (loop)))
(defquery ring-around () (query "ring-around"))
(defquery fails () (error "secret-1234"))
(defquery gives-function () (fn () 1))
(defquery sneaky () (set-cookie "a" "b"))
(defquery teapot () (abort 418 "short and stout"))
(defquery where () (list (request-path) (request-arg "x" "none") (request-header "x-a") (request-header "cookie") (current-user)))
(defquery deep (&key d) (len (json-encode d)))
(defaction save (&key (title :as string) (n :as number?)) (do (set-response-status 201) (set-response-header "x-saved" title) {:saved title :n n}))
(defaction away (&key to) (redirect to))
(defaction split (&key v) (set-response-header "x-a" v))
(defaction header-named (&key h) (set-response-header h "1"))
(defaction both () (list (action "save" :title "in") (request-json)))
(defaction waits () (sleep 10))
(defhandler card (&key (title :as string?)) (~card :title title))
(defhandler put-it () :effects (put post) (str "done " (request-method)))
(defcomp ~card (&key title) (article (h2 title) (form (input :name "_csrf" :value (csrf-token)))))
(define plain 1)`,
      'data/stored.json': '{"a":[1,2]}',
    },
    { limits: { runsPerMinute: 0 } },
  )
})
afterAll(() => site.stop())

const get = (url: string, headers: Record<string, string> = {}) => site.gateway.inject({ url, headers })
const json = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  site.gateway.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  })

describe('a query', () => {
  it('is a GET that gives JSON, or SX to who prefers it, never stored', async () => {
    const answer = await get('/sx/q/posts?tag=new&limit=3')
    expect([answer.statusCode, JSON.parse(answer.payload)]).toEqual([200, [{ tag: 'new', limit: 3 }, 4]])
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const sx = await get('/sx/q/posts', { accept: 'text/sx, application/json;q=0.5' })
    expect([sx.headers['content-type'], sx.payload]).toEqual([
      'text/sx; charset=utf-8',
      '({:tag "all" :limit nil} 4)\n',
    ])
    expect((await get('/sx/q/posts', { accept: 'image/png' })).statusCode).toBe(406)
    expect((await site.gateway.inject({ method: 'HEAD', url: '/sx/q/posts' })).statusCode).toBe(200)
  })
  it('takes values of the declared types', async () => {
    const answer = await get('/sx/q/typed?n=1.5&b=true&l=a&l=b&d={"x":[1]}&k=key&any=1')
    expect(JSON.parse(answer.payload)).toEqual({
      n: 1.5,
      b: true,
      l: ['a', 'b'],
      d: { x: [1] },
      k: 'keyword',
      any: '1',
    })
    expect(JSON.parse((await get('/sx/q/place?id=7')).payload)).toBe('#7')
  })
  it.each([
    '/sx/q/typed',
    '/sx/q/typed?n=x',
    '/sx/q/typed?n=1&n=2',
    '/sx/q/typed?n=1&b=maybe',
    '/sx/q/typed?n=1&d=[',
    '/sx/q/typed?n=1&d=[1]',
    '/sx/q/typed?n=1&k=a%20b',
    '/sx/q/typed?n=1&unknown=1',
    '/sx/q/typed?n=1&__proto__=1',
    '/sx/q/posts?limit=1.5',
    '/sx/q/place',
    '/sx/q/typed?n=Infinity',
    '/sx/q/typed?n=0x10',
    `/sx/q/typed?n=1&d=${'['.repeat(2000)}`,
    '/sx/q/%',
  ])('%.60s is a 400 that says why', async url => {
    const answer = await get(url)
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })
  it('asks other queries, and files of the site', async () => {
    expect(JSON.parse((await get('/sx/q/twice?n=1')).payload)).toEqual(['#1', '#x', { a: [1, 2] }])
  })
  it('that takes long leaves other requests their turn, and each evaluation its own', async () => {
    const done: string[] = []
    const ask = async (url: string): Promise<void> => {
      await get(url)
      done.push(url)
    }
    const loops = [ask('/sx/q/loops'), ask('/sx/q/loops')]
    await new Promise(resolve => setTimeout(resolve, 20))
    await ask('/sx/q/place?id=7')
    await ask('/')
    expect(done).toEqual(['/sx/q/place?id=7', '/'])
    await Promise.all(loops)
  })
  it('reads the request, but no cookie, and nobody is logged in', async () => {
    const answer = await get('/sx/q/where', { 'x-a': 'b', cookie: 'c=d' })
    expect(JSON.parse(answer.payload)).toEqual(['/sx/q/where', 'none', 'b', null, null])
  })
  it.each(['loops', 'ring-around', 'fails', 'gives-function'])(
    'that fails (%s) is a 422 without internals',
    async name => {
      const answer = await get(`/sx/q/${name}`)
      expect(answer.statusCode).toBe(422)
      expect(answer.payload).not.toMatch(/secret|bafy|loop/)
    },
  )
  it('has no words that write', async () => {
    expect((await get('/sx/q/sneaky')).headers['set-cookie']).toBeUndefined()
  })
  it('may refuse with a status and words of its own', async () => {
    const answer = await get('/sx/q/teapot')
    expect([answer.statusCode, JSON.parse(answer.payload).title]).toEqual([418, 'short and stout'])
  })
  it('is asked with GET only', async () => {
    const answer = await json('/sx/q/posts', {})
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD'])
  })
})

describe('an action', () => {
  it('is a POST, which sets status and headers', async () => {
    const answer = await json('/sx/a/save', { title: 'T', n: 2 })
    expect([answer.statusCode, answer.headers['x-saved'], JSON.parse(answer.payload)]).toEqual([
      201,
      'T',
      { saved: 'T', n: 2 },
    ])
    const wrong = await get('/sx/a/save?title=x')
    expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, 'POST'])
  })
  it('calls others, and waits', async () => {
    expect(JSON.parse((await json('/sx/a/both', {})).payload)).toEqual([{ saved: 'in', n: null }, {}])
    expect((await json('/sx/a/waits', {})).payload).toBe('null\n')
  })
  it.each([
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['same-site', { 'sec-fetch-site': 'same-site' }],
    ['none', { 'sec-fetch-site': 'none' }],
    ['another origin', { origin: 'https://evil.example', host: 'own.example' }],
    ['a sandbox', { origin: 'null', host: 'own.example' }],
    ['another port', { origin: 'http://own.example:81', host: 'own.example' }],
  ])('from %s is refused', async (_what, headers) => {
    const answer = await json('/sx/a/save', { title: 'T' }, headers as unknown as Record<string, string>)
    expect(answer.statusCode).toBe(403)
    expect(answer.headers['x-saved']).toBeUndefined()
  })
  it('from its own pages is done', async () => {
    const headers = { 'sec-fetch-site': 'same-origin', origin: 'http://own.example', host: 'own.example' }
    expect((await json('/sx/a/save', { title: 'T' }, headers)).statusCode).toBe(201)
  })
  it('a form repeats the token of its cookie', async () => {
    const issued = await get('/sx/csrf')
    const { token } = JSON.parse(issued.payload) as { token: string }
    const cookie = String(issued.headers['set-cookie'])
    expect(cookie).toBe(`sx-csrf=${token}; Path=/; SameSite=Strict`)
    const form = (payload: string, headers: Record<string, string> = {}) =>
      site.gateway.inject({
        method: 'POST',
        url: '/sx/a/save',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        payload,
      })
    expect((await form('title=T')).statusCode).toBe(403)
    expect((await form(`title=T&_csrf=${token}`)).statusCode).toBe(403)
    expect((await form('title=T&_csrf=', { cookie: 'sx-csrf=' })).statusCode).toBe(403)
    expect((await form(`title=T&_csrf=${token}x`, { cookie: `sx-csrf=${token}` })).statusCode).toBe(403)
    expect((await form(`title=T&_csrf=${token}`, { cookie: `a=b; sx-csrf=${token}` })).statusCode).toBe(201)
    expect((await form('title=T', { cookie: `sx-csrf=${token}`, 'x-csrf-token': token })).statusCode).toBe(
      201,
    )
  })
  it.each([
    ['text/plain', 'x', 415],
    ['multipart/form-data; boundary=x', '--x--', 415],
    ['application/json', '{', 400],
    ['application/json', '[]', 400],
    ['application/json', '{"title":1}', 400],
    ['application/json', '{"title":"x","more":1}', 400],
    ['application/json', `{"title":"x","n":${'['.repeat(100_000)}`, 400],
    ['application/json', `{"title":"${'x'.repeat(256 * 1024)}"}`, 413],
  ])('a body of %s %.20s is %i', async (type, payload, status) => {
    const answer = await site.gateway.inject({
      method: 'POST',
      url: '/sx/a/save',
      headers: { 'content-type': type },
      payload,
    })
    expect(answer.statusCode).toBe(status)
  })
  it.each(['//evil.example', '/\\evil', 'https://evil.example', '/a\r\nX: 1', 'javascript:1'])(
    'redirects to no other host: %s',
    async to => {
      const answer = await json('/sx/a/away', { to })
      expect([answer.statusCode, answer.headers.location]).toEqual([422, undefined])
    },
  )
  it('redirects inside the site', async () => {
    const answer = await json('/sx/a/away', { to: '/market?x=1' })
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/market?x=1'])
  })
  it.each(['a\r\nSet-Cookie: x', '\u0000', 'é'])('sets no header that would split: %j', async v => {
    expect((await json('/sx/a/split', { v })).statusCode).toBe(422)
  })
  it.each([
    'content-length',
    'Set-Cookie',
    'content-security-policy',
    'access-control-allow-origin',
    'bad name',
  ])('sets no header %s', async h => {
    expect((await json('/sx/a/header-named', { h })).statusCode).toBe(422)
  })
})

describe('a handler', () => {
  it('renders, with a token for its form', async () => {
    const answer = await get('/sx/x/card?title=%3Cb%3E', { accept: 'text/html' })
    expect(answer.payload).toMatch(
      /^<article><h2>&lt;b&gt;<\/h2><form><input name="_csrf" value="[\w-]{32}">/,
    )
    expect(String(answer.headers['set-cookie'])).toContain('sx-csrf=')
    const wire = await get('/sx/x/card?title=x', { accept: 'text/sx' })
    expect(wire.payload).toMatch(/^\(@h:bafyrei\w+ :title "x"\)\n$/)
  })
  it('takes the methods among its effects', async () => {
    expect((await get('/sx/x/put-it')).headers.allow).toBe('POST, PUT')
    const answer = await site.gateway.inject({ method: 'PUT', url: '/sx/x/put-it' })
    expect([answer.statusCode, answer.payload]).toEqual([200, 'done PUT'])
    const other = { 'sec-fetch-site': 'cross-site' }
    expect(
      (await site.gateway.inject({ method: 'PUT', url: '/sx/x/put-it', headers: other })).statusCode,
    ).toBe(403)
  })
})

describe('what is none', () => {
  it.each(['/sx/q/save', '/sx/q/plain', '/sx/q/nothing', '/sx/a/posts', '/sx/x/posts', '/sx/q/constructor'])(
    '%s is not there, as without any of this',
    async url => {
      expect((await get(url)).statusCode).toBe(404)
      expect((await json(url, {})).statusCode).toBe(405)
    },
  )
  it('a site without such definitions answers as a static one', async () => {
    const plain = await createTestSite()
    const gateway = await createGateway({ store: plain.store, files: plain.files, sha256, clock: () => 1 })
    expect((await gateway.inject({ url: '/sx/q/~card' })).statusCode).toBe(404)
    expect((await gateway.inject({ method: 'POST', url: '/sx/a/~card', payload: '{}' })).headers.allow).toBe(
      'GET, HEAD, OPTIONS',
    )
    await gateway.stop()
  })
})

it('whatever is sent, nothing is a 500', async () => {
  const names = [
    'posts',
    'typed',
    'place',
    'deep',
    'where',
    'save',
    'away',
    'split',
    'header-named',
    'both',
    'card',
    'put-it',
  ]
  const key = fc.oneof(
    fc.constantFrom('tag', 'limit', 'n', 'b', 'l', 'd', 'k', 'any', 'id', 'title', 'to', 'v', 'h', '_csrf'),
    fc.string(),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('q', 'a', 'x'),
      fc.constantFrom(...names),
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD') as fc.Arbitrary<'GET'>,
      fc.array(fc.tuple(key, fc.oneof(fc.string(), fc.constantFrom('1', 'true', '{}', '[[', '-1e999'))), {
        maxLength: 4,
      }),
      fc.oneof(
        fc.dictionary(key, fc.jsonValue()).map(v => JSON.stringify(v)),
        fc.json(),
        fc.string(),
      ),
      fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'text/plain',
        'application/json; charset=x',
        '',
      ),
      fc.constantFrom('*/*', 'text/sx', 'text/html', 'application/json', ';;', 'text/*;q=0'),
      async (kind, name, method, query, payload, type, accept) => {
        const answer = await site.gateway.inject({
          method,
          url: `/sx/${kind}/${name}?${new URLSearchParams(query)}`,
          headers: { accept, ...(type !== '' && { 'content-type': type }) },
          payload,
        })
        expect(answer.statusCode).not.toBe(500)
        expect(answer.statusCode).toBeLessThan(503)
      },
    ),
    { numRuns: 1500 },
  )
})
