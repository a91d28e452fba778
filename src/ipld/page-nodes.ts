// A page's nodes as packs and patches count them: its closure in order, each block with its links cut out (format §6).
import { closureOf } from './closure.ts'
import { linksIn } from './links.ts'
import { cut, findLinks, type Skeleton } from './skeleton.ts'

export interface PageNodes {
  /** CIDs by position, the page's own last */
  readonly order: readonly string[]
  readonly nodes: readonly Skeleton[]
}

/** A dag-cbor block's CID begins like this. Raw blocks and files, such as a module's bytes, don't travel in packs. */
export const isNode = (cid: string): boolean => cid.startsWith('bafyrei')

/** `get` answers verified bytes, or throws. Throws 'block-too-large' for more than a closure may hold. */
export const nodesOfPage = (page: string, get: (cid: string) => Uint8Array): PageNodes => {
  const order = closureOf(page, cid => linksIn(get(cid)).filter(isNode))
  const positions = new Map(order.map((cid, i) => [cid, i]))
  const nodes = order.map(cid => {
    const block = get(cid)
    return cut(block, findLinks(block), one => positions.get(one))
  })
  return { order, nodes }
}
