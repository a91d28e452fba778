// From page to page of a site without a new document: what islands hold, what was loaded and what was compiled stays. The
// Navigation API decides what is a navigation, and keeps history and scroll (HTML §7.2.7); where it isn't, pages load as
// ever. The next page's HTML says what a reload would learn from it, its manifest; what is shown is rendered from
// definitions that were verified, and whatever is odd ends in an ordinary load.
import type { NextPage } from './next-page.ts'
import type { Shown } from './page.ts'
import { linkAt, watchLinks } from './prefetch.ts'
import type { Showing, Taking } from './take-over.ts'

/** Put in by the build: CID of take-over.ts, which nobody needs who goes nowhere. */
declare const SX_TAKE_OVER: string

/** The detail of `sx:navigate`, which is dispatched on the document first and can be cancelled: the page then loads. */
export interface Navigating {
  readonly url: string
}

interface Known {
  readonly page: Promise<NextPage>
  readonly at: number
  /** nobody has gone there yet */
  ahead: boolean
}

/** Pages that are fetched ahead, and as many from before. */
const MOST = 20
/** Milliseconds for which a page is taken for new. */
const FRESH = 300_000

const root = document.documentElement

/** An address without hash. */
const pageAt = (url: string): string => url.split('#')[0]!

export const navigate = (first: Shown, showing: Showing): void => {
  const { run, start, place } = first
  const { tell, key } = start
  if (!place) return
  // It has been left already, back or forward, when nothing was there to hear of it.
  if (key !== `sx ${location.pathname}`) location.reload()
  const known = new Map<string, Known>()
  let clicked: HTMLAnchorElement | null = null
  let taking: Promise<Taking> | undefined

  const remember = (href: string, page: Known['page'], ahead: boolean): Known['page'] => {
    known.delete(href)
    known.set(href, { page, at: performance.now(), ahead })
    if (known.size > 2 * MOST) known.delete(known.keys().next().value!)
    return page
  }
  const here = pageAt(location.href)
  const taker = (): Promise<Taking> =>
    (taking ??= run<typeof import('./take-over.ts')>(SX_TAKE_OVER).then(({ createTaking }) => {
      const made = createTaking(first, showing)
      remember(here, Promise.resolve(made.first), false)
      return made
    }))

  const ask = (href: string, signal?: AbortSignal): Known['page'] => {
    const asked = fetch(href, { headers: { accept: 'text/html' }, signal: signal ?? null })
    const page = Promise.all([asked, taker()]).then(([answer, { load }]) => load(answer))
    // Whoever needs it asks again.
    page.catch(() => known.delete(href))
    return remember(href, page, !signal)
  }
  /** On the way back a page is what it was; else it is for a while. */
  const nextOf = (href: string, traverse: boolean, signal: AbortSignal): Known['page'] => {
    const before = known.get(href)
    if (!before || !(traverse || performance.now() - before.at < FRESH)) return ask(href, signal)
    before.ahead = false
    return before.page
  }

  /** May a page of this site be there? Files have an extension. */
  const mayBe = ({ origin, pathname }: URL): boolean =>
    origin === location.origin && pathname.startsWith(place.base) && !/\.(?!html$)[^/]*$/.test(pathname)

  const isPage = (link: HTMLAnchorElement): boolean =>
    mayBe(new URL(link.href)) &&
    pageAt(link.href) !== pageAt(location.href) &&
    !link.matches(
      '[rel~=external], [download], [target]:not([target=_self]), [data-sx-navigation=off] *, [data-sx-navigation=off]',
    )

  const progress = (on: boolean): void => {
    root.toggleAttribute('data-sx-navigating', on)
    root.ariaBusy = on ? 'true' : null
  }

  addEventListener(
    'click',
    event => {
      clicked = linkAt(event)
      setTimeout(() => {
        clicked = null
      })
    },
    true,
  )

  navigation.addEventListener('navigate', event => {
    const { destination, navigationType, signal } = event
    const to = new URL(destination.url)
    const traverse = navigationType === 'traverse'
    if (
      !event.canIntercept ||
      event.hashChange ||
      event.downloadRequest !== null ||
      event.formData ||
      navigationType === 'reload' ||
      destination.sameDocument !== traverse ||
      !mayBe(to) ||
      (clicked && !isPage(clicked))
    )
      return
    const detail: Navigating = { url: to.href }
    const wanted = document.dispatchEvent(new CustomEvent('sx:navigate', { cancelable: true, detail }))
    // The way back leads to no other document, unless one is loaded.
    if (!wanted && !traverse) return
    // The address changes before the document does: what is still there to be clicked means what it meant.
    for (const link of document.links) link.setAttribute('href', link.href)
    for (const form of document.forms) form.setAttribute('action', form.action)
    event.intercept({
      scroll: 'manual',
      focusReset: 'manual',
      async handler() {
        progress(true)
        try {
          if (!wanted) throw Error('somebody wants it so')
          const page = await nextOf(pageAt(to.href), traverse, signal)
          const { show } = await taker()
          if (signal.aborted) return
          // As when a page loads: at once, however pages scroll otherwise.
          const { scrollBehavior } = root.style
          await show(page, signal, () => {
            progress(false)
            root.style.scrollBehavior = 'auto'
            event.scroll()
          })
          setTimeout(() => {
            root.style.scrollBehavior = scrollBehavior
          }, 100)
          if (signal.aborted) return
          tell('sx:navigated', detail)
          lookAtLinks()
        } catch (error) {
          if (signal.aborted) return
          console.warn(`sx: ${to.href} is loaded as a document: ${(error as Error).message}`)
          location.reload()
          // The document goes.
          await new Promise(() => {})
        }
      },
    })
  })

  const lookAtLinks = watchLinks(link => {
    const href = pageAt(link.href)
    if (isPage(link) && !known.has(href) && [...known.values()].filter(one => one.ahead).length < MOST)
      ask(href).catch(() => {})
  })
  lookAtLinks()
  tell('sx:navigable', {})
}
