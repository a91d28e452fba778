// From page to page of a site without a new document: what islands hold, what was loaded and what was compiled stays. The
// Navigation API decides what is a navigation, and keeps history, scroll and focus (HTML §7.2.7); where it isn't, pages
// load as ever. The next page's HTML says what a reload would learn from it, its manifest; what is shown is rendered from
// definitions that were verified, and whatever is odd ends in an ordinary load.
import type { Manifest } from '../ipld/manifest.ts'
import { type Place, placeOf, segmentsOf } from '../ipld/place.ts'
import type { Call } from './islands.ts'
import type { Shown } from './page.ts'
import { loadPacks } from './page-packs.ts'
import type { Ready } from './platform.ts'
import type { Ways } from './ways.ts'

/** Put in by the build: CID of ways.ts. */
declare const SX_WAYS: string

/** What page.ts has, so that it is there once. */
export type Showing = Pick<typeof import('./page.ts'), 'adoptHead' | 'parseBody' | 'rendered' | 'whenWanted'>

/** The detail of `sx:navigate`, which is dispatched on the document first and can be cancelled: the page then loads. */
export interface Navigating {
  readonly url: string
}

interface Next {
  readonly manifest: Manifest
  readonly place: Place
  /** after redirects */
  readonly url: string
  readonly lang: string
  /** keeps what proved it; undefined: that is done, or it was loaded block by block */
  keep: (() => Promise<void>) | undefined
}

/** Pages that are known ahead, or from before. */
const MOST = 20
/** Milliseconds: how long a pointer rests on a link that is meant, a prefetched page is taken for new, a style sheet has. */
const [REST, FRESH, STYLES] = [65, 300_000, 3000]

const root = document.documentElement

const policyOf = (of: Document): string | null | undefined =>
  of.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content')

/** Style sheets of bodies, by their element's text: they move into the head, so that one that stays is not loaded again. */
const sheets = new Map<string, HTMLLinkElement>()

/** Takes the style sheets out of a body, and resolves when all of them style the document: nobody sees it without. */
const takeSheets = async (body: HTMLElement, url: string): Promise<ReadonlySet<HTMLLinkElement>> => {
  const wanted = new Set<HTMLLinkElement>()
  const coming: Promise<unknown>[] = []
  for (const link of body.querySelectorAll<HTMLLinkElement>('link[rel~="stylesheet"]')) {
    link.setAttribute('href', new URL(link.getAttribute('href')!, url).href)
    link.remove()
    const text = link.outerHTML
    let sheet = sheets.get(text)
    if (!sheet) {
      const made = document.importNode(link)
      coming.push(
        new Promise(done => {
          made.onload = made.onerror = done
          setTimeout(done, STYLES)
        }),
      )
      sheets.set(text, made)
      document.head.append(made)
      sheet = made
    }
    wanted.add(sheet)
  }
  await Promise.all(coming)
  return wanted
}

/** Which island an element is: those of the same one, in the same surroundings, with the same beginning. */
const nameOf = (island: Element): string => {
  let name = `${island.getAttribute('data-sx-island')} ${island.getAttribute('data-sx-state')}`
  for (let e = island.parentElement; e && e.localName !== 'body'; e = e.parentElement)
    name += `/${e.localName}#${e.id}`
  return name
}

