// All that a definition or page needs, in the order in which a pack would hold it (format §3, closure).
import { SxError } from '../errors.ts'
import { encodeNode } from './encode.ts'
import { MAX_CLOSURE } from './limits.ts'
import { linksTo } from './links.ts'

/** At most this many links in one block: 41 bytes each, so 820 KB. */
export const LINKS_PER_BLOCK = 20_000

/**
 * Depth-first post-order of first occurrence from `root`, which comes last. `linksOf` is asked once for each CID; it
 * answers from a cache if it has one, and with nothing for what is not to be followed. Iterative: a long chain takes
 * no stack. Throws 'block-too-large' beyond `limit` nodes.
 */
export const closureOf = (
  root: string,
  linksOf: (cid: string) => readonly string[],
  limit: number = MAX_CLOSURE,
): string[] => {
  const order: string[] = []
  const seen = new Set([root])
  const stack = [{ cid: root, links: linksOf(root), next: 0 }]
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const cid = top.links[top.next++]
    if (cid === undefined) {
      order.push(top.cid)
      stack.pop()
    } else if (!seen.has(cid)) {
      if (seen.size >= limit) {
        throw new SxError('block-too-large', `${root} needs more than ${limit} nodes`, { limit })
      }
      seen.add(cid)
      stack.push({ cid, links: linksOf(cid), next: 0 })
    }
  }
  return order
}

/**
 * Puts a closure's blocks, parts before the whole, and answers the CID of the whole. Up to 20,000 links stand in one
 * block; more are split into parts of that many.
 */
export const putClosure = (order: readonly string[], put: (bytes: Uint8Array) => string): string => {
  const whole = (links: readonly string[]): string =>
    put(encodeNode({ kind: 'closure', links: linksTo(links) }))
  if (order.length <= LINKS_PER_BLOCK) return whole(order)
  const parts: string[] = []
  for (let at = 0; at < order.length; at += LINKS_PER_BLOCK)
    parts.push(whole(order.slice(at, at + LINKS_PER_BLOCK)))
  return put(encodeNode({ kind: 'closure', parts: linksTo(parts) }))
}
