// The platform: storage in front of the network, the page's definitions, and the page itself in the document.
import type { PageNode } from '../ipld/kinds.ts'
import type { Manifest, PageTarget } from '../ipld/manifest.ts'
import type { Core } from '../runtime/core.ts'
import type { Extension } from '../runtime/form.ts'
import type { HeadElement } from '../runtime/machine.ts'
import { adoptChildren, adoptHead, parseBody } from './adopt.ts'
import { createDefinitions } from './definitions.ts'
import type { Kernel } from './kernel.ts'
import type { Resolver } from './resolver.ts'
import type { Place } from './route.ts'
import { createIndexedDbTier } from './tiers/indexeddb.ts'

/** Put in by the build: CID of words.ts, which knows the modules of the runtime. */
declare const SX_WORDS: string

export interface Start {
  readonly kernel: Kernel
  readonly manifest: Manifest
  /** the page to show: the manifest's own, or a route of it */
  readonly target: PageTarget
  /** undefined when the page's pattern is nowhere in the location */
  readonly place: Place | undefined
  readonly resolver: Resolver
  /** fetches, verifies and runs a JavaScript module */
  readonly run: <T>(cid: string) => Promise<T>
  /** dispatches an event on the document */
  readonly tell: (type: string, detail: unknown) => void
}

/** The detail of `sx:ready`. `bytes` and `from` are of definitions, kernel and platform not counted. */
export interface Ready {
  readonly page: string
  readonly definitions: number
  readonly bytes: number
  /** from the platform's start */
  readonly ms: number
  readonly from: Readonly<Record<'memory' | 'indexeddb' | 'network', number>>
}

/**
 * Loads the page's closure, renders the page, and adopts what the server rendered. Then `data-sx="ready"` stands on the
 * root element and `sx:ready` is dispatched. Rejects before anything is changed when a definition can't be had or
 * fails to render.
 */
export async function start({ kernel, manifest, target, place, resolver, run, tell }: Start): Promise<void> {
  const began = performance.now()
  resolver.tiers.unshift(createIndexedDbTier(() => indexedDB))
  const definitions = createDefinitions(kernel, resolver)
  const extensionsOf = (cids: readonly string[]): Promise<readonly Extension[]> =>
    Promise.all(cids.map(async cid => (await run<{ extension: Extension }>(cid)).extension))
  let cids = target.runtime ?? []
  const [node, first] = await Promise.all([
    definitions.node(target.page),
    extensionsOf(cids),
    definitions.loadClosure(target.closure),
  ])
  if (node.kind !== 'page') throw Error(`${target.page} is no page`)
  const attempt = async (extensions: readonly Extension[]): Promise<RenderedPage> => {
    const listed = definitions.nodes.size
    let failure: unknown
    const page = await render(kernel, kernel.createCore({ definitions, extensions }), node, place).catch(
      error => {
        failure = error
      },
    )
    if (page && target.runtime && definitions.nodes.size === listed) return page
    // A definition that no closure listed may bring words that need a module more, or mean something else with it.
    const { modulesFor } = await run<typeof import('./words.ts')>(SX_WORDS)
    const needed = modulesFor(definitions.nodes.values())
    if (needed.some(cid => !cids.includes(cid))) {
      cids = needed
      return attempt(await extensionsOf(needed))
    }
    if (page) return page
    throw failure
  }
  const { html, head, title } = await attempt(first)
  const body = parseBody(html)
  if (document.readyState === 'loading')
    await new Promise(parsed => document.addEventListener('DOMContentLoaded', parsed, { once: true }))
  adoptChildren(document.body, body)
  adoptHead(head, target !== manifest)
  if (title !== undefined && document.title !== title) document.title = title
  document.documentElement.dataset.sx = 'ready'
  const ready: Ready = { page: target.page, ...definitions.count, ms: performance.now() - began }
  tell('sx:ready', ready)
}

interface RenderedPage {
  readonly html: string
  readonly head: readonly HeadElement[]
  readonly title: string | undefined
}

/** The page as the publisher renders it: the same content, title and metadata from the same node. */
async function render(
  kernel: Kernel,
  core: Core,
  page: PageNode,
  place: Place | undefined,
): Promise<RenderedPage> {
  const scope = new Map(place?.params)
  // The page for unknown addresses answers at any depth, so nothing in it is relative.
  const url = page.path === '/404' ? (value: string) => value : kernel.relativeTo(place?.path ?? page.path)
  const sink = kernel.createHtmlSink()
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