export const navigate = (first: Shown, { adoptHead, parseBody, rendered, whenWanted }: Showing): void => {
  const { definitions, run, islands, habitat, parts, start } = first
  const { kernel, manifest, tell } = start
  let here: Place = first.place!
  const known = new Map<string, { readonly at: number; readonly next: Promise<Next> }>()
  let clicked: Element | undefined
  let waysModule: Promise<typeof import('./ways.ts')> | undefined

  /** The page's definitions: what is there already isn't asked for. */
  const load = async (manifest: Manifest, pathname: string): Promise<Next['keep']> => {
    if (definitions.nodes.has(manifest.page)) return
    const key = `sx ${pathname}`
    let held: string | undefined
    try {
      held = localStorage[key]
    } catch {
      // Storage is denied.
    }
    const ports = { ...start, manifest, target: manifest, key, held, early: [] }
    waysModule ??= run(SX_WAYS)
    const ways: Ways = (await waysModule).createWays(ports)
    let found = held ? await ways.fromHeld() : undefined
    if (manifest.packs.length) found ??= await loadPacks(ports)
    if (!found) {
      await ways.closure(definitions.node, manifest.bytecode)
      return
    }
    definitions.accept(found)
    const kept = found
    return () => ways.keep(kept)
  }

  const fetchPage = async (href: string): Promise<Next> => {
    const answer = await fetch(href, { headers: { accept: 'text/html' } })
    if (!answer.ok) throw Error(`status ${answer.status}`)
    const html = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const found: Manifest = JSON.parse(html.querySelector('script[data-sx-manifest]')!.textContent!)
    const { pathname } = new URL(answer.url)
    const place = placeOf(found.path, pathname)
    if (
      !place ||
      place.base !== here.base ||
      found.routes ||
      policyOf(html) !== policyOf(document) ||
      JSON.stringify(found.boot) !== JSON.stringify(manifest.boot)
    )
      throw Error('the page needs a document of its own')
    const keep = await load(found, pathname)
    return { manifest: found, place, url: answer.url, lang: html.documentElement.lang, keep }
  }

  const nextOf = (href: string, fresh: boolean): Promise<Next> => {
    const before = known.get(href)
    if (before && (!fresh || performance.now() - before.at < FRESH)) return before.next
    const next = fetchPage(href)
    known.delete(href)
    known.set(href, { at: performance.now(), next })
    if (known.size > MOST) known.delete(known.keys().next().value!)
    // Whoever needs it asks again.
    next.catch(() => known.delete(href))
    return next
  }

  /** Puts the new page in the old one's place; islands that are in both, where they link to nothing that moved, stay. */
  const change = (body: HTMLElement, calls: readonly Call[], place: Place): Map<Element, Call> => {
    const all = [...body.querySelectorAll('[data-sx-island]')]
    const callOf = new Map(all.map((element, i) => [element, calls[i]!]))
    const alike = segmentsOf(place.path).length === segmentsOf(here.path).length
    const alive = [...islands.alive.keys()].filter(
      element => element.isConnected && (alike || !element.querySelector('[href],[src],[srcset],[action]')),
    )
    const names = alive.map(nameOf)
    for (const element of all) {
      const at = names.indexOf(nameOf(element))
      if (at < 0) continue
      names[at] = ''
      element.replaceWith(alive[at]!)
    }
    document.body.replaceChildren(...body.childNodes)
    for (const element of islands.alive.keys()) if (!element.isConnected) islands.end(element)
    here = place
    return callOf
  }

  const go = async (next: Next, url: string, signal: AbortSignal): Promise<void> => {
    const { manifest: target, place } = next
    const began = performance.now()
    const page = await definitions.node(target.page)
    if (page.kind !== 'page') throw Error(`${target.page} is no page`)
    Object.assign(parts, { manifest: target, target })
    const core = await first.coreWith(target.runtime ?? [])
    const relative = kernel.relativeTo(place.path)
    const { html, head, title, calls } = await rendered({
      ...first,
      page,
      place,
      modules: target.runtime,
      core,
      url: relative,
    })
    const body = parseBody(html)
    const wanted = await takeSheets(body, next.url)
    if (signal.aborted) return
    // It answered from elsewhere: `/market` is `/market/`.
    const [asked, ...hash] = url.split('#')
    if (next.url !== asked) history.replaceState(history.state, '', [next.url, ...hash].join('#'))
    Object.assign(habitat, { core, url: relative })
    let callOf = new Map<Element, Call>()
    const swap = (): void => {
      callOf = change(body, calls, place)
      adoptHead(head, true)
      document.title = title ?? ''
      root.lang = next.lang
      document.querySelector('script[data-sx-manifest]')!.textContent = JSON.stringify(target)
      for (const [text, sheet] of sheets)
        if (!wanted.has(sheet)) {
          sheet.remove()
          sheets.delete(text)
        }
      document.body.append(voice)
    }
    if (root.dataset.sxNavigation === 'transition' && 'startViewTransition' in document)
      await document.startViewTransition(swap).updateCallbackDone
    else swap()
    await Promise.all(
      islands
        .waiting()
        .map(element => whenWanted(element, () => islands.hydrate(element, callOf.get(element)))),
    )
    voice.textContent = document.title
    const ready: Ready = { page: target.page, ...definitions.count, ms: performance.now() - began }
    tell('sx:ready', ready)
    wish()
    const { keep } = next
    next.keep = undefined
    await keep?.()
  }

  // Told to those who hear the page: the title, as when a page loads.
  const voice = document.createElement('p')
  voice.setAttribute('role', 'status')
  voice.style.cssText = 'position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)'

  /** May a page of this site be there? Files have an extension. */
  const mayBe = ({ origin, pathname }: URL): boolean =>
    origin === location.origin && pathname.startsWith(here.base) && !/\.(?!html$)[^/]*$/.test(pathname)

  const isPage = (link: HTMLAnchorElement): boolean =>
    mayBe(new URL(link.href, document.baseURI)) &&
    link.href.split('#')[0] !== location.href.split('#')[0] &&
    !/\bexternal\b/.test(link.rel) &&
    !link.hasAttribute('download') &&
    (link.target || '_self') === '_self' &&
    !link.closest('[data-sx-navigation="off"]')

  const linkAt = ({ target }: Event): HTMLAnchorElement | undefined =>
    (target as Element).closest?.<HTMLAnchorElement>('a[href]') ?? undefined

  addEventListener(
    'click',
    event => {
      clicked = linkAt(event)
      setTimeout(() => {
        clicked = undefined
      })
    },
    true,
  )

  navigation.addEventListener('navigate', event => {
    const url = event.destination.url
    if (
      !event.canIntercept ||
      event.hashChange ||
      event.downloadRequest !== null ||
      event.formData ||
      event.navigationType === 'reload' ||
      event.destination.sameDocument !== (event.navigationType === 'traverse') ||
      !mayBe(new URL(url)) ||
      (clicked && !isPage(clicked as HTMLAnchorElement)) ||
      !document.dispatchEvent(
        new CustomEvent<Navigating>('sx:navigate', { cancelable: true, detail: { url } }),
      )
    )
      return
    // The address changes before the document does: what is still there to be clicked means what it meant.
    for (const link of document.links) link.setAttribute('href', link.href)
    event.intercept({
      scroll: 'manual',
      async handler() {
        const { signal } = event
        root.dataset.sxNavigating = ''
        root.ariaBusy = 'true'
        try {
          const href = url.split('#')[0]!
          const next = await nextOf(href, event.navigationType !== 'traverse')
          if (signal.aborted) return
          await go(next, url, signal)
          if (signal.aborted) return
          // As when a page loads: at once, however pages scroll otherwise.
          const { scrollBehavior } = root.style
          root.style.scrollBehavior = 'auto'
          event.scroll()
          setTimeout(() => {
            root.style.scrollBehavior = scrollBehavior
          }, 100)
        } catch (error) {
          if (signal.aborted) return
          console.warn(`sx: ${url} is loaded as a document: ${(error as Error).message}`)
          location.reload()
          // The document goes.
          await new Promise(() => {})
        } finally {
          if (!signal.aborted) {
            delete root.dataset.sxNavigating
            root.ariaBusy = null
          }
        }
      },
    })
  })

  const prefetch = (link: HTMLAnchorElement): void => {
    if (isPage(link) && known.size < MOST) nextOf(link.href.split('#')[0]!, true).catch(() => {})
  }
  const isFrugal = (): boolean =>
    (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true

  /** When a link's page is fetched ahead: `hover`, unless `sx-prefetch` at it, or around it, says something else. */
  const wishOf = (link: Element): string =>
    link.closest('[sx-prefetch]')?.getAttribute('sx-prefetch') ?? 'hover'

  let resting: ReturnType<typeof setTimeout> | undefined
  const hear = (type: string, wanted: RegExp, wait: number): void =>
    addEventListener(
      type,
      event => {
        const link = linkAt(event)
        clearTimeout(resting)
        if (!link || !wanted.test(wishOf(link)) || isFrugal()) return
        if (wait) resting = setTimeout(prefetch, wait, link)
        else prefetch(link)
      },
      { capture: true, passive: true },
    )
  hear('pointerover', /^hover$/, REST)
  hear('focusin', /^hover$/, REST)
  hear('pointerdown', /^(?:hover|pointer-down)$/, 0)

  const seen = new IntersectionObserver(entries => {
    for (const { isIntersecting, target } of entries)
      if (isIntersecting) {
        seen.unobserve(target)
        prefetch(target as HTMLAnchorElement)
      }
  })
  /** Links that are fetched without being touched. */
  const wish = (): void => {
    seen.disconnect()
    if (isFrugal()) return
    for (const link of document.links as HTMLCollectionOf<HTMLAnchorElement>) {
      const wanted = wishOf(link)
      if (wanted === 'visible') seen.observe(link)
      else if (wanted === 'idle') requestIdleCallback(() => prefetch(link))
    }
  }
  wish()
  tell('sx:navigable', {})
}
