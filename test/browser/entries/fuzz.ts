// In Chromium: programs of the fuzzer on the kernel and the modules as pages have them.

import type { Kernel } from '../../../src/client/kernel.ts'
import type { MakeExtension, Making, PageParts } from '../../../src/client/platform.ts'
import type { PageNode } from '../../../src/ipld/kinds.ts'
import { AS_MODULE } from '../../../src/ipld/runtime-file.ts'
import type { Core } from '../../../src/runtime/core.ts'
import { renderDom } from '../../../src/runtime/dom.ts'
import type { Extension } from '../../../src/runtime/form.ts'
import { createHtmlSink } from '../../../src/runtime/html.ts'
import type { Limits } from '../../../src/runtime/machine.ts'
import { type Kinds, kindsOf, type Outcome, observe } from '../../fuzz/observe.ts'

export interface BrowserPage {
  readonly index: number
  readonly cid: string
  /** names of the modules that it needs */
  readonly modules: readonly string[]
}

export interface BrowserSite {
  /** CID → block in base64 */
  readonly blocks: Readonly<Record<string, string>>
  readonly pages: readonly BrowserPage[]
}

/** `dom`: 'same', what differs, or 'unlike' where no HTML text parses to such a tree. */
export interface BrowserOutcome extends Outcome {
  readonly dom: string
}

/** A page without sources: programs have no blocks but those that they come with. */
const nowhere = { resolver: { tiers: [] }, target: {}, manifest: {} } as unknown as PageParts

/** Programs get no words while they run: their core has all. */
const complete: Making = {
  cids: [],
  made: () => Promise.reject(Error('nothing is added')),
  page: () => Promise.reject(Error('nothing is asked for')),
}

/** What a file of the runtime is. */
const open = async <T>(code: string): Promise<T> =>
  (await import(URL.createObjectURL(new Blob([AS_MODULE, code], { type: 'text/javascript' })))).default

let kernel: Kernel
const extensions = new Map<string, Extension>()
let kinds: Kinds

const base64 = (text: string): Uint8Array => Uint8Array.from(atob(text), c => c.charCodeAt(0))

const openSite = ({ blocks }: BrowserSite) => {
  const nodes = new Map(Object.entries(blocks).map(([cid, block]) => [cid, kernel.decodeNode(base64(block))]))
  return { find: (cid: string) => nodes.get(cid), load: async () => {} }
}

const scope = (): Map<string, unknown> =>
  new Map<string, unknown>([
    ['log', []],
    ['x', 3],
    ['s', 'text'],
  ])

const parsed = (html: string): Document =>
  new DOMParser().parseFromString(`<!doctype html><body>${html}`, 'text/html')

/** DOM made by calls against the parser's; and nothing is repaired where they are one. */
const domOf = async (core: Core, form: PageNode['body'], html: string): Promise<string> => {
  const made = document.implementation.createHTMLDocument('')
  await renderDom(core, form, scope(), { document: made, parent: made.body })
  const server = parsed(html)
  if (!made.body.isEqualNode(server.body)) {
    // A parser moves what may not stand where it stands: then no text stands for this tree.
    const again = parsed(made.body.innerHTML)
    return again.body.isEqualNode(made.body)
      ? `differs: ${made.body.innerHTML} | ${server.body.innerHTML}`
      : 'unlike'
  }
  const { repairs, tookBack } = await renderDom(core, form, scope(), {
    document: server,
    parent: server.body,
    adopt: true,
  })
  return repairs === 0 || tookBack ? 'same' : `repairs ${repairs}`
}

export const sxFuzz = {
  /** `sample`: a site whose only page has a value of each kind */
  async start(
    kernelCode: string,
    modules: Readonly<Record<string, string>>,
    sample: BrowserSite,
  ): Promise<void> {
    kernel = (await open<{ kernel: Kernel }>(kernelCode)).kernel
    for (const [name, code] of Object.entries(modules)) {
      type Module = (kernel: Kernel) => { readonly extension: Extension | MakeExtension }
      const { extension } = (await open<Module>(code))(kernel)
      extensions.set(name, 'call' in extension ? extension(nowhere, complete) : extension)
    }
    const definitions = openSite(sample)
    const core = kernel.createCore({ definitions, extensions: [...extensions.values()] })
    kinds = kindsOf(await core.evaluate((definitions.find(sample.pages[0]!.cid) as PageNode).body))
  },

  async run(sites: readonly BrowserSite[], limits: Partial<Limits>): Promise<BrowserOutcome[][]> {
    const all: BrowserOutcome[][] = []
    for (const site of sites) {
      const definitions = openSite(site)
      const cores = new Map<string, Core>()
      const outcomes: BrowserOutcome[] = []
      for (const { index, cid, modules } of site.pages) {
        const key = modules.join()
        const core =
          cores.get(key) ??
          kernel.createCore({ definitions, limits, extensions: modules.map(name => extensions.get(name)!) })
        cores.set(key, core)
        const form = (definitions.find(cid) as PageNode).body
        let html: string | undefined
        const outcome = await observe(
          {
            evaluate: names => core.evaluate(form, names),
            async render(names) {
              const sink = createHtmlSink()
              const { head, islands } = await core.renderTo(sink, form, names)
              const text = sink.take()
              html = text
              return { html: text, head, islands }
            },
          },
          kinds,
          index % 2 === 1,
        )
        outcomes.push({ ...outcome, dom: html === undefined ? 'same' : await domOf(core, form, html) })
      }
      all.push(outcomes)
    }
    return all
  },
}

Object.assign(globalThis, { sxFuzz })
