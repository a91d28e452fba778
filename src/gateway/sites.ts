// The site behind a root: its node, and what its annotations say of a definition. A root never changes, so it is read once.
import { SxError } from '../errors.ts'
import type { Data } from '../ipld/data.ts'
import { decodeNode } from '../ipld/decode.ts'
import { openHashMap } from '../ipld/hashmap.ts'
import type { SiteNode } from '../ipld/kinds.ts'
import type { Sha256, Store } from '../ports.ts'

export interface About {
  readonly names: readonly string[]
  readonly doc?: string | undefined
  /** `file:line` */
  readonly source?: string | undefined
}

export interface Site {
  readonly root: string
  readonly node: SiteNode
  /** CIDs of what the page's loader may run */
  readonly boot: ReadonlySet<string>
  /** from the annotations; without names for what has none */
  about(cid: string): About
}

export interface Sites {
  /** undefined: no root yet. Throws 'store-corrupt' or 'block-not-found' when the root can't be read. */
  current(): Site | undefined
}

/** Roots kept: the newest, and those that requests under way began with. */
const KEPT = 4

export function createSites(store: Store, sha256: Sha256, root: () => string | undefined): Sites {
  const known = new Map<string, Site>()
  return {
    current: () => {
      const cid = root()
      if (cid === undefined) return undefined
      const site = known.get(cid) ?? open(store, sha256, cid)
      if (!known.has(cid)) {
        known.set(cid, site)
        for (const oldest of known.keys()) {
          if (known.size <= KEPT) break
          known.delete(oldest)
        }
      }
      return site
    },
  }
}

function open(store: Store, sha256: Sha256, root: string): Site {
  const load = (cid: string): Uint8Array => {
    const bytes = store.get(cid)
    if (bytes === undefined)
      throw new SxError('block-not-found', `${cid}, a part of the root ${root}, is not in the store`)
    return bytes
  }
  const node = decodeNode(load(root))
  if (node.kind !== 'site') throw new SxError('not-a-definition', `${root} is no site but a ${node.kind}`)
  const annotations = openHashMap(node.annotations.cid, { sha256, load })
  const { loader, kernel, platform } = node.boot
  return {
    root,
    node,
    boot: new Set([loader.cid, kernel.cid, platform.cid]),
    about: cid => readAbout(annotations.get(cid)),
  }
}

/** What a person is told is taken from the index as far as it is of the expected shape. */
function readAbout(entry: Data | undefined): About {
  const field = (name: string): Data | undefined =>
    entry instanceof Map ? (entry.get(name) as Data | undefined) : undefined
  const names = field('names')
  const doc = field('doc')
  const source = field('source')
  return {
    names: Array.isArray(names) ? names.filter(name => typeof name === 'string').sort() : [],
    doc: typeof doc === 'string' ? doc : undefined,
    source: typeof source === 'string' ? source : undefined,
  }
}
