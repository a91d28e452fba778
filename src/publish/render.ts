// A page's instances as HTML, rendered from its stored definitions, so that a browser comes to the same.
import { SxError } from '../errors.ts'
import type { PageNode } from '../ipld/kinds.ts'
import type { Manifest } from '../ipld/manifest.ts'
import type { Link, Value } from '../lang/values.ts'
import type { Sha256 } from '../ports.ts'
import type { Host } from '../runtime/host-io.ts'
import type { HeadElement } from '../runtime/machine.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { relativeTo } from '../runtime/url.ts'
import type { Navigation } from '../settings.ts'
import { contentSecurityPolicy, hashSource } from './csp.ts'
import { headHtml, pageHtml } from './page-html.ts'
import type { Parts } from './parts.ts'
import { fillPattern } from './pattern.ts'

export interface RenderOptions {
  readonly runtime: Runtime
  readonly sha256: Sha256
  readonly loader: string
  readonly parts: Pick<Parts, 'scripts'>
  readonly lang: string
  /** for pages that name no title */
  readonly title: string
  readonly gateways: readonly string[]
  readonly navigation: Navigation
  readonly offline: boolean
  readonly status: boolean
}

/** Values of a pattern's parameters. */
export type Parameters = ReadonlyMap<string, Value>

/**
 * The instances of a page: one without parameters, or what `:paths` lists. A pattern without `:paths` has none.
 * Throws 'page-invalid' where `:paths` is no list of dicts (or of texts, for one parameter).
 */
export const instancesOf = (
  runtime: Runtime,
  path: string,
  bound: readonly string[],
  paths: Value | undefined,
  host: Host,
): readonly Parameters[] => {
  if (bound.length === 0) {
    if (paths !== undefined)
      throw new SxError('page-invalid', `The page "${path}" has :paths and no <parameter> in its path`)
    return [new Map()]
  }
  if (paths === undefined) return []
  const listed = runtime.evaluateSync(paths, undefined, { host })
  const wrong = (): never => {
    throw new SxError('page-invalid', `:paths of the page "${path}" is not a list of dicts`, {
      hint:
        bound.length === 1
          ? `write (list {:${bound[0]} "…"}) or a list of texts`
          : `write (list {${bound.map(name => `:${name} "…"`).join(' ')}})`,
    })
  }
  if (!Array.isArray(listed)) return wrong()
  return listed.map((entry): Parameters => {
    if (entry instanceof Map) return new Map(bound.map(name => [name, entry.get(name) ?? null]))
    return bound.length === 1 && typeof entry === 'string' ? new Map([[bound[0]!, entry]]) : wrong()
  })
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined

/** The text inside each inline `<style>`: rendered HTML ends such an element at its first `</style`. */
const stylesIn = (html: string): string[] =>
  [...html.matchAll(/<style(?:\s[^>]*)?>([\s\S]*?)<\/style/g)].map(m => m[1]!)

/** One instance: its path and the bytes of its HTML. Throws what its evaluation throws. */
export const renderInstance = (
  o: RenderOptions,
  node: PageNode,
  manifest: Manifest,
  parameters: Parameters,
  host: Host,
  wasm: boolean,
): { readonly path: string; readonly bytes: Uint8Array } => {
  const path = fillPattern(node.path, parameters)
  // 404.html answers at any depth, so that nothing in it can be relative.
  const url = path === '/404' ? (value: string) => value : relativeTo(path)
  const { html, head } = o.runtime.renderHtmlSync(node.body, parameters, { url, host })
  const elements: HeadElement[] = [...head]
  let title = elements.find(e => e.tag === 'title')?.text
  for (const [name, form] of node.meta) {
    const value = textOf(o.runtime.evaluateSync(form, parameters, { host }))
    if (value === undefined) continue
    if (name === 'title') title ??= value
    else if (
      !elements.some(e => e.tag === 'meta' && e.attributes.some(([k, v]) => k === 'name' && v === name))
    )
      elements.push({
        tag: 'meta',
        attributes: [
          ['name', name],
          ['content', value],
        ],
        text: '',
      })
  }
  const csp = contentSecurityPolicy({
    scriptHashes: o.parts.scripts(manifest),
    styleHashes: stylesIn(html).map(style => hashSource(style, o.sha256)),
    connect: o.gateways,
    wasm,
  })
  const text = pageHtml({
    title: title ?? o.title,
    lang: o.lang,
    navigation: o.navigation,
    offline: o.offline,
    status: o.status,
    head: headHtml(elements.filter(e => e.tag !== 'title')),
    body: html,
    manifest,
    loader: o.loader,
    csp,
  })
  return { path, bytes: new TextEncoder().encode(text) }
}

/** The links of a manifest's `defs`, by name. */
export const linksByName = (
  entries: Iterable<readonly [name: string, link: Link | undefined]>,
): Record<string, string> =>
  Object.fromEntries([...entries].flatMap(([name, link]) => (link === undefined ? [] : [[name, link.cid]])))
