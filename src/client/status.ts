// `<sx-status>`: what this page knows of itself. How much was verified, against which page and root, where each part came
// from, what was loaded and what was here already, who was passed over, and whether it is here without a network. Fetched
// for pages of sites that ask for it (`data-sx-status`).
import { findInHashMap, type Item, readItem } from './find-in-hashmap.ts'
import type { Start } from './platform.ts'
import { createDigest } from './sha256.ts'

export interface StatusParts extends Pick<Start, 'resolver' | 'target' | 'place'> {
  readonly count: { readonly definitions: number; readonly bytes: number }
}

const NAME = 'sx-status'
const root = document.documentElement

const style = `
:host{position:fixed;inset:auto 12px 12px auto;z-index:9;max-width:min(26rem,calc(100vw - 24px));font:14px/1.45 system-ui,sans-serif;color:CanvasText}
details{background:Canvas;border:1px solid color-mix(in srgb,CanvasText 25%,Canvas);border-radius:14px;box-shadow:0 1px 6px #0002}
summary{cursor:pointer;padding:4px 12px;list-style:none;display:flex;gap:7px;align-items:center;border-radius:14px;min-height:24px}
summary::-webkit-details-marker{display:none}
summary:focus-visible{outline:2px solid Highlight;outline-offset:2px}
summary::before{content:"";flex:none;width:9px;height:9px;border-radius:50%;background:#b7791f}
[data-is=ready] summary::before{background:#2f855a}
[data-is=failed] summary::before{background:#c53030}
dl{margin:0;padding:6px 14px 12px;display:grid;grid-template-columns:auto 1fr;gap:5px 14px;max-height:60vh;overflow:auto}
dt{opacity:.7}
dd{margin:0;min-width:0;overflow-wrap:anywhere}
code{font:12px/1.45 ui-monospace,monospace}
p{margin:0}`

