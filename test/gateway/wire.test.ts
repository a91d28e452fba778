// Pages as SX wire: the text renders to the page that the same address gives as HTML.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decodeNode } from '../../src/ipld/decode.ts'
import { read } from '../../src/lang/reader.ts'
import { sym } from '../../src/lang/values.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { relativeTo } from '../../src/runtime/url.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'

let site: BuiltSite
beforeAll(async () => {
  site = await serveSite({
    'src/a.sx': `
(defcomp ~layout (&key title &rest children) (<> (title title) (header (a :href "/" "Home")) (main children)))
(defisland ~counter (&key initial) (let ((n (signal initial))) (button (deref n))))
(define (shout s) (upper s))
(defpage home :path "/" :title "Home" :description (shout "all")
  :content (~layout :title (shout "hi") (p (shout "text") (~counter :initial (+ 1 2))) (map (fn (x) (li x)) (query "list"))))
(defpage post :path "/posts/<slug>" :title slug :paths (list "a" "b c") :content (article (h1 slug) (a :href "/posts/a" "a")))
(defpage one :path "/posts/first" :title "1" :content (p "first"))
(defpage later :path "/later/<id>" :title id :content (p id (now)))`,
    'data/list.json': '["x",1]',
  })
})
afterAll(() => site.stop())

const sx = (url: string, headers: Record<string, string> = {}) =>
  site.gateway.inject({ url, headers: { accept: 'text/sx', ...headers } })
const bodyOf = (html: string): string => /<body[^>]*>([\s\S]*)<\/body>/.exec(html)![1]!
const rendered = async (text: string, path: string) => {
  const runtime = createRuntime({
    definitions: {
      find: cid => {
        const bytes = site.store.get(cid)
        return bytes === undefined ? undefined : decodeNode(bytes)
      },
      load: async () => {},
    },
  })
  return runtime.renderHtml([sym('<>'), ...read(text).forms], undefined, { url: relativeTo(path) })
}

it.each(['/', '/posts/a/', '/posts/b%20c/', '/posts/first/'])(
  '%s renders to the HTML of that address',
  async path => {
    const wire = await sx(path)
    expect([wire.statusCode, wire.headers['content-type'], wire.headers.vary]).toEqual([
      200,
      'text/sx; charset=utf-8',
      'Accept',
    ])
    const html = await site.gateway.inject({ url: path, headers: { accept: 'text/html' } })
    expect(html.headers.vary).toContain('Accept')
    const again = await rendered(wire.payload, path === '/' ? '/' : path.slice(0, -1))
    expect(again.html).toBe(bodyOf(html.payload))
    expect(html.payload).toContain(`<title>${again.head.find(e => e.tag === 'title')!.text}</title>`)
  },
)

it('components and islands stay calls with evaluated arguments', async () => {
  const { payload } = await sx('/')
  expect(payload).toMatch(
    /^\(@h:bafy\w+ :title "HI" \(p "TEXT" \(@h:bafy\w+ :initial 3\)\) \(list \(li "x"\) \(li "1"\)\)\)\n/,
  )
  expect(payload).toContain('(title "Home")')
  expect(payload).toContain('(meta :name "description" :content "ALL")')
})

it('has a tag of its own, and changes with the site', async () => {
  const first = await sx('/')
  const tag = String(first.headers.etag)
  expect((await sx('/', { 'if-none-match': tag })).statusCode).toBe(304)
  const html = await site.gateway.inject({ url: '/' })
  expect(html.headers.etag).not.toBe(tag)
  await site.build({ 'data/list.json': '["y"]' })
  const second = await sx('/', { 'if-none-match': tag })
  expect([second.statusCode, second.payload.includes('(li "y")')]).toEqual([200, true])
})

it.each([
  ['/posts/nobody/', 404],
  ['/nothing', 404],
  ['/later/7', 404],
  ['/data/list.json', 200],
])('%s is no page: %i as ever', async (path, status) => {
  const answer = await sx(path)
  expect(answer.statusCode).toBe(status)
  expect(answer.headers['content-type']).not.toContain('text/sx')
})

it.each(['*/*', 'text/html', 'text/html, text/sx;q=0.5', 'text/sx;q=0'])('%s gives HTML', async accept => {
  const answer = await site.gateway.inject({ url: '/', headers: { accept } })
  expect(answer.headers['content-type']).toContain('text/html')
})
