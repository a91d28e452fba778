import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cidOf, DAG_CBOR } from '../../src/ipld/cid.ts'
import { joined } from '../../src/publish/parts.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { client, htmlOf, type PageParts, putRaw, sha256, visit } from './page-fixture.ts'

/** Puts a node that is written by the reference codec, and not by ours, and gives its CID. */
const put = (server: PageServer, node: object): string => {
  const bytes = encode({ sx: 1, ...node })
  const cid = cidOf(DAG_CBOR, sha256(bytes))
  server.blocks.set(cid, bytes)
  return cid
}
const link = (cid: string): CID => CID.parse(cid)

interface Site extends PageParts {
  readonly price: string
  readonly card: string
  readonly layout: string
}

/** A page of three definitions: a layout, a card, a function. */
function site(server: PageServer, over: Partial<PageParts> = {}, path = '/'): Site {
  const price = put(server, { kind: 'value', body: ['fn', ['n'], ['str', '"£', 'n']] })
  const card = put(server, {
    kind: 'component',
    params: ['&key', 'title', 'cost', '&rest', 'children'],
    body: [
      ['article', ':class', '"card', ['h2', 'title'], ['p', [link(price), 'cost'], '" each'], 'children'],
    ],
  })
  const layout = put(server, {
    kind: 'component',
    params: ['&rest', 'children'],
    body: [['main', ':id', '"top', ['nav', ['a', ':href', '"/market', '"Market']], 'children']],
  })
  const pageNode = put(server, {
    kind: 'page',
    path,
    meta: { title: '"Bread & roses' },
    body: [
      link(layout),
      [link(card), ':title', '"Bread', ':cost', 3, ['em', '"fresh']],
      [link(card), ':title', '"Roses <red>', ':cost', 5],
      ['ul', ['map', ['fn', ['x'], ['li', 'x']], ['list', 1, 2, 3]]],
      ['input', ':type', '"text', ':disabled', true],
    ],
  })
  const closure = put(server, { kind: 'closure', links: [link(layout), link(price), link(card)] })
  const body =
    '<main id="top"><nav><a href="market/">Market</a></nav>' +
    '<article class="card"><h2>Bread</h2><p>£3 each</p><em>fresh</em></article>' +
    '<article class="card"><h2>Roses &lt;red&gt;</h2><p>£5 each</p></article>' +
    '<ul><li>1</li><li>2</li><li>3</li></ul><input type="text" disabled></main>'
  return {
    page: pageNode,
    path,
    closure,
    defs: { '~card': card },
    body,
    title: 'Bread & roses',
    price,
    card,
    layout,
    runtime: [putRaw(server, client.modules.loops!.code)],
    ...over,
  }
}

