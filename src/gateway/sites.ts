// The site behind a root: its node, and what its annotations say of a definition. A root never changes, so it is read once.
import { SxError } from '../errors.ts'
import { decodeNode } from '../ipld/decode.ts'
import { getEntry } from '../ipld/hashmap.ts'
import type { SiteNode } from '../ipld/kinds.ts'
import type { Store } from '../ports.ts'

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

export function createSites(store: Store, root: () => string | undefined): Sites {
  const known = new Map<string, Site>()
  return {
    current: () => {
      const cid = root()
      if (cid === undefined) return undefined
      const site = known.get(cid) ?? open(store, cid)
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

function open(store: Store, root: string): Site {
  const bytes = store.get(root)
  if (bytes === undefined) throw new SxError('block-not-found', `the root ${root} is not in the store`)
  const node = decodeNode(bytes)
  if (node.kind !== 'site') throw new SxError('not-a-definition', `${root} is no site but a ${node.kind}`)
  const { loader, kernel, platform } = node.boot
  return {
    root,
    node,
    boot: new Set([loader.cid, kernel.cid, platform.cid]),
    about: cid => readAbout(getEntry(node.annotations.cid, cid, load => store.get(load))),
  }
}

/** Annotations are another module's data: what is not of the expected shape is left out. */
function readAbout(entry: unknown): About {
  const field = (name: string): unknown =>
    entry instanceof Map
      ? entry.get(name)
      : typeof entry === 'object' && entry !== null
        ? Reflect.get(entry, name)
        : undefined
  const names = field('names')
  const doc = field('doc')
  const source = field('source')
  return {
    names: Array.isArray(names) ? names.filter(name => typeof name === 'string').sort() : [],
    doc: typeof doc === 'string' ? doc : undefined,
    source: typeof source === 'string' ? source : undefined,
  }
}
