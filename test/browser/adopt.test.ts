// Whatever the HTML parser makes of what the server sent, the client comes to the same and touches nothing.
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cidOf, DAG_CBOR } from '../../src/ipld/cid.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import type { Node } from '../../src/ipld/kinds.ts'
import { readOne } from '../../src/lang/reader.ts'
import { headHtml } from '../../src/publish/page-html.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { relativeTo } from '../../src/runtime/url.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { htmlOf, sha256, visit } from './page-fixture.ts'

const runtime = createRuntime({ definitions: { find: () => undefined, load: async () => undefined } })

const put = (server: PageServer, node: Node): string => {
  const bytes = encodeNode(node)
  const cid = cidOf(DAG_CBOR, sha256(bytes))
  server.blocks.set(cid, bytes)
  return cid
}

/** Serves a page of this content, rendered in Node, at `/`; `spoil` changes the body that the server sends. */
async function serve(server: PageServer, content: string, spoil = (html: string) => html): Promise<string> {
  const body = readOne(content)
  const page = put(server, {
    kind: 'page',
    path: '/',
    meta: new Map([['description', 'what "it" is <about>']]),
    body,
  })
  const closure = put(server, { kind: 'closure', links: [] })
  const { html, head } = await runtime.renderHtml(body, undefined, { url: relativeTo('/') })
  const elements = [
    ...head,
    {
      tag: 'meta',
      attributes: [
        ['name', 'description'],
        ['content', 'what "it" is <about>'],
      ],
      text: '',
    },
  ] as const
  const title = head.find(e => e.tag === 'title')?.text ?? 'test'
  const styles = [...html.matchAll(/<style>(.*?)<\/style/gs)].map(m => m[1]!)
  server.pages.set(
    '/',
    htmlOf(server, {
      page,
      path: '/',
      closure,
      defs: {},
      title,
      head: headHtml(elements.filter(e => e.tag !== 'title')),
      styles,
      body: spoil(html),
    }),
  )
  return html
}

