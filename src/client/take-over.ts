// Another page takes the document: its definitions are verified, it is rendered, and then its body stands in the old one's
// place. Fetched with the first page that anybody goes to, or might.
import type { Manifest } from '../ipld/manifest.ts'
import { arrive } from './arrive.ts'
import type { Call } from './islands.ts'
import { type NextPage, readNext } from './next-page.ts'
import type { Shown } from './page.ts'
import { type Loaded, loadPacks } from './page-packs.ts'
import type { Ready } from './platform.ts'
import { replaceBody, takeSheets, takeStyles } from './style-sheets.ts'

/** Put in by the build: CID of ways.ts. */
declare const SX_WAYS: string

/** What page.ts has, so that it is there once. */
export type Showing = Pick<typeof import('./page.ts'), 'adoptHead' | 'parseBody' | 'rendered' | 'whenWanted'>

export interface Taking {
  /** the page that is shown first */
  readonly first: NextPage
  /** Resolves when all definitions of a page are here and verified. What is here already isn't asked for. */
  load(answer: Response): Promise<NextPage>
  /** Shows a page that was loaded. Changes nothing when it rejects, or `signal` says that another is wanted meanwhile. */
  show(page: NextPage, signal: AbortSignal, scroll: () => void): Promise<void>
}

const root = document.documentElement

/** Which island an element is: those of the same one, in the same surroundings, with the same beginning. */
const nameOf = (island: Element): string => {
  let name = `${island.getAttribute('data-sx-island')} ${island.getAttribute('data-sx-state')}`
  for (let e = island.parentElement; e && e.localName !== 'body'; e = e.parentElement)
    name += `/${e.localName}#${e.id}`
  return name
}

/** Islands that no other is around, and whose elements say all that they begin with. */
const outermost = '[data-sx-island]:not([data-sx-page], [data-sx-island] *)'

export const createTaking = (
  first: Shown,
  { adoptHead, parseBody, rendered, whenWanted }: Showing,
): Taking => {
  const { definitions, run, coreWith, islands, habitat, parts, start, keeper } = first
  const { kernel, tell, resolver } = start
  /** of the page that was loaded last: others share some of them */
  let packs: Loaded['packs'] = first.loaded?.packs ?? []

  const loadDefinitions = async (target: Manifest, pathname: string): Promise<void> => {
    if (definitions.has(target.page)) return
    const key = `sx ${pathname}`
    let held: string | undefined
    try {
      held = localStorage[key]
    } catch {
      // Storage is denied.
    }
    const early = target.packs.map(async cid => {
      const had = packs.find(pack => pack.cid === cid)
      return had
        ? { bytes: had.bytes, tier: { name: 'memory', get: async () => had.bytes } }
        : resolver.get(cid)
    })
    const codes = definitions.code(target.bytecode)
    const ports = { ...start, manifest: target, target, key, held, early: held ? [] : early }
    const { createWays } = await run<typeof import('./ways.ts')>(SX_WAYS)
    const ways = createWays(ports)
    let found = held ? await ways.fromHeld() : undefined
    if (target.packs.length) found ??= await loadPacks(ports)
    if (!found) return ways.closure(definitions.node, target.bytecode)
    definitions.accept(found)
    await codes
    packs = found.packs
    void ways.keep(found)
  }

  /** Puts the new page in the old one's place. Islands that are in both stay, unless what they show moves with the address. */
  const change = (body: HTMLElement, calls: readonly Call[]): Map<Element, Call> => {
    const callOf = new Map(
      [...body.querySelectorAll('[data-sx-island]')].map((element, i) => [element, calls[i]!]),
    )
    const waiting = [...body.querySelectorAll(outermost)]
    for (const [element, { over }] of islands.alive) {
      const at = waiting.findIndex(one => nameOf(one) === nameOf(element))
      if (at >= 0 && !over && !element.querySelector('[srcset]'))
        waiting.splice(at, 1)[0]!.replaceWith(element)
    }
    replaceBody([...body.childNodes])
    for (const element of islands.alive.keys()) if (!element.isConnected) islands.end(element)
    return callOf
  }

  return {
    first: {
      manifest: start.manifest,
      place: first.place!,
      url: location.href,
      lang: root.lang,
      title: document.title,
      otherStyles: false,
    },
    async load(answer) {
      const page = await readNext(answer, first.place!.base, start.manifest.boot)
      const { manifest, url } = page
      // Beside the definitions, so that its modules are here when the page is shown.
      coreWith(manifest.runtime ?? []).catch(() => {})
      await loadDefinitions(manifest, new URL(url).pathname)
      return page
    },
    async show(next, signal, scroll) {
      const { manifest: target, place } = next
      const began = performance.now()
      const page = await definitions.node(target.page)
      if (page.kind !== 'page') throw Error(`${target.page} is no page`)
      Object.assign(parts, { manifest: target, target })
      const core = await coreWith(target.runtime ?? [])
      const at = kernel.relativeTo(place.path)
      const { html, head, title, calls } = await rendered({
        ...first,
        page,
        place,
        modules: target.runtime,
        core,
        at,
      })
      const [text, applyStyles] = takeStyles(html, next.otherStyles)
      const body = parseBody(text)
      const applySheets = await takeSheets(body)
      let callOf = new Map<Element, Call>()
      const swap = (): void => {
        if (signal.aborted) return
        Object.assign(habitat, { core, at })
        start.events.length = 0
        applyStyles()
        callOf = change(body, calls)
        applySheets()
        adoptHead(head, true)
        document.title = title ?? next.title
        root.lang = next.lang
        document.querySelector('script[data-sx-manifest]')!.textContent = JSON.stringify(target)
        scroll()
        arrive()
      }
      const smooth =
        root.dataset.sxNavigation === 'transition' &&
        'startViewTransition' in document &&
        !matchMedia('(prefers-reduced-motion: reduce)').matches
      if (smooth) {
        const { updateCallbackDone, ready } = document.startViewTransition(swap)
        // One that is skipped is no failure.
        ready.catch(() => {})
        await updateCallbackDone
      } else swap()
      if (signal.aborted) return
      await Promise.all(
        islands
          .waiting()
          .map(element =>
            whenWanted(element, () =>
              islands.hydrate(element, callOf.get(element), () => keeper?.alive(element)),
            ),
          ),
      )
      const ready: Ready = { page: target.page, ...definitions.count, ms: performance.now() - began }
      tell('sx:ready', ready)
    },
  }
}
