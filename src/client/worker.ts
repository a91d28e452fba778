// The service worker of a site, `sx-worker.js` at the top of its files: what a reader has visited is there without a
// network. Pages and files come from the network first, so that a release that is broken is gone with the next one;
// blocks come from here first, for their names say what they are. What is kept is of one release: it is taken in only
// while the host still offers this very script, and the next release's is complete before it takes this one's place.
import { matches } from '../ipld/block.ts'
import { readStream } from '../ipld/inflate.ts'
import type { Manifest } from '../ipld/manifest.ts'
import { BLOCK_LIMIT } from './tiers/network.ts'

/**
 * Written in front of this script by the build. `site`: another one for each release whose pages or files differ.
 * `loader`: the SHA-256 of the one loader that runs, in base64, as the Content-Security-Policy has it.
 */
declare const sx: { readonly site: string; readonly loader: string }

/** The part of the service worker's global scope (Service Workers §4) that is used here. */
interface Scope {
  readonly registration: { readonly scope: string }
  readonly clients: { matchAll(options: object): Promise<Page[]> }
  readonly location: Location
  skipWaiting(): Promise<void>
  addEventListener(type: string, f: (event: WorkerEvent) => void): void
}
interface Page {
  readonly id: string
  postMessage(message: unknown): void
}
interface WorkerEvent {
  readonly request: Request
  readonly data: Message
  /** of a message; null when its page is there no more */
  readonly source: Page | null
  respondWith(answer: Promise<Response>): void
  waitUntil(work: Promise<unknown>): void
}

/** What pages say: where they have been, with all that this took; or that they go, and another release may come. */
export type Message = { readonly visited: readonly string[] } | { readonly leaving: true }
/** What they hear: `kept` when what they visited is there without a network; `refused`: a page with another loader. */
export type Told = { readonly sx: 'kept' } | { readonly sx: 'refused'; readonly url: string }

const self = globalThis as unknown as Scope
const { scope } = self.registration
const SITES = `sx site ${scope} `
const BLOCKS = 'sx blocks'
/** Milliseconds until a page that is here is shown, when the network says nothing. */
const PATIENCE = 3000
/** When more blocks than this are here, the older half goes. */
const MOST_BLOCKS = 4000

const site = caches.open(SITES + sx.site)
const blocks = caches.open(BLOCKS)

const tell = async (told: Told): Promise<void> => {
  for (const client of await self.clients.matchAll({ includeUncontrolled: true })) client.postMessage(told)
}

/** The CID that a URL of one of our paths, or of a gateway, asks for. */
const cidIn = ({ pathname, search }: URL): string | undefined => {
  const [, place, cid] = /\/(sx\/h|_sx\/b|ipfs)\/(b[a-z2-7]{58})$/.exec(pathname) ?? []
  return place === 'ipfs' && !search.includes('format=raw') ? undefined : cid
}

const keep = async (cid: string, answer: Response): Promise<void> => {
  const bytes = await readStream(answer.body!, BLOCK_LIMIT)
  if (!matches(cid, new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))) return
  const headers = { 'content-type': 'application/octet-stream' }
  await (await blocks).put(`https://sx.invalid/${cid}`, new Response(bytes, { headers }))
}

const block = async (cid: string, request: Request, event?: WorkerEvent): Promise<Response> => {
  // Whoever asks past caches was lied to.
  const here =
    request.cache === 'reload' ? undefined : await (await blocks).match(`https://sx.invalid/${cid}`)
  if (here) return here
  const answer = await fetch(request)
  if (answer.ok) {
    const kept = keep(cid, answer.clone()).catch(() => {})
    if (event) event.waitUntil(kept)
    else await kept
  }
  return answer
}

/** Does the host still offer this release? Throws where there is no network. */
const isCurrent = async (): Promise<boolean> =>
  (await (await fetch(self.location.href, { cache: 'no-store' })).text()).includes(sx.site)

/** A page's loader is all that its reader has to trust: the one that was there first stays until the release is another. */
const isOurs = async (html: string): Promise<boolean> => {
  const [, loader] = /<script type="module" async>([\s\S]*?)<\/script>/.exec(html) ?? []
  if (loader === undefined) return true
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(loader))
  return btoa(String.fromCharCode(...new Uint8Array(digest))) === sx.loader
}

const isHtml = (answer: Response): boolean => /^text\/html/.test(answer.headers.get('content-type') ?? '')

