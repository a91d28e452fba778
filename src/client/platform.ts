// The platform: storage in front of the network, the page's definitions, and what they make of the document.
import type { Manifest, PageTarget } from '../ipld/manifest.ts'
import type { Place } from '../ipld/place.ts'
import type { CoreParts } from '../runtime/core.ts'
import type { Extension } from '../runtime/form.ts'
import type { Shared } from '../runtime/machine.ts'
import { createDefinitions, type LoadedDefinitions } from './definitions.ts'
import { createIslands } from './islands.ts'
import { type Loaded, loadPacks } from './page-packs.ts'
import type { Resolver } from './resolver.ts'
import type { Ways, WaysPorts } from './ways.ts'

/** Put in by the build: CID of page.ts. */
declare const SX_PAGE: string
/** The same of ways.ts. */
declare const SX_WAYS: string

export interface Start extends WaysPorts {
  readonly manifest: Manifest
  /** the page to show: the manifest's own, or a route of it */
  readonly target: PageTarget
  /** undefined when the page's pattern is nowhere in the location */
  readonly place: Place | undefined
  readonly resolver: Resolver
  /** fetches, verifies and runs a JavaScript module */
  readonly run: <T>(cid: string) => Promise<T>
  /** what readers did in islands that don't live yet */
  readonly events: Event[]
  /** dispatches an event on the document */
  readonly tell: (type: string, detail: unknown) => void
}

/** What an extension that reaches for blocks is made with. */
export interface PageParts extends Pick<Start, 'manifest' | 'target' | 'resolver' | 'run'> {
  readonly definitions: LoadedDefinitions
}
/** Where islands live, whichever page is shown. */
export interface Home {
  core: CoreParts
  /** how that page writes an address */
  at: (value: string) => string
  /** asks `at` */
  readonly url: (value: string) => string
  readonly shared: Shared
}
/** How a core is made, which may get more of the runtime's modules later. */
export interface Making {
  core?: CoreParts
  /** of the modules that it has */
  readonly cids: string[]
  made(cid: string): Promise<Extension>
  /** the part of the client that knows which modules definitions need */
  page(): Promise<typeof import('./page.ts')>
}
export type MakeExtension = (page: PageParts, making: Making) => Extension

/** The detail of `sx:ready`. `bytes` and `from` are of definitions, kernel and platform not counted. */
export interface Ready {
  readonly page: string
  readonly definitions: number
  readonly bytes: number
  /** from the platform's start */
  readonly ms: number
  readonly from: Readonly<Record<'memory' | 'localstorage' | 'indexeddb' | 'network', number>>
}

/**
 * Loads the page's closure, then the part of the client that renders the whole page and adopts what the server rendered.
 * Then `data-sx="ready"` stands on the root element and `sx:ready` is dispatched. Rejects before anything is changed
 * when a definition can't be had or fails to render.
 */
export async function start(o: Start): Promise<void> {
  const { kernel, manifest, target, place, resolver, tell, events } = o
  const began = performance.now()
  /** by CID: what ran once is there for whoever wants it */
  const ran: Record<string, Promise<unknown>> = {}
  const run = <T>(cid: string): Promise<T> => (ran[cid] ??= o.run(cid)) as Promise<T>
  const ways = async (): Promise<Ways> => (await run<typeof import('./ways.ts')>(SX_WAYS)).createWays(o)
  const definitions = createDefinitions(kernel, resolver)
  const parts = { manifest, target, resolver, definitions, run }
  const coreWith = async (cids: readonly string[]): Promise<CoreParts> => {
    const made: Making['made'] = async cid => {
      const { extension } = await run<{ extension: Extension | MakeExtension }>(cid)
      return 'call' in extension ? extension(parts, making) : extension
    }
    const making: Making = { cids: [...cids], made, page: () => run(SX_PAGE) }
    return (making.core = kernel.createCore({
      definitions,
      limits: { now: () => performance.now() },
      extensions: await Promise.all(cids.map(made)),
    }))
  }
  const { runtime: modules, live = modules ?? [] } = target
  // What is needed in any case, while the islands come to life. Whoever awaits it hears of it.
  for (const cid of [SX_PAGE, ...(modules ?? [])]) run(cid).catch(() => {})
  let loaded: Loaded | undefined
  const load = async () => {
    const codes = definitions.code(manifest.bytecode)
    // Storage first, where it holds any version of the page.
    if (o.held) loaded = await (await ways()).fromHeld()
    if (target.packs.length) loaded ??= await loadPacks(o)
    if (loaded) definitions.accept(loaded)
    else await (await ways()).closure(definitions.node, manifest.bytecode)
    await codes
    return definitions.node(target.page)
  }
  const [page, first] = await Promise.all([load(), coreWith(live)])
  if (page.kind !== 'page') throw Error(`${target.page} is no page`)
  // The page for unknown addresses answers at any depth, so nothing in it is relative.
  const at = page.path === '/404' ? (value: string) => value : kernel.relativeTo(place?.path ?? page.path)
  if (document.readyState === 'loading')
    await new Promise(parsed => document.addEventListener('DOMContentLoaded', parsed, { once: true }))
  const habitat: Home = { at, core: first, url: value => habitat.at(value), shared: {} }
  const islands = createIslands(kernel, habitat, events, tell)
  const now = first.surrounds
    ? []
    : islands.waiting().filter(e => !e.matches('[data-sx-page], [data-sx-hydrate]'))
  await Promise.all(now.map(element => islands.hydrate(element)))
  tell('sx:live', { islands: now.length, ms: performance.now() - began })
  // Here the browser may show the page for the first time.
  await new Promise(painted => setTimeout(painted))
  const [{ show }, core] = await Promise.all([
    run<typeof import('./page.ts')>(SX_PAGE),
    modules && modules.length > live.length ? coreWith(modules) : first,
  ])
  habitat.core = core
  await show({
    page,
    place,
    other: target !== manifest,
    definitions,
    run,
    modules,
    core,
    coreWith,
    at,
    islands,
    habitat,
    parts,
    start: o,
    loaded,
  })
  document.documentElement.dataset.sx = 'ready'
  const ready: Ready = { page: target.page, ...definitions.count, ms: performance.now() - began }
  tell('sx:ready', ready)
  if (loaded) await (await ways()).keep(loaded)
}
