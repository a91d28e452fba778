// A site as a reader finds it below its root: names, pages, and what the annotations say. Nothing is trusted to be of
// the expected shape: a root may be anybody's.
import { SxError } from '../errors.ts'
import { ExportLink, Link } from '../lang/values.ts'
import type { Sha256 } from '../ports.ts'
import type { Data } from './data.ts'
import { decodeNode } from './decode.ts'
import { openHashMap } from './hashmap.ts'
import type { SiteNode } from './kinds.ts'

/** What people want to know of a CID, from the annotations; without names for what has none. */
export interface About {
  /** sorted by code unit */
  readonly names: readonly string[]
  readonly doc?: string
  /** `file:line`, relative to the source folder */
  readonly source?: string
  /** as written, where macros made its stored form another one */
  readonly written?: string
  /** SHA3-256 hex of the canonical text */
  readonly contentId?: string
  /** host words that it reaches, sorted; none: it is pure; absent: a root from before that was told */
  readonly io?: readonly string[]
}

/** What a root says of a page: CIDs. */
export interface SitePage {
  /** the pattern */
  readonly path: string
  readonly page: string
  readonly closure: string
  /** the page's own last; none: it travels block by block */
  readonly packs: readonly string[]
}

export interface OpenSite {
  readonly root: string
  readonly node: SiteNode
  /** the CID of a definition, library or module */
  find(name: string): string | undefined
  /** What a free name means in the site: its definition, else what a library exports. */
  meaning(name: string): Link | ExportLink | undefined
  /** all names, in no order */
  names(): Iterable<readonly [name: string, cid: string]>
  /** all pages, in no order */
  pages(): Iterable<SitePage>
  about(cid: string): About
}

export interface SitePorts {
  readonly sha256: Sha256
  /** verified bytes; throws if there are none */
  readonly load: (cid: string) => Uint8Array
}

const field = (data: Data | undefined, name: string): Data | undefined =>
  data instanceof Map ? (data.get(name) as Data | undefined) : undefined
const text = (data: Data | undefined): string | undefined => (typeof data === 'string' ? data : undefined)
const cidOf = (data: Data | undefined): string | undefined => (data instanceof Link ? data.cid : undefined)

const readAbout = (entry: Data | undefined): About => {
  const listed = field(entry, 'names')
  const all = Array.isArray(listed) ? (listed as readonly Data[]) : []
  const first = <T>(pick: (one: Data) => T | undefined): T | undefined => {
    for (const one of all) {
      const found = pick(one)
      if (found !== undefined) return found
    }
    return undefined
  }
  const about = {
    doc: first(one => text(field(one, 'doc'))),
    source: first(one => {
      const file = text(field(one, 'file'))
      const line = field(one, 'line')
      return file === undefined || typeof line !== 'number' ? undefined : `${file}:${line}`
    }),
    written: first(one => text(field(one, 'written'))),
    contentId: first(one => text(field(one, 'contentId'))),
  }
  const io = field(entry, 'io')
  return {
    ...(Array.isArray(io) && { io: (io as readonly Data[]).flatMap(word => text(word) ?? []) }),
    names: all.flatMap(one => text(field(one, 'name')) ?? []).sort(),
    ...(Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined)) as Omit<
      About,
      'names'
    >),
  }
}

/** Opens the site of `root`; its maps are loaded as they are asked. Throws 'not-a-definition' when it is no site. */
export const openSite = (root: string, { sha256, load }: SitePorts): OpenSite => {
  const node = decodeNode(load(root))
  if (node.kind !== 'site') throw new SxError('not-a-definition', `${root} is no site but a ${node.kind}`)
  const map = (link: Link) => openHashMap(link.cid, { sha256, load })
  const names = map(node.names)
  const exports = map(node.exports)
  const pages = map(node.pages)
  const annotations = map(node.annotations)
  return {
    root,
    node,
    find: name => cidOf(names.get(name)),
    meaning: name => {
      const cid = cidOf(names.get(name))
      if (cid !== undefined && !/^(library|wasm)$/.test(decodeNode(load(cid)).kind)) return new Link(cid)
      const library = cidOf(exports.get(name))
      return library === undefined ? undefined : new ExportLink(library, name)
    },
    *names() {
      for (const [name, data] of names.entries()) {
        const cid = cidOf(data)
        if (cid !== undefined) yield [name, cid]
      }
    },
    *pages() {
      for (const [path, data] of pages.entries()) {
        const page = cidOf(field(data, 'page'))
        const closure = cidOf(field(data, 'closure'))
        const packs = field(data, 'packs')
        if (page !== undefined && closure !== undefined)
          yield {
            path,
            page,
            closure,
            packs: Array.isArray(packs) ? (packs as readonly Data[]).flatMap(pack => cidOf(pack) ?? []) : [],
          }
      }
    },
    about: cid => readAbout(annotations.get(cid)),
  }
}
