// The site behind the root of the moment. A root never changes, so it is opened once.
import { SxError } from '../errors.ts'
import { type OpenSite, openSite } from '../ipld/site.ts'
import type { Sha256, Store } from '../ports.ts'

export interface Site extends OpenSite {
  /** CIDs of what the page's loader may run: kernel, platform and the runtime's modules */
  readonly boot: ReadonlySet<string>
}

export interface Sites {
  /** undefined: no root yet. Throws 'store-corrupt', 'block-not-found' or 'not-a-definition' when the root can't be read. */
  current(): Site | undefined
}

/** Roots kept: the newest, and those that requests under way began with. */
const KEPT = 4

export function createSites(store: Store, sha256: Sha256, root: () => string | undefined): Sites {
  const known = new Map<string, Site>()
  const load = (cid: string): Uint8Array => {
    const bytes = store.get(cid)
    if (bytes === undefined) throw new SxError('block-not-found', `${cid} of the site is not in the store`)
    return bytes
  }
  const open = (cid: string): Site => {
    const site = openSite(cid, { sha256, load })
    const { loader, kernel, platform } = site.node.boot
    // Bytecode has such a name too, and is a node.
    const runtime = [...site.node.modules].filter(([name]) => /^sx:(?!bytecode\/)/.test(name))
    return {
      ...site,
      boot: new Set([loader, kernel, platform, ...runtime.map(([, link]) => link)].map(link => link.cid)),
    }
  }
  return {
    current: () => {
      const cid = root()
      if (cid === undefined) return undefined
      let site = known.get(cid)
      if (site === undefined) {
        site = open(cid)
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
