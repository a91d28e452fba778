// What readers have made of a page's islands, while the page is loaded anew: data only, in sessionStorage, and where they
// were. Whatever no longer fits is dropped.
import type { Hydrated } from '../runtime/hydrate.ts'
import type { Shared } from '../runtime/machine.ts'
import { batch, Computed, Signal } from '../runtime/signal.ts'
import { isPlain } from '../runtime/values.ts'
import type { Islands } from './islands.ts'

const KEY = 'sx state'

/** Of signals in order: what each began with, and what it is; null: no data. */
type Kept = readonly (readonly [begun: string, now: string] | null)[]

interface Stored {
  readonly path: string
  /** outermost islands as they stand in the document */
  readonly islands: readonly { readonly id: string; readonly signals: Kept | undefined }[]
  readonly stores: Readonly<Record<string, Kept>>
  readonly scroll: readonly [x: number, y: number]
  readonly focus: Focus | undefined
}

interface Focus {
  /** the element and those around it: which child each is, from the body */
  readonly at: readonly number[]
  readonly looks: string
  readonly caret: readonly [number, number] | undefined
}

const data = (v: unknown): unknown => {
  if (Array.isArray(v)) return v.map(data)
  if (v instanceof Map) return { dict: data([...v]) }
  if (v === null || /^(?:string|boolean)$/.test(typeof v) || Number.isFinite(v)) return v
  throw Error('no data')
}

/** What can't be kept, or isn't what this file writes, is as if it were not there. */
const orNothing = <T>(f: () => T): T | undefined => {
  try {
    return f()
  } catch {
    return undefined
  }
}

const written = (v: unknown): string | undefined => orNothing(() => JSON.stringify(data(v)))

const value = (text: string): unknown =>
  JSON.parse(text, (_key, v) => (isPlain(v) ? new Map([...(v.dict as Iterable<[string, unknown]>)]) : v))

/** Those in a store's value, which is a signal, or a list or dict of some. */
const signalsIn = (v: unknown): readonly Signal[] =>
  v instanceof Signal
    ? v instanceof Computed
      ? []
      : [v]
    : Array.isArray(v) || v instanceof Map
      ? [...v.values()].flatMap(signalsIn)
      : []

/** Signals that are kept together, once they are there. */
class Group {
  private readonly begun: readonly (string | undefined)[]
  private readonly signals: readonly Signal[]
  constructor(signals: readonly Signal[]) {
    this.signals = signals
    this.begun = signals.map(signal => written(signal.v))
  }

  /** An edit that changes what a signal begins with means it; one that adds or removes a signal makes all others of it. */
  restore(kept: Kept | undefined): void {
    if (kept?.length !== this.signals.length) return
    kept.forEach((one, i) => {
      const now = orNothing(() => one?.[0] === this.begun[i] && { v: value(one![1]) })
      if (now) this.signals[i]!.set(now.v)
    })
  }

  kept(): Kept {
    return this.signals.map((signal, i) => {
      const begun = this.begun[i]
      const now = written(signal.v)
      return begun === undefined || now === undefined ? null : [begun, now]
    })
  }
}

const outermost = (): Element[] =>
  [...document.querySelectorAll('[data-sx-island]')].filter(
    element => !element.parentElement!.closest('[data-sx-island]'),
  )

const idOf = (element: Element): string => element.getAttribute('data-sx-island')!

/** Which of the stored islands is which element: the same definition, or, edited, the same place among those left over. */
const paired = (stored: Stored | undefined): Map<Element, Kept | undefined> => {
  const left = [...(stored?.islands ?? [])]
  const pairs = new Map<Element, Kept | undefined>()
  const others = outermost().filter(element => {
    const at = left.findIndex(one => one.id === idOf(element))
    if (at >= 0) pairs.set(element, left.splice(at, 1)[0]!.signals)
    return at < 0
  })
  if (others.length === left.length) for (const [i, one] of others.entries()) pairs.set(one, left[i]!.signals)
  return pairs
}

const looksOf = (element: Element): string =>
  `${element.localName} ${element.id} ${element.getAttribute('name') ?? ''}`

const focusNow = (): Focus | undefined => {
  const element = document.activeElement as HTMLInputElement | null
  if (!element || element === document.body || !document.body.contains(element)) return undefined
  const at: number[] = []
  for (let one: Element = element; one !== document.body; one = one.parentElement!)
    at.unshift([...one.parentElement!.children].indexOf(one))
  const { selectionStart: from, selectionEnd: to } = element
  return {
    at,
    looks: looksOf(element),
    caret: typeof from === 'number' && typeof to === 'number' ? [from, to] : undefined,
  }
}

const focusAgain = ({ at, looks, caret }: Focus): void => {
  let element: Element | undefined = document.body
  for (const i of at) element = element?.children[i]
  if (!element || looksOf(element) !== looks || document.activeElement !== document.body) return
  ;(element as HTMLInputElement).focus({ preventScroll: true })
  if (caret && 'setSelectionRange' in element) (element as HTMLInputElement).setSelectionRange(...caret)
}

const take = (): Stored | undefined =>
  orNothing(() => {
    const stored: Stored = JSON.parse(sessionStorage.getItem(KEY)!)
    sessionStorage.removeItem(KEY)
    return stored.path === location.pathname ? stored : undefined
  })

export interface Keeper {
  /** An island has come to life. */
  alive(element: Element): void
  /** All that came at once are alive. */
  settled(): void
}

/** Gives the islands that live what was kept, and keeps all of it when the document hears `sx:keep`. */
export const createKeeper = (islands: Islands, shared: Shared): Keeper => {
  const stored = take()
  const waiting = orNothing(() => paired(stored)) ?? new Map<Element, Kept | undefined>()
  const groups = new Map<Hydrated, Group>()
  const stores = new Map<string, Group>()

  const alive = (element: Element): void => {
    const island = islands.alive.get(element)
    if (!island || groups.has(island)) return
    const group = new Group(island.signals)
    groups.set(island, group)
    const fresh = [...(shared.stores ?? [])].filter(([name]) => !stores.has(name))
    for (const [name, v] of fresh) stores.set(name, new Group(signalsIn(v)))
    // No effect and no markup sees one half of it.
    batch(() => {
      for (const [name] of fresh)
        stores.get(name)!.restore(orNothing(() => new Map(Object.entries(stored!.stores)).get(name)))
      group.restore(waiting.get(element))
    })
    waiting.delete(element)
  }

  document.addEventListener('sx:keep', () => {
    const kept: Stored = {
      path: location.pathname,
      islands: outermost().map(element => {
        const island = islands.alive.get(element)
        // What one failed with is better forgotten.
        return {
          id: idOf(element),
          signals: island ? (island.over ? undefined : groups.get(island)?.kept()) : waiting.get(element),
        }
      }),
      stores: {
        ...stored?.stores,
        ...Object.fromEntries([...stores].map(([name, all]) => [name, all.kept()])),
      },
      scroll: [scrollX, scrollY],
      focus: focusNow(),
    }
    // Storage may be full or denied: the page begins anew.
    orNothing(() => sessionStorage.setItem(KEY, JSON.stringify(kept)))
  })

  batch(() => {
    for (const element of islands.alive.keys()) alive(element)
  })
  return {
    alive,
    settled: () =>
      void orNothing(() => {
        const [left, top] = stored!.scroll
        scrollTo({ left, top, behavior: 'instant' })
        if (stored!.focus) focusAgain(stored!.focus)
      }),
  }
}
