// Packs: a page's nodes in one block, without a hash in it (format §6). Reading and proving goes to the browser.
import { SxError } from '../errors.ts'
import { cidOf, DAG_CBOR, RAW } from './cid.ts'
import { ByteWriter, createCursor } from './cursor.ts'
import { inflate } from './inflate.ts'
import { MAX_BLOCK, MAX_CLOSURE } from './node.ts'
import { orderFrom, type Skeleton, splice, splicedSize } from './skeleton.ts'

/** The first number of what is in a pack, and in a patch. */
export const PACK = 1
export const PATCH = 2
/** At most this many bytes of a pack or patch once inflated. */
export const MAX_INFLATED = 8 << 20
/** At most this many bytes of all blocks that one pack is spliced to. */
export const MAX_SPLICED = 4 * MAX_INFLATED

/** `bases`: digests of the packs whose `before` nodes have the positions below those of `nodes`. */
export const writePack = (
  nodes: readonly Skeleton[],
  before = 0,
  bases: readonly Uint8Array[] = [],
): Uint8Array<ArrayBuffer> => {
  const size = nodes.reduce((sum, node) => sum + splicedSize(node), 0)
  const body = new ByteWriter(size)
  // The bodies follow what heads take, a few bytes for each link.
  const head = new ByteWriter(size + 4 * nodes.length)
  head.number(PACK)
  head.number(bases.length)
  for (const digest of bases) head.put(digest)
  head.number(nodes.length)
  for (const [i, { parts, refs }] of nodes.entries()) {
    for (const [k, part] of parts.entries()) {
      head.number(part.length)
      const ref = refs[k]
      head.number(ref === undefined ? 0 : before + i - ref)
      body.put(part)
    }
  }
  head.put(body.written())
  return head.written()
}

/**
 * The nodes in a pack, `inflated`; `bases` are the packs before it, of `before` nodes together. Throws
 * 'block-malformed', or 'block-too-large' before anything is made whose size the pack claims.
 */
export const readPack = (
  inflated: Uint8Array,
  bases: readonly string[] = [],
  before = 0,
): readonly Skeleton[] => {
  const { number, take, left, check } = createCursor(inflated)
  check(number() === PACK, 'no pack')
  check(number() === bases.length && bases.every(cid => cidOf(RAW, take(32)) === cid), 'other base packs')
  const heads: { readonly lengths: readonly number[]; readonly refs: readonly number[] }[] = []
  for (let count = number(); count; count--) {
    const here = before + heads.length
    if (here >= MAX_CLOSURE) tooLarge(`${MAX_CLOSURE} nodes`)
    const lengths: number[] = []
    const refs: number[] = []
    for (;;) {
      lengths.push(number())
      const distance = number()
      if (!distance) break
      check(distance <= here, 'a reference to before the first node')
      refs.push(here - distance)
    }
    heads.push({ lengths, refs })
  }
  let spliced = 0
  const nodes = heads.map(({ lengths, refs }) => {
    const node = { parts: lengths.map(take), refs }
    const size = splicedSize(node)
    spliced += size
    if (size > MAX_BLOCK || spliced > MAX_SPLICED) tooLarge(`${MAX_SPLICED} bytes, or ${MAX_BLOCK} in a node`)
    return node
  })
  check(!left(), 'bytes after its end')
  return nodes
}

/** Lets nodes through until their blocks would be too large, one by itself or all together. */
export const limitNodes = (): ((node: Skeleton) => Skeleton) => {
  let spliced = 0
  let count = 0
  return node => {
    const size = splicedSize(node)
    spliced += size
    if (size > MAX_BLOCK || spliced > MAX_SPLICED) tooLarge(`${MAX_SPLICED} bytes, or ${MAX_BLOCK} in a node`)
    if (++count > MAX_CLOSURE) tooLarge(`${MAX_CLOSURE} nodes`)
    return node
  }
}

const tooLarge = (what: string): never => {
  throw new SxError('block-too-large', `a pack of more than ${what}`)
}

export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>

/** Everything that a page needs, proven: the position of each node is that of its digest and its block. */
export interface Proven {
  readonly nodes: readonly Skeleton[]
  /** CID → block, in order of position */
  readonly blocks: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/**
 * Puts digests in, node by node, and compares the last one with `page`: all that is reachable from it is proven then,
 * and can be stored and served under its own CID. Nodes from position `from` on must stand in depth-first post-order
 * of first occurrence, so each of them is reachable; those before are packs that pages share. Throws 'block-malformed',
 * or 'block-mismatch' for nodes of another page.
 */
export const prove = async (
  nodes: readonly Skeleton[],
  page: string,
  digest: Digest,
  from = 0,
): Promise<Proven> => {
  const last = nodes.length - 1
  const order = last < from ? [] : orderFrom(nodes, last, from)
  if (order.length !== nodes.length - from || order.some((node, i) => node !== from + i) || last < from)
    throw new SxError('block-malformed', 'a pack with a node too many, or in another order')
  const digests: Uint8Array[] = []
  const blocks = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const node of nodes) {
    const block = splice(node, digests)
    const found = await digest(block)
    digests.push(found)
    blocks.set(cidOf(DAG_CBOR, found), block)
  }
  if (cidOf(DAG_CBOR, digests[last]!) !== page)
    throw new SxError('block-mismatch', `the nodes that came for the page ${page} are not that page`)
  if (blocks.size < nodes.length) throw new SxError('block-malformed', 'a pack with a node twice')
  return { nodes, blocks }
}

/**
 * A page's packs, its own last, as they are stored and sent: read, spliced, proven. What they hold is capped before it
 * is inflated or made. Throws 'block-malformed', 'block-too-large' or 'block-mismatch'.
 */
export const openPacks = async (
  packs: readonly { readonly cid: string; readonly bytes: Uint8Array<ArrayBuffer> }[],
  page: string,
  digest: Digest,
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