describe.skipIf(!hasChromium())('adoption in Chromium', () => {
  let browser: Browser
  let context: BrowserContext
  let server: PageServer
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    server = await startPageServer()
    context = await browser.newContext()
  })
  afterEach(async () => {
    await context.close()
    await server.stop()
  })

  const same: Readonly<Record<string, string>> = {
    'a table without tbody': '(table (tr (td "1") (td "2")) (tr (td "3")))',
    'a block inside a p': '(div (p "a" (div "b") "c") (p (p "d")))',
    'a pre and a textarea that begin with a line feed': '(div (pre "\\n\\nx") (textarea "\\ny"))',
    'text, text and text': '(p "a" "b" (<> "c" (<> "d")) nil "" 5 (when false "x"))',
    'svg with mixed case and xlink':
      '(svg :viewBox "0 0 9 9" (linearGradient :id "g") (use :xlink:href "#g") (foreignObject (p "x")))',
    'raw HTML between texts': '(div "a" (raw! "b<b>c</b>d") "e" (raw! "<i>f"))',
    'a noscript': '(div (noscript (p "no " (b "script"))) (p "after"))',
    'special characters': '(p :title "a\\"b&c<d>\\t" "1 < 2 && \\"x\\" \\u00a0 \\ud83d\\ude00 e\\u0301")',
    'boolean and empty attributes':
      '(form (input :disabled true :checked false :value "") (option :selected true "x") (video :muted true :controls true))',
    'select, lists, details':
      '(div (select (option "a") (option "b")) (ul (li "x") (li (ul (li "y")))) (details (summary "s") (p "t")))',
    'an image and a style attribute':
      '(div :style "color:red;--x: 1" (img :src "/favicon.ico" :alt "") (br) (hr))',
    'a style element': '(div (style "p > b{color:red}") (p (b "x")))',
    'nothing at all': '(<>)',
    'white space at both ends': '(<> " \\n a" (p "b") " \\n ")',
  }
  for (const [title, content] of Object.entries(same))
    it(`touches nothing: ${title}`, async () => {
      await serve(server, content)
      const v = await visit(context, server.url)
      expect(v.console).toEqual([])
      expect(v.outcome).toBe('ready')
      expect(v.mutations).toEqual([])
    })

  it('touches nothing in the head either, and keeps elements hoisted there', async () => {
    await serve(
      server,
      '(<> (title "Hi & <you>") (meta :name "robots" :content "all") (link :rel "canonical" :href "/x") (p "x"))',
    )
    await context.addInitScript(() => {
      const seen: string[] = []
      Object.assign(globalThis, { sxHead: seen })
      document.addEventListener('DOMContentLoaded', () => {
        new MutationObserver(records => {
          for (const r of records) seen.push(`${r.type} ${r.target.nodeName}`)
        }).observe(document.head, { subtree: true, childList: true, attributes: true, characterData: true })
      })
    })
    const v = await visit(context, server.url)
    expect(v.outcome).toBe('ready')
    expect(await v.page.evaluate(() => (globalThis as unknown as { sxHead: string[] }).sxHead)).toEqual([])
    expect(await v.page.title()).toBe('Hi & <you>')
  })

  it('adds what a server left out of the head, and corrects its title', async () => {
    await serve(server, '(<> (title "Truth") (meta :name "robots" :content "all") (p "x"))')
    server.pages.set(
      '/',
      server.pages
        .get('/')!
        .replace('<title>Truth', '<title>Lie')
        .replace(/<meta name="robots"[^>]*>/, ''),
    )
    const v = await visit(context, server.url)
    expect(v.outcome).toBe('ready')
    expect(await v.page.title()).toBe('Truth')
    expect(await v.page.getAttribute('meta[name=robots]', 'content')).toBe('all')
  })

  const spoiled: Readonly<Record<string, (html: string) => string>> = {
    'an attribute more': html => html.replace('<main', '<main hidden'),
    'an attribute less': html => html.replace(' class="a"', ''),
    'another attribute': html => html.replace('class="a"', 'class="b"'),
    'another text': html => html.replace('one', 'two'),
    'an element more': html => html.replace('<ul>', '<ul><li>evil</li>'),
    'an element less': html => html.replace('<li>1</li>', ''),
    'another element': html => html.replace('<em>x</em>', '<strong>x</strong>'),
    'all missing': () => '',
    'all else': () => '<table><tr><td>evil</table><!-- c -->tail',
  }
  for (const [title, spoil] of Object.entries(spoiled))
    it(`mends a body with ${title}`, async () => {
      const right = await serve(
        server,
        '(main (p :class "a" "one " (em "x")) (ul (li 1) (li 2)) (table (tr (td "t"))))',
        spoil,
      )
      const v = await visit(context, server.url)
      expect(v.outcome).toBe('ready')
      const wanted = await v.page.evaluate(
        html => new DOMParser().parseFromString(`<!doctype html><body>${html}`, 'text/html').body.innerHTML,
        right,
      )
      expect(await v.page.innerHTML('body')).toBe(wanted)
    })

  it('leaves the page when rendering fails half way', async () => {
    await serve(server, '(main (p "ok") (first 5))'.replace('(first 5)', '"later"'), () => '<p>server</p>')
    const page = put(server, {
      kind: 'page',
      path: '/',
      meta: new Map(),
      body: readOne('(main (p "ok") (error "no"))'),
    })
    const closure = put(server, { kind: 'closure', links: [] })
    server.pages.set('/', htmlOf(server, { page, path: '/', closure, defs: {}, body: '<p>server</p>' }))
    const v = await visit(context, server.url)
    expect(v.outcome).toBe('failed')
    expect(v.mutations).toEqual([])
    expect(await v.page.innerHTML('body')).toBe('<p>server</p>')
  })
})
