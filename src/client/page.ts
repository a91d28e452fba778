// The page as a whole, fetched when it can already be used: rendered from its verified definitions to HTML, parsed by
// the document's own parser, and compared with what the server sent. From here on everything shown is proven.
import type { PageNode } from '../ipld/kinds.ts'
import type { Place } from '../ipld/place.ts'
import type { Core } from '../runtime/core.ts'
import { createHtmlSink } from '../runtime/html.ts'
import type { HeadElement } from '../runtime/machine.ts'
import { adoptChildren, adoptHead, parseBody } from './adopt.ts'
import type { LoadedDefinitions } from './definitions.ts'
import type { Call, Islands } from './islands.ts'
import type { Loaded } from './page-packs.ts'
import type { Home, PageParts, Start } from './platform.ts'
import type { Keeper } from './state.ts'
import { whenWanted } from './when-wanted.ts'

export { adoptHead, parseBody, whenWanted }

/** Put in by the build: CID of words.ts, which knows the modules of the runtime. */
declare const SX_WORDS: string
/** The same of state.ts. */
declare const SX_STATE: string
/** The same of offline.ts. */
declare const SX_OFFLINE: string
/** The same of status.ts. */
declare const SX_STATUS: string
/** The same of navigate.ts. */
declare const SX_NAVIGATE: string

export interface Shown {
  readonly page: PageNode
  readonly place: Place | undefined
  /** the page is not the one that the manifest was made for */
  readonly other: boolean
  readonly definitions: LoadedDefinitions
  readonly run: <T>(cid: string) => Promise<T>
  /** CIDs of the modules in `core`; undefined: the manifest doesn't say */
  readonly modules: readonly string[] | undefined
  readonly core: Core
  readonly coreWith: (modules: readonly string[]) => Promise<Core>
  /** how the page writes an address */
  readonly at: (value: string) => string
  readonly islands: Islands
  /** what islands are brought to life with; `at`: of the page that is shown, which `url` asks */
  readonly habitat: Home
  /** what extensions are made with that reach for blocks */
  readonly parts: PageParts
  readonly start: Start
  /** what the page was proven from; undefined: it came block by block */
  readonly loaded: Loaded | undefined
  readonly keeper?: Keeper | undefined
}

/** CIDs of the runtime's modules that all that is loaded needs. */
export const modulesOf = async (
  definitions: LoadedDefinitions,
  run: Shown['run'],
): Promise<readonly string[]> =>
  (await run<typeof import('./words.ts')>(SX_WORDS)).modulesFor(definitions.all())

/** Renders the page, with what words its definitions turn out to need. */
export function rendered(o: Shown): Promise<RenderedPage> {
  const { definitions, run } = o
  const attempt = async (core: Core, cids: readonly string[]): Promise<RenderedPage> => {
    const listed = definitions.count.definitions
    let failure: unknown
    const page = await render(core, o).catch(error => {
      failure = error
    })
    if (page && o.modules && definitions.count.definitions === listed) return page
    // A definition that no closure listed may bring words that need a module more, or mean something else with it.
    const needed = await modulesOf(definitions, run)
    if (needed.some(cid => !cids.includes(cid))) return attempt(await o.coreWith(needed), needed)
    if (page) return page
    throw failure
  }
  return attempt(o.core, o.modules ?? [])
}

/** Changes nothing and rejects when a definition can't be had or fails to render. */
export async function show(o: Shown): Promise<void> {
  const { run, islands } = o
  if ('sxStatus' in document.documentElement.dataset)
    // Nobody waits for it, or misses it.
    run<typeof import('./status.ts')>(SX_STATUS)
      .then(({ showStatus }) => showStatus({ ...o.start, count: o.definitions.count }))
      .catch(() => {})
  const { html, head, title, calls } = await rendered(o)
  const body = parseBody(html)
  const callOf = new Map(
    [...body.querySelectorAll('[data-sx-island]')].map((element, i) => [element, calls[i]!]),
  )
  const found = new Map<Element, Call>()
  adoptChildren(document.body, body, (now, wanted) => {
    found.set(now, callOf.get(wanted)!)
    // What lives was made from verified definitions: it is right if it began as the page says.
    if (!islands.alive.has(now)) return false
    if (said.every(name => now.getAttribute(name) === wanted.getAttribute(name))) return true
    islands.end(now)
    return false
  })
  for (const element of islands.alive.keys()) if (!element.isConnected) islands.end(element)
  adoptHead(head, o.other)
  if (title !== undefined && document.title !== title) document.title = title
  // Under `sx dev`, what readers have made of the page outlives an edit.
  const keeper =
    'sxKeep' in document.documentElement.dataset
      ? (await run<typeof import('./state.ts')>(SX_STATE)).createKeeper(islands, o.habitat.shared)
      : undefined
  await Promise.all(
    islands
      .waiting()
      .map(element =>
        whenWanted(element, () => islands.hydrate(element, found.get(element), () => keeper?.alive(element))),
      ),
  )
  keeper?.settled()
  if ('sxOffline' in document.documentElement.dataset && o.place)
    // Nor for this.
    run<typeof import('./offline.ts')>(SX_OFFLINE)
      .then(({ keepOffline }) => keepOffline(o.place!.base, o.start.tell))
      .catch(() => {})
  if ('navigation' in globalThis && document.documentElement.dataset.sxNavigation !== 'off' && !o.other)
    // A page can do without.
    run<typeof import('./navigate.ts')>(SX_NAVIGATE).then(
      ({ navigate }) => navigate({ ...o, keeper }, { adoptHead, parseBody, rendered, whenWanted }),
      () => {},
    )
}

/** Which island an element is, and what it begins with. */
const said = ['data-sx-island', 'data-sx-state']

export interface RenderedPage {
  /** of islands, in the order of their elements */
  readonly calls: readonly Call[]
  readonly html: string
  readonly head: readonly HeadElement[]
  readonly title: string | undefined
}

/** The page as the publisher renders it: the same content, title and metadata from the same node. */
async function render(core: Core, { page, place, at: url }: Shown): Promise<RenderedPage> {
  const scope = new Map(place?.params)
  const sink = createHtmlSink()
  const calls: Call[] = []
  const open = sink.island
  sink.island = (f, m, args, keys) => {
    calls.push({ args, keys, k: m.k })
    open.call(sink, f, m, args, keys)
  }
  const { head } = await core.renderTo(sink, page.body, scope, { url })
  const elements: HeadElement[] = head.filter(e => e.tag !== 'title')
  let title = head.find(e => e.tag === 'title')?.text
  for (const [name, form] of page.meta) {
    const value = await core.evaluate(form, scope, { url })
    if (typeof value !== 'string' && typeof value !== 'number') continue
    if (name === 'title') title ??= String(value)
    else if (
      !elements.some(e => e.tag === 'meta' && e.attributes.some(([k, v]) => k === 'name' && v === name))
    )
      elements.push({
        tag: 'meta',
        attributes: [
          ['name', name],
          ['content', String(value)],
        ],
        text: '',
      })
  }
  return { html: sink.take(), head: elements, title, calls }
}
