// The packs of a site's pages: one that they share where that saves bytes, and each page's own (format §6). An edit
// costs the packs of the pages that it changed.
import { parseCid, RAW } from '../ipld/cid.ts'
import { closureOf } from '../ipld/closure.ts'
import { gzip } from '../ipld/gzip.ts'
import { MAX_BLOCK } from '../ipld/limits.ts'
import { isNode } from '../ipld/page-nodes.ts'
import { cut, type FoundLink, findLinks, type Skeleton, splicedSize } from '../ipld/skeleton.ts'
import { writePack } from '../ipld/write-pack.ts'

export interface PackedPage {
  readonly cid: string
  /** its closure in order, itself last */
  readonly needs: ReadonlySet<string>
}

export interface PagePacks {
  /** Pages by name → the CIDs of each one's packs, its own last. What did not change is not packed again. */
  update(pages: ReadonlyMap<string, PackedPage>): ReadonlyMap<string, readonly string[]>
  /** These blocks are gone. */
  drop(cids: Iterable<string>): void
}

export interface PackPorts {
  readonly bytesOf: (cid: string) => Uint8Array
  readonly linksOf: (cid: string) => readonly string[]
  readonly put: (bytes: Uint8Array, codec: number) => string
}

/** A pack holds no more than this before it is compressed, so that it fits in a block whatever is in it. */
const PACK_SIZE = MAX_BLOCK - (MAX_BLOCK >> 6)
/** A shared pack smaller than this is not worth its request. */
const LEAST_SHARED = 2048

interface Shared {
  readonly cid: string
  readonly order: readonly string[]
}

export const createPagePacks = ({ bytesOf, linksOf, put }: PackPorts): PagePacks => {
  const links = new Map<string, readonly FoundLink[]>()
  const linksIn = (cid: string, block: Uint8Array): readonly FoundLink[] => {
    let found = links.get(cid)
    if (found === undefined) {
      found = findLinks(block)
      links.set(cid, found)
    }
    return found
  }

  /** Packs `order` after what the packs `bases` hold at `positions`; as many as it takes. */
  const pack = (order: readonly string[], positions: Map<string, number>, bases: string[]): string[] => {
    let nodes: Skeleton[] = []
    let before = positions.size
    let size = 0
    const close = (): void => {
      const digests = bases.map(cid => parseCid(cid).digest)
      bases.push(put(gzip(writePack(nodes, before, digests)), RAW))
      before += nodes.length
      nodes = []
      size = 0
    }
    for (const cid of order) {
      const block = bytesOf(cid)
      const skeleton = cut(block, linksIn(cid, block), one => positions.get(one))
      const more = splicedSize(skeleton)
      if (nodes.length > 0 && size + more > PACK_SIZE) close()
      nodes.push(skeleton)
      size += more
      positions.set(cid, positions.size)
    }
    close()
    return bases
  }

  /** page → how often it counts in `uses` */
  let counted: ReadonlyMap<string, PackedPage> = new Map()
  const uses = new Map<string, number>()
  const count = ({ needs }: PackedPage, by: number): void => {
    for (const cid of needs) {
      const now = (uses.get(cid) ?? 0) + by
      if (now === 0) uses.delete(cid)
      else uses.set(cid, now)
    }
  }

  let shared: Shared | undefined
  /** key of what was looked at when `shared` was made */
  let sharedKey = ''
  const findShared = (pages: number): void => {
    const members = new Set<string>()
    if (pages > 1) for (const [cid, n] of uses) if (n * 2 > pages && isNode(cid)) members.add(cid)
    const below = (cid: string): readonly string[] => linksOf(cid).filter(one => members.has(one))
    const reached = new Set([...members].flatMap(below))
    // An order that no page decides, so that a page's edit leaves it alone.
    const roots = [...members].filter(cid => !reached.has(cid)).sort()
    const key = roots.join(' ')
    if (key === sharedKey) return
    sharedKey = key
    const order = closureOf('', cid => (cid === '' ? roots : below(cid))).slice(0, -1)
    const size = order.reduce((sum, cid) => sum + bytesOf(cid).length, 0)
    const [cid] = size < LEAST_SHARED || size > PACK_SIZE ? [] : pack(order, new Map(), [])
    shared = cid === undefined ? undefined : { cid, order }
  }

  interface Packed {
    readonly page: string
    readonly shared: Shared | undefined
    readonly packs: readonly string[]
  }
  let packed = new Map<string, Packed>()

  /** The shared pack, for a page that uses at least half of it. */
  const sharedFor = ({ needs }: PackedPage): Shared | undefined =>
    shared && shared.order.filter(cid => needs.has(cid)).length * 2 >= shared.order.length
      ? shared
      : undefined

  const packPage = ({ cid, needs }: PackedPage, base: Shared | undefined): Packed => {
    const positions = new Map(base?.order.map((one, i) => [one, i]))
    const own = [...needs].filter(one => isNode(one) && !positions.has(one))
    return { page: cid, shared: base, packs: pack(own, positions, base ? [base.cid] : []) }
  }

  return {
    update: pages => {
      let changed = false
      for (const [name, page] of counted)
        if (pages.get(name) !== page) {
          count(page, -1)
          changed = true
        }
      for (const [name, page] of pages)
        if (counted.get(name) !== page) {
          count(page, 1)
          changed = true
        }
      counted = pages
      if (changed) findShared(pages.size)
      packed = new Map(
        [...pages].map(([name, page]) => {
          const before = packed.get(name)
          const base = before?.page === page.cid && before.shared === shared ? before.shared : sharedFor(page)
          if (before?.page === page.cid && before.shared === base) return [name, before]
          return [name, packPage(page, base)]
        }),
      )
      return new Map([...packed].map(([name, { packs }]) => [name, packs]))
    },
    drop: cids => {
      for (const cid of cids) links.delete(cid)
    },
  }
}