describe.skipIf(!hasChromium())('platform in Chromium', () => {
  let browser: Browser
  let context: BrowserContext
  let server: PageServer
  beforeAll(async () => {
    browser = await launchChromium(['--host-resolver-rules=MAP plain.test 127.0.0.1'])
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
  const open = (path = '/') => visit(context, server.url + path)
  /** Without what comes when everything is there. */
  const asked = (): string[] => {
    const navigate = putRaw(server, client.modules.navigate!.code)
    return server.asked.filter(cid => cid !== navigate)
  }

  it('adopts what the server rendered without one change in the body', async () => {
    const s = site(server)
    server.pages.set('/', htmlOf(server, s))
    const v = await open()
    expect(v.console).toEqual([])
    expect(v.outcome).toBe('ready')
    expect(v.mutations).toEqual([])
    expect(v.ready).toMatchObject({
      page: s.page,
      definitions: 5,
      from: { memory: 0, indexeddb: 0, network: 5 },
    })
    expect(asked().sort()).toEqual(
      [
        s.page,
        s.closure,
        s.price,
        s.card,
        s.layout,
        // The platform is in it.
        putRaw(server, client.kernel.code),
        putRaw(server, client.modules.page!.code),
        putRaw(server, client.modules.loops!.code),
        // It has no packs.
        putRaw(server, client.modules.ways!.code),
      ].sort(),
    )
  })

  it('loads no definition from the network on the second visit', async () => {
    server.pages.set('/', htmlOf(server, site(server)))
    await open()
    server.asked.length = 0
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(v.ready).toMatchObject({ definitions: 5, from: { memory: 0, indexeddb: 5, network: 0 } })
    expect(server.asked.filter(cid => cid.startsWith('bafyrei'))).toEqual([])
    expect(v.mutations).toEqual([])
  })

  for (const which of ['card', 'price', 'page', 'closure'] as const)
    it(`never renders a ${which} of which a byte was flipped, says so, and leaves the page`, async () => {
      const s = site(server, { body: '<p>server</p>' })
      server.pages.set('/', htmlOf(server, s))
      server.faults.set(s[which], { kind: 'flip', at: server.blocks.get(s[which])!.length - 2 })
      const v = await open()
      expect(v.outcome).toBe('failed')
      expect(v.mutations).toEqual([])
      expect(await v.page.innerHTML('body')).toBe('<p>server</p>')
      expect(v.errors[0]).toEqual({ cid: s[which], source: `${server.url}/_sx/b/{cid}`, reason: 'mismatch' })
      expect(v.console.some(line => line.startsWith('error: sx: skipped') && line.includes(s[which]))).toBe(
        true,
      )
      expect(v.console.filter(line => line.includes('stays as the server sent it'))).toHaveLength(1)
    })

  it('never renders another definition in place of the one asked for', async () => {
    const s = site(server, { body: '<p>server</p>' })
    server.pages.set('/', htmlOf(server, s))
    server.faults.set(s.card, { kind: 'lie', with: server.blocks.get(s.layout)! })
    const v = await open()
    expect(v.outcome).toBe('failed')
    expect(v.errors[0]).toMatchObject({ cid: s.card, reason: 'mismatch' })
    expect(await v.page.innerHTML('body')).toBe('<p>server</p>')
  })

  it('notices what was tampered with in storage, renders the truth, and heals the storage', async () => {
    const s = site(server)
    server.pages.set('/', htmlOf(server, s))
    const first = await open()
    await first.page.evaluate(
      async ([card, price]) => {
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const request = indexedDB.open('sx')
          request.onsuccess = () => resolve(request.result)
          request.onerror = reject
        })
        await new Promise(resolve => {
          const transaction = database.transaction('blocks', 'readwrite')
          transaction.oncomplete = resolve
          transaction.objectStore('blocks').put(new Uint8Array([1, 2, 3]), card)
          transaction.objectStore('blocks').put({ not: 'bytes' }, price)
        })
        database.close()
      },
      [s.card, s.price] as const,
    )
    server.asked.length = 0
    const second = await open()
    expect(second.outcome).toBe('ready')
    expect(second.mutations).toEqual([])
    expect(second.errors).toEqual(
      expect.arrayContaining(
        [s.card, s.price].map(cid => ({ cid, source: 'indexeddb', reason: 'mismatch' })),
      ),
    )
    expect(second.ready?.from).toEqual({ memory: 0, localstorage: 0, indexeddb: 3, network: 2 })
    const third = await open()
    expect(third.errors).toEqual([])
    expect(third.ready?.from).toEqual({ memory: 0, localstorage: 0, indexeddb: 5, network: 0 })
  })

  it('works where storage is denied, and says nothing about it', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(globalThis, 'indexedDB', {
        get() {
          throw new DOMException('denied', 'SecurityError')
        },
      })
    })
    server.pages.set('/', htmlOf(server, site(server)))
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(v.console).toEqual([])
    expect(v.ready?.from.network).toBe(5)
  })

  it('works on plain http, where there is no crypto.subtle', async () => {
    server.pages.set('/', htmlOf(server, site(server)))
    const v = await visit(context, `http://plain.test:${server.port}/`)
    expect(await v.page.evaluate(() => crypto.subtle === undefined)).toBe(true)
    expect(v.outcome).toBe('ready')
    expect(v.mutations).toEqual([])
  })

  it('notices a flipped byte on plain http too', async () => {
    const s = site(server, { body: '<p>server</p>' })
    server.pages.set('/', htmlOf(server, s))
    server.faults.set(s.card, { kind: 'flip' })
    const v = await visit(context, `http://plain.test:${server.port}/`)
    expect(v.outcome).toBe('failed')
    expect(await v.page.innerHTML('body')).toBe('<p>server</p>')
  })

  it('mends a body that is not what the page renders, and only where it differs', async () => {
    const s = site(server)
    server.pages.set('/', htmlOf(server, { ...s, body: s.body.replace('£5', '£50') }))
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(await v.page.innerHTML('body')).toBe(s.body.replace('disabled', 'disabled=""'))
    expect(v.mutations.length).toBeGreaterThan(0)
    expect(v.mutations.length).toBeLessThan(4)
  })

  /** A page with `match` in it, which the kernel doesn't know; `late`: only in a definition that no closure lists. */
  const rare = (
    late: boolean,
    over: Partial<PageParts> = {},
  ): { readonly html: string; readonly match: string } => {
    const form = ['match', '"b', ['"a', '"one'], ['"b', '"two']]
    const card = put(server, { kind: 'component', params: [], body: [['p', form]] })
    const page = put(server, { kind: 'page', path: '/', meta: {}, body: ['main', [link(card)]] })
    const closure = put(server, { kind: 'closure', links: late ? [] : [link(card)] })
    const body = '<main><p>two</p></main>'
    const html = htmlOf(server, { page, path: '/', closure, defs: {}, body, ...over })
    return { html, match: putRaw(server, client.modules.match!.code) }
  }

  for (const late of [false, true])
    it(`fetches the module of a word that the kernel doesn't know${late ? ', also when the word comes late' : ''}`, async () => {
      const { html, match } = rare(late)
      server.pages.set('/', html)
      const v = await open()
      expect(v.console).toEqual([])
      expect(v.outcome).toBe('ready')
      expect(v.mutations).toEqual([])
      const modules = Object.values(client.modules).map(({ code }) => putRaw(server, code))
      // Nobody named it: the list of words is asked first.
      const words = putRaw(server, client.modules.words!.code)
      const page = putRaw(server, client.modules.page!.code)
      // It has no packs: its closure is loaded block by block.
      const ways = putRaw(server, client.modules.ways!.code)
      expect(asked().filter(cid => modules.includes(cid))).toEqual([page, ways, words, match])
    })

  it('fetches a module that the manifest names with everything else, and nothing more', async () => {
    const { match } = rare(false)
    server.pages.set('/', rare(false, { runtime: [match] }).html)
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(v.mutations).toEqual([])
    const modules = Object.values(client.modules).map(({ code }) => putRaw(server, code))
    const show = putRaw(server, client.modules.page!.code)
    const ways = putRaw(server, client.modules.ways!.code)
    const fetched = asked().filter(cid => modules.includes(cid))
    expect(fetched.slice().sort()).toEqual([match, show, ways].sort())
  })

  /** `page`, `ways` and `match` in one file */
  const together = (): { readonly file: string; readonly modules: ReadonlyMap<string, Uint8Array> } => {
    const { page, ways, match } = client.modules
    const modules = new Map([page!, ways!, match!].map(({ code }) => [putRaw(server, code), code]))
    return { file: putRaw(server, joined(modules)), modules }
  }

  it('takes modules from the file that holds them all, and asks for none by itself', async () => {
    const { match } = rare(false)
    const { file, modules } = together()
    server.pages.set('/', rare(false, { runtime: [match], parts: [file] }).html)
    const v = await open()
    expect([v.outcome, v.console, v.mutations]).toEqual(['ready', [], []])
    expect(asked().filter(cid => cid === file)).toEqual([file])
    expect(asked().filter(cid => modules.has(cid))).toEqual([])
  })

  it('asks for modules one by one where the file that holds them was changed on its way', async () => {
    const { match } = rare(false)
    const { file, modules } = together()
    server.pages.set('/', rare(false, { runtime: [match], parts: [file] }).html)
    server.faults.set(file, { kind: 'flip' })
    const v = await open()
    expect([v.outcome, v.mutations]).toEqual(['ready', []])
    expect(v.errors[0]).toMatchObject({ cid: file, reason: 'mismatch' })
    expect(
      asked()
        .filter(cid => modules.has(cid))
        .sort(),
    ).toEqual([...modules.keys()].sort())
  })

  it('finds out for itself what a manifest does not say, where the kernel alone would say something else', async () => {
    // Without the module, halves are no rationals.
    const form = ['str', ['+', ['#ratio', 1, 2], ['#ratio', 1, 3]]]
    const page = put(server, { kind: 'page', path: '/', meta: {}, body: ['p', form] })
    const closure = put(server, { kind: 'closure', links: [] })
    const parts = { page, path: '/', closure, defs: {}, body: '<p>5/6</p>', silent: true }
    server.pages.set('/', htmlOf(server, parts))
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(v.mutations).toEqual([])
  })

  it('runs nothing of a module of which a byte was flipped', async () => {
    const { html, match } = rare(false)
    server.pages.set('/', html.replace('two</p>', 'server</p>'))
    server.faults.set(match, { kind: 'flip' })
    const v = await open()
    expect(v.outcome).toBe('failed')
    expect(v.errors[0]).toMatchObject({ cid: match, reason: 'mismatch' })
    expect(await v.page.innerHTML('body')).toBe('<main><p>server</p></main>')
  })

  it('renders a pattern page below any base with the parameters of the location', async () => {
    const node = put(server, {
      kind: 'page',
      path: '/posts/<slug>',
      meta: { title: ['str', '"Post ', 'slug'] },
      body: ['main', ['h1', 'slug'], ['a', ':href', '"/', '"home']],
    })
    const closure = put(server, { kind: 'closure', links: [] })
    const html = htmlOf(server, {
      page: node,
      path: '/posts/<slug>',
      closure,
      defs: {},
      title: 'Post hello',
      body: '<main><h1>hello</h1><a href="../../">home</a></main>',
    })
    server.pages.set('/ipfs/bafyroot/posts/hello/', html)
    const v = await open('/ipfs/bafyroot/posts/hello/')
    // Nothing but what a gateway would have had, and this server has not.
    expect(v.console.filter(line => !line.includes('404'))).toEqual([])
    expect(v.outcome).toBe('ready')
    expect(v.mutations).toEqual([])
    expect(await v.page.title()).toBe('Post hello')
  })

  it('shows a pattern page without instances from 404.html', async () => {
    const node = put(server, {
      kind: 'page',
      path: '/posts/<slug>',
      meta: { title: ['str', '"Post ', 'slug'] },
      body: ['main', ['h1', 'slug'], ['a', ':href', '"/market', '"market']],
    })
    const closure = put(server, { kind: 'closure', links: [] })
    const routes = [{ path: '/posts/<slug>', page: node, closure, packs: [], defs: {} }]
    const lost = site(server, {}, '/404')
    server.pages.set(
      '404',
      htmlOf(server, { ...lost, body: '<p>Nothing here</p>', title: 'Not found', routes }),
    )
    const v = await open('/posts/caf%C3%A9/')
    expect(v.outcome).toBe('ready')
    expect(await v.page.innerHTML('body')).toBe(
      '<main><h1>café</h1><a href="../../market/">market</a></main>',
    )
    expect(await v.page.title()).toBe('Post café')
  })

  it('leaves the page when a closure is something else, or larger than it may be', async () => {
    const s = site(server, { body: '<p>server</p>' })
    server.pages.set('/', htmlOf(server, { ...s, closure: s.card }))
    const v = await open()
    expect(v.outcome).toBe('failed')
    expect(await v.page.innerHTML('body')).toBe('<p>server</p>')
  })

  it('loads a definition that no closure lists, when the page needs it', async () => {
    const s = site(server)
    const closure = put(server, { kind: 'closure', links: [] })
    server.pages.set('/', htmlOf(server, { ...s, closure }))
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(v.mutations).toEqual([])
    expect(v.ready?.definitions).toBe(5)
  })

  it('loads a closure of parts', async () => {
    const s = site(server)
    const parts = [
      put(server, { kind: 'closure', links: [link(s.price)] }),
      put(server, { kind: 'closure', links: [link(s.card), link(s.layout)] }),
    ]
    const closure = put(server, { kind: 'closure', parts: parts.map(link) })
    server.pages.set('/', htmlOf(server, { ...s, closure }))
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(v.ready?.definitions).toBe(7)
  })
})
