// A page as SX wire: components and islands stay calls by link, the rest is evaluated (Accept: text/sx).
import { SxError } from '../../errors.ts'
import { decodeNode } from '../../ipld/decode.ts'
import type { PageNode } from '../../ipld/kinds.ts'
import { print } from '../../lang/printer.ts'
import { keyword, sym, type Value } from '../../lang/values.ts'
import type { Sha256, Store } from '../../ports.ts'
import { type Answer, answer } from '../answer.ts'
import { createByteCache } from '../byte-cache.ts'
import { noneMatch } from '../conditions.ts'
import type { Evaluations } from '../evaluation.ts'
import type { FileReader } from '../gateway-port.ts'
import { readFilePath } from '../request-path.ts'
import type { Site } from '../sites.ts'

export interface WireQuestion {
  readonly path: string
  readonly ifNoneMatch: string | undefined
}

export interface WirePages {
  /** undefined: no page is at that path */
  answer(site: Site, question: WireQuestion): Promise<Answer | undefined>
}

interface Route {
  readonly segments: readonly string[]
  readonly page: string
}

const isParameter = (segment: string): boolean => segment.startsWith('<')
const segmentsOf = (path: string): readonly string[] => path.split('/').filter(part => part !== '')

/** What fits: literal segments before parameters, from the left. */
const match = (routes: readonly Route[], own: readonly string[]): Route | undefined =>
  routes
    .filter(
      ({ segments }) =>
        segments.length === own.length && segments.every((part, i) => isParameter(part) || part === own[i]),
    )
    .sort((a, b) => {
      const at = a.segments.findIndex((part, i) => isParameter(part) !== isParameter(b.segments[i]!))
      return at < 0 ? 0 : isParameter(a.segments[at]!) ? 1 : -1
    })[0]

export const createWirePages = (o: {
  readonly store: Store
  readonly files: FileReader
  readonly sha256: Sha256
  readonly evaluations: Evaluations
  readonly dataFile: (site: Site, name: string) => Promise<string | undefined>
  readonly log: (error: unknown) => void
  readonly bytes: number
}): WirePages => {
  const texts = createByteCache<{ readonly text: string; readonly tag: string }>(o.bytes)
  const tables = new WeakMap<Site, ReadonlyMap<number, readonly Route[]>>()

  /** By number of segments. */
  const routesOf = (site: Site): ReadonlyMap<number, readonly Route[]> => {
    let table = tables.get(site)
    if (table === undefined) {
      const made = new Map<number, Route[]>()
      for (const { path, page } of site.pages()) {
        const segments = segmentsOf(path)
        const list = made.get(segments.length)
        if (list === undefined) made.set(segments.length, [{ segments, page }])
        else list.push({ segments, page })
      }
      table = made
      tables.set(site, table)
    }
    return table
  }

  const render = async (site: Site, node: PageNode, scope: ReadonlyMap<string, string>): Promise<string> => {
    const runtime = o.evaluations.runtimeOf(site)
    const host = {
      signal: AbortSignal.timeout(10_000),
      io: {
        query: async ([name, ...args]: readonly unknown[]): Promise<unknown> => {
          const text =
            typeof name === 'string' && args.length === 0 ? await o.dataFile(site, name) : undefined
          if (text === undefined) throw new SxError('eval-unsupported', 'no file answers that query')
          return JSON.parse(text)
        },
      },
    }
    const { text } = await runtime.renderWire(node.body, scope, { host })
    // After the body, whose own title and metadata come first.
    const head: Value[] = []
    for (const [name, form] of node.meta) {
      const value = await runtime.evaluate(form, scope, { host })
      if (typeof value !== 'string' && typeof value !== 'number') continue
      head.push(
        name === 'title'
          ? [sym('title'), String(value)]
          : [sym('meta'), keyword('name'), name, keyword('content'), String(value)],
      )
    }
    return text + head.map(form => `${print(form)}\n`).join('')
  }

  return {
    answer: async (site, { path, ifNoneMatch }) => {
      const own = segmentsOf(readFilePath(path).path)
      const route = match(routesOf(site).get(own.length) ?? [], own)
      if (route === undefined) return undefined
      const scope = new Map(
        route.segments.flatMap((part, i) =>
          isParameter(part) ? [[part.slice(1, -1), own[i]!] as const] : [],
        ),
      )
      // Only the build knows a pattern's instances.
      if (
        scope.size > 0 &&
        (await o.files.resolve(site.node.files.cid, `${own.join('/')}/index.html`)) === undefined
      )
        return undefined
      const key = `${site.root} ${own.join('/')}`
      let found = texts.get(key)
      if (found === undefined) {
        const bytes = o.store.get(route.page)
        const node = bytes === undefined ? undefined : decodeNode(bytes)
        if (node?.kind !== 'page')
          throw new SxError('block-not-found', `the page of ${path} is not in the store`)
        let text: string
        try {
          text = await render(site, node, scope)
        } catch (error) {
          o.log(error)
          throw new SxError('not-acceptable', 'this page can’t be had as text/sx', { hint: 'take text/html' })
        }
        const digest = o.sha256(new TextEncoder().encode(text))
        found = { text, tag: Buffer.from(digest).toString('base64url').slice(0, 32) }
        texts.set(key, found, found.text.length * 2)
      }
      const common = {
        ETag: `"${found.tag}"`,
        'Cache-Control': 'public, max-age=0, must-revalidate',
        Vary: 'Accept',
        'X-Content-Type-Options': 'nosniff',
      }
      if (noneMatch(ifNoneMatch, found.tag)) return answer(304, common)
      return answer(200, { 'Content-Type': 'text/sx; charset=utf-8', ...common }, found.text)
    },
  }
}
