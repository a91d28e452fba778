// The page as a whole, fetched when it can already be used: rendered from its verified definitions to HTML, parsed by
// the document's own parser, and compared with what the server sent. From here on everything shown is proven.
import type { PageNode } from '../ipld/kinds.ts'
import type { Core } from '../runtime/core.ts'
import { createHtmlSink } from '../runtime/html.ts'
import type { HeadElement } from '../runtime/machine.ts'
import { relativeTo } from '../runtime/url.ts'
import { adoptChildren, adoptHead, parseBody } from './adopt.ts'
import type { LoadedDefinitions } from './definitions.ts'
import type { Place } from './route.ts'

/** Put in by the build: CID of words.ts, which knows the modules of the runtime. */
declare const SX_WORDS: string

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
}

/** Changes nothing and rejects when a definition can't be had or fails to render. */
export async function show(o: Shown): Promise<void> {
  const { definitions, run } = o
  const attempt = async (core: Core, cids: readonly string[]): Promise<RenderedPage> => {
    const listed = definitions.nodes.size
    let failure: unknown
    const page = await render(core, o.page, o.place).catch(error => {
      failure = error
    })
    if (page && o.modules && definitions.nodes.size === listed) return page
    // A definition that no closure listed may bring words that need a module more, or mean something else with it.
    const { modulesFor } = await run<typeof import('./words.ts')>(SX_WORDS)
    const needed = modulesFor(definitions.nodes.values())
    if (needed.some(cid => !cids.includes(cid))) return attempt(await o.coreWith(needed), needed)
    if (page) return page
    throw failure
  }
  const { html, head, title } = await attempt(o.core, o.modules ?? [])
  adoptChildren(document.body, parseBody(html))
  adoptHead(head, o.other)
  if (title !== undefined && document.title !== title) document.title = title
}

interface RenderedPage {
  readonly html: string
  readonly head: readonly HeadElement[]
  readonly title: string | undefined
}

/** The page as the publisher renders it: the same content, title and metadata from the same node. */
async function render(core: Core, page: PageNode, place: Place | undefined): Promise<RenderedPage> {
  const scope = new Map(place?.params)
  // The page for unknown addresses answers at any depth, so nothing in it is relative.
  const url = page.path === '/404' ? (value: string) => value : relativeTo(place?.path ?? page.path)
  const sink = createHtmlSink()
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
  return { html: sink.take(), head: elements, title }
}
