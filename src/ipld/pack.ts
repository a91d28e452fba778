// Packs as a reader meets them: a page's nodes in one block, without a hash in it (format §6). It goes to the browser.
import { cidOf, DAG_CBOR, RAW } from './cid.ts'
import { check, createCursor } from './cursor.ts'
import { MAX_BLOCK, MAX_CLOSURE } from './limits.ts'
import { orderFrom, type Skeleton, splice, splicedSize } from './skeleton.ts'

/** The first number of what is in a pack, and in a patch. */
export const PACK = 1
export const PATCH = 2
/** At most this many bytes of a pack or patch once inflated. */
export const MAX_INFLATED = 8 << 20
/** At most this many bytes of all blocks that one pack is spliced to. */
export const MAX_SPLICED = 4 * MAX_INFLATED

/**
 * The nodes in a pack, `inflated`; `bases` are the packs before it, of `before` nodes together. Throws 'block-malformed'
 * before anything is made whose size the pack claims.
 */
export const readPack = (
  inflated: Uint8Array,
  bases: readonly string[] = [],
  before = 0,
): readonly Skeleton[] => {
  const { number, take, left } = createCursor(inflated)
  check(number() === PACK && number() === bases.length && bases.every(cid => cidOf(RAW, take(32)) === cid))
  const heads: [lengths: number[], refs: number[]][] = []
  let count = number()
  check(count <= MAX_CLOSURE)
  while (count--) {
    const lengths: number[] = []
    const refs: number[] = []
    const here = before + heads.push([lengths, refs]) - 1
    for (;;) {
      lengths.push(number())
      const distance = number()
      if (!distance) break
      check(distance <= here)
      refs.push(here - distance)
    }
  }
  const nodes = heads.map(([lengths, refs]) => ({ parts: lengths.map(take), refs }))
  check(!left())
  return nodes
}

export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>

/** Everything that a page needs, proven. */
export interface Proven {
  /** by position */
  readonly nodes: readonly Skeleton[]
  /** CID → block, in order of position */
  readonly blocks: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/**
 * Puts digests in, node by node, and compares the last one with `page`: all that is reachable from it is proven then,
 * and can be stored and served under its own CID. Nodes from position `from` on must stand in depth-first post-order
 * of first occurrence, so each of them is reachable; those before are packs that pages share. Throws 'block-malformed',
 * also for nodes of another page.
 */
export const prove = async (
  nodes: readonly Skeleton[],
  page: string,
  digest: Digest,
  from = 0,
): Promise<Proven> => {
  const order = orderFrom(nodes, from)
  check(order.length + from === nodes.length && order.every((node, i) => node === from + i))
  const digests: Uint8Array[] = []
  const blocks = new Map<string, Uint8Array<ArrayBuffer>>()
  let last: string | undefined
  let spliced = 0
  for (const node of nodes) {
    const size = splicedSize(node)
    spliced += size
    // Before it is made: a link of two bytes becomes one of 41.
    check(size <= MAX_BLOCK && spliced <= MAX_SPLICED)
    const block = splice(node, digests)
    const found = await digest(block)
    digests.push(found)
    last = cidOf(DAG_CBOR, found)
    check(!blocks.has(last))
    blocks.set(last, block)
  }
  check(last === page)
  return { nodes, blocks }
}

export type Inflate = (bytes: Uint8Array<ArrayBuffer>, limit: number) => Promise<Uint8Array<ArrayBuffer>>

/**
 * A page's packs, its own last, as they are stored and sent: read, spliced, proven. What they hold is capped before it
 * is inflated or made. Throws 'block-malformed', or as `inflate` does.
 */
export const openPacks = async (
  packs: readonly { readonly cid: string; readonly bytes: Uint8Array<ArrayBuffer> }[],
  page: string,
  digest: Digest,
  inflate: Inflate,
): Promise<Proven> => {
  const bases: string[] = []
  const nodes: Skeleton[] = []
  let from = 0
  for (const { cid, bytes } of packs) {
    from = nodes.length
    for (const node of readPack(await inflate(bytes, MAX_INFLATED), bases, from)) nodes.push(node)
    bases.push(cid)
  }
  return prove(nodes, page, digest, from)
}