const here = async (request: Request): Promise<Response | undefined> =>
  (await site).match(request.url, { ignoreVary: true, ignoreSearch: request.mode === 'navigate' })

const offline = (): Response =>
  new Response(
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>No network</title><h1>No network</h1><p>This page was not visited before. <a href="">Try again</a>.',
    { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } },
  )

/** From the network; from here when that fails, says nothing, or sends a page that is none of this release. */
const file = async (request: Request): Promise<Response> => {
  const kept = await here(request)
  try {
    const answer = await Promise.race([
      fetch(request),
      new Promise<never>((_, late) => kept && setTimeout(late, PATIENCE)),
    ])
    if (!kept) return answer
    if (answer.status >= 500) return kept
    if (!answer.ok || !isHtml(answer) || (await isOurs(await answer.clone().text()))) return answer
    // Of the next release, which this script knows nothing of; or somebody's who lies.
    if (!(await isCurrent())) return answer
    await tell({ sx: 'refused', url: request.url })
    return kept
  } catch (error) {
    if (kept) return kept
    if (request.mode === 'navigate') return offline()
    throw error
  }
}

/** What a page asks for with its first requests, from where the host has it. Throws where there is no network. */
const bring = async (html: string): Promise<void> => {
  const [, json] = /data-sx-manifest>(.*?)<\/script>/.exec(html) ?? []
  if (!json) return
  const { boot, parts = [], packs }: Manifest = JSON.parse(json)
  for (const cid of [boot.kernel, ...parts, ...packs]) await block(cid, new Request(`${scope}_sx/b/${cid}`))
}

/** Copies of what the host has at these addresses, all of this release. Throws where that can't be had. */
const copies = async (urls: readonly string[]): Promise<[string, Response][]> => {
  const found: [string, Response][] = []
  for (const url of urls) {
    const answer = await fetch(url, { cache: 'no-cache' })
    if (answer.status >= 500) throw Error(`status ${answer.status}`)
    if (!answer.ok) continue
    if (isHtml(answer)) {
      const html = await answer.clone().text()
      if (!(await isOurs(html))) continue
      await bring(html)
    }
    // A copy: what was redirected can't be shown as a page.
    found.push([url, new Response(await answer.blob(), { headers: answer.headers })])
  }
  return (await isCurrent()) ? found : []
}

const visited = async (urls: readonly string[]): Promise<void> => {
  const cache = await site
  const wanted: string[] = []
  for (const text of new Set(urls)) {
    const url = new URL(text)
    const cid = cidIn(url)
    if (cid) await block(cid, new Request(text)).catch(() => {})
    else if (text.startsWith(scope) && text !== self.location.href && !(await cache.match(text)))
      wanted.push(text)
  }
  if (wanted.length && (await isCurrent()))
    for (const [url, answer] of await copies(wanted)) await cache.put(url, answer)
  await tell({ sx: 'kept' })
}

/** The next release takes over when the page that leaves was the last: the one that it goes to isn't there yet. */
const leave = async (leaving: Page | null): Promise<void> => {
  const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  if (all.every(({ id }) => id === leaving?.id)) await self.skipWaiting()
}

const others = async (): Promise<string[]> =>
  (await caches.keys()).filter(name => name.startsWith(SITES) && name !== SITES + sx.site)

self.addEventListener('install', event =>
  event.waitUntil(
    (async () => {
      const urls = new Set<string>()
      for (const name of await others())
        for (const { url } of await (await caches.open(name)).keys()) urls.add(url)
      if (!urls.size) return
      const found = await copies([...urls])
      if (!(await isCurrent())) throw Error('a later release is offered')
      for (const [url, answer] of found) await (await site).put(url, answer)
    })(),
  ),
)

self.addEventListener('activate', event =>
  event.waitUntil(
    (async () => {
      for (const name of await others()) await caches.delete(name)
      const cache = await blocks
      const all = await cache.keys()
      if (all.length > MOST_BLOCKS) for (const old of all.slice(0, all.length / 2)) await cache.delete(old)
    })(),
  ),
)

self.addEventListener('fetch', event => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || request.headers.has('range')) return
  const cid = cidIn(url)
  if (cid) event.respondWith(block(cid, request, event))
  else if (request.url.startsWith(scope)) event.respondWith(file(request))
})

self.addEventListener('message', event => {
  const { data } = event
  event.waitUntil('visited' in data ? visited(data.visited).catch(() => {}) : leave(event.source))
})
