// Host words while a page is built: a query is answered by a JSON file of the site's `data` folder, which is published
// beside the pages, so that a browser gets the same answer. Everything else waits for a browser or a server.
import { SxError } from '../errors.ts'
import { placeOf } from '../ipld/definition.ts'
import type { Entry } from '../ipld/graph.ts'
import { pathTo } from '../ipld/purity.ts'
import { hostIo } from '../lang/words.ts'
import type { Block, FileBuilder } from '../ports.ts'
import type { Host, HostIo } from '../runtime/host-io.ts'
import { createPublicFiles, type FileLink } from './public-files.ts'

/** Query name → CID of the file that answered, undefined where there was none: what a rendered page depends on. */
export type Reads = Map<string, string | undefined>

export interface SiteData {
  /** Looks at the whole folder. Throws 'source-invalid' for a file that is no JSON. */
  scan(emit: (block: Block) => void): Promise<void>
  /** by their paths in the site: `data/posts.json` */
  readonly files: ReadonlyMap<string, FileLink>
  /** For one page: what it asks goes to `reads`. */
  host(reads: Reads): Host
  /** do these answers still hold? */
  holds(reads: Reads): boolean
}

const parse = (path: string, bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new SxError('source-invalid', `data/${path} is not JSON: ${(cause as Error).message}`, {}, cause)
  }
}

const unanswered = (name: string): SxError =>
  new SxError('eval-unsupported', `the query "${name}" has no answer while the page is built`, {
    word: 'query',
    hint: `put its answer into data/${name}.json, or ask in a page that is rendered later (its path has a <parameter> and there is no :paths)`,
  })

export const createSiteData = (folder: string, builder: FileBuilder): SiteData => {
  const values = new Map<string, unknown>()
  const found = createPublicFiles(folder, builder, {
    wanted: name => name.endsWith('.json'),
    seen: (path, bytes) => values.set(path, parse(path, bytes)),
  })
  let files = new Map<string, FileLink>()
  const cidOf = (name: string): string | undefined => files.get(`data/${name}.json`)?.cid

  const waits: HostIo = Object.fromEntries(
    [...hostIo].map(word => [
      word,
      () => {
        throw new SxError(
          'eval-unsupported',
          `${word} waits for a browser or a server, and a page is built without`,
          {
            word,
            hint: 'use it in a page that is rendered later (its path has a <parameter> and there is no :paths), or in what `sx serve` runs',
          },
        )
      },
    ]),
  )
  return {
    scan: async emit => {
      await found.scan(emit)
      files = new Map([...found.files].map(([path, link]) => [`data/${path}`, link]))
    },
    get files() {
      return files
    },
    host: reads => ({
      signal: new AbortController().signal,
      io: {
        ...waits,
        query: ([name, ...args]) => {
          if (typeof name !== 'string')
            throw new SxError('eval-failed', 'query takes a name first', { word: 'query' })
          if (args.length > 0)
            throw new SxError(
              'eval-unsupported',
              `the query "${name}" has arguments, and a file can't answer those`,
              {
                word: 'query',
                hint: 'ask without arguments and choose in SX',
              },
            )
          reads.set(name, cidOf(name))
          if (cidOf(name) === undefined) throw unanswered(name)
          return values.get(`${name}.json`) as never
        },
      },
    }),
    holds: reads => [...reads].every(([name, cid]) => cidOf(name) === cid),
  }
}

/** An error of a host word with the way from the page to it, and the place of the definition where it stands. */
export const explainHostWord = (error: unknown, page: Entry): unknown => {
  if (!(error instanceof SxError) || typeof error.detail.word !== 'string') return error
  const { word, hint, ...detail } = error.detail
  const path = pathTo(page, word as string)
  const last = path.at(-1)
  if (last === undefined || (path.length === 1 && !last.expansion?.hostIo.has(word as string))) return error
  return new SxError(
    error.code,
    error.message,
    {
      ...detail,
      word,
      place: placeOf(last.origin.at),
      related: path
        .slice(0, -1)
        .map(one => ({ note: `by way of ${one.name}`, place: placeOf(one.origin.at) })),
      path: path.map(one => one.name),
      hint: `it goes ${[...path.map(one => one.name), word].join(' → ')}${hint === undefined ? '' : `; ${hint}`}`,
    },
    error.cause,
  )
}