const size = (bytes: number): string =>
  bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} KB`
const some = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

const placeNames: Readonly<Record<string, string>> = {
  localstorage: 'kept in this browser',
  indexeddb: 'kept in this browser',
  cache: 'kept in this browser',
}
/** A source as people know it. */
const nameOf = (source: string): string => {
  if (!/^https?:/.test(source)) return placeNames[source] ?? source
  const { host } = new URL(source)
  return host === location.host ? 'this site' : host
}

/** Bytes that came over the network, and bytes that were here. What another host doesn't tell counts as loaded. */
const loadedAndHad = (log: Start['resolver']['log']): readonly [loaded: number, had: number] => {
  let [loaded, had] = [0, 0]
  for (const one of log) {
    if (!('bytes' in one)) continue
    const [entry] = performance.getEntriesByName(
      one.source.replace('{cid}', one.cid),
    ) as PerformanceResourceTiming[]
    const wire = entry?.encodedBodySize || one.bytes
    if (placeNames[one.source] || entry?.workerStart || (entry?.encodedBodySize && !entry.transferSize))
      had += wire
    else loaded += wire
  }
  return [loaded, had]
}

const element = <T extends keyof HTMLElementTagNameMap>(
  tag: T,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[T] => {
  const made = document.createElement(tag)
  made.append(...children)
  return made
}
const lines = (all: readonly string[]): HTMLElement[] => all.map(one => element('p', one))

type Fields = Readonly<Record<string, Item>>

export const showStatus = ({ resolver, target, place, count }: StatusParts): void => {
  let { page } = target
  let { path } = target
  let offline = navigator.serviceWorker?.controller ? 'ready' : ''
  /** what was found of the root; asked when somebody looks */
  let found: { readonly page: string; told: readonly (Node | string)[] } | undefined

  /** Which root the host says it is of, and whether that root lists this page: proven from the root's CID to the page's. */
  const proveRoot = async (): Promise<readonly (Node | string)[]> => {
    const load = async (cid: string): Promise<Uint8Array> => (await resolver.get(cid)).bytes
    const answer = await fetch(`${place?.base ?? '/'}_sx/release.cbor`, { credentials: 'omit' })
    if (!answer.ok) return ['the host shows no release']
    const release = readItem(new Uint8Array(await answer.arrayBuffer())) as Fields
    const cid = release.root as string
    const site = readItem(await load(cid)) as Fields
    const entry = (await findInHashMap(
      site.pages as string,
      path,
      load,
      createDigest(crypto.subtle),
    )) as Fields
    return [
      element('code', cid),
      element('p', entry?.page === page ? 'lists this page: proven' : 'lists another version of this page'),
    ]
  }

  const details = element('details', element('summary'), element('dl'))
  const update = (): void => {
    const state = root.dataset.sx ?? ''
    const errors = resolver.log.filter(one => 'reason' in one)
    details.dataset.is = state
    const [loaded, had] = loadedAndHad(resolver.log)
    details.firstElementChild!.textContent =
      state === 'ready'
        ? `Verified · ${size(loaded)} loaded`
        : state === 'failed'
          ? 'Not verified'
          : 'Verifying …'
    const sources = new Map<string, [blocks: number, bytes: number]>()
    for (const one of resolver.log)
      if ('bytes' in one) {
        const [blocks, bytes] = sources.get(nameOf(one.source)) ?? [0, 0]
        sources.set(nameOf(one.source), [blocks + 1, bytes + one.bytes])
      }
    const skipped = new Map<string, number>()
    for (const one of errors) {
      const text = `${nameOf(one.source)}: ${one.reason}`
      skipped.set(text, (skipped.get(text) ?? 0) + 1)
    }
    const rows: readonly (readonly [name: string, content: readonly (Node | string)[]])[] = [
      ['Verified', [`${some(count.definitions, 'definition')}, ${size(count.bytes)}`]],
      ['Page', [element('code', page)]],
      ['Root', found?.page === page ? found.told : ['…']],
      [
        'From',
        lines(
          [...sources].map(([name, [blocks, bytes]]) => `${name}: ${some(blocks, 'block')}, ${size(bytes)}`),
        ),
      ],
      ['Loaded', [`${size(loaded)} over the network, ${size(had)} were here`]],
      [
        'Passed over',
        lines([...skipped].map(([text, times]) => (times === 1 ? text : `${text} (${times} times)`))),
      ],
      ['Offline', offline ? [offline] : []],
    ]
    details.lastElementChild!.replaceChildren(
      ...rows.flatMap(([name, content]) =>
        content.length ? [element('dt', name), element('dd', ...content)] : [],
      ),
    )
    if (details.open && found?.page !== page && state === 'ready') {
      const asked = { page, told: ['…'] as readonly (Node | string)[] }
      found = asked
      proveRoot()
        .catch(error => [`not proven: ${(error as Error).message}`])
        .then(told => {
          asked.told = told
          update()
        })
    }
  }
  details.addEventListener('toggle', update)

  const panel = document.createElement(NAME)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(style)
  const shadow = panel.attachShadow({ mode: 'open' })
  shadow.adoptedStyleSheets = [sheet]
  shadow.append(details)
  update()
  // Beside the body, which is the page's. Where it stands there is the site's to say: `sx-status { inset: … }`.
  root.append(panel)
  let isDue = false
  /** Once for all that is told in a moment: a source that lies may do so for every block. */
  const updateSoon = (): void => {
    if (isDue) return
    isDue = true
    setTimeout(() => {
      isDue = false
      update()
    }, 100)
  }
  const on = (type: string, then: (detail: unknown) => void = () => {}): void =>
    document.addEventListener(type, event => {
      then((event as CustomEvent).detail)
      updateSoon()
    })
  on('sx:source-error')
  on('sx:failed')
  on('sx:ready', detail => {
    page = (detail as { readonly page: string }).page
    path = JSON.parse(document.querySelector('script[data-sx-manifest]')!.textContent!).path
  })
  on('sx:offline-ready', () => {
    offline = 'ready'
  })
  on('sx:root-offered', () => {
    offline = 'ready, and another release waits: it is there when you come back'
  })
}
