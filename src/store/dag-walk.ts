// The blocks of a DAG, or of a part of it, depth first, in the order of links: what a CAR holds, a pin keeps, a copy needs.
import type { CID } from 'multiformats/cid'
import type { AnyBlocks, CidBlock, DagScope, EntityBytes, Span, WalkOptions } from '../dag-port.ts'
import { SxError } from '../errors.ts'
import { IDENTITY } from '../ipld/any-cid.ts'
import { DAG_PB } from '../ipld/cid.ts'
import { need, readLink } from './any-blocks.ts'
import { eachCid } from './any-links.ts'
import { createCidSet } from './cid-set.ts'
import { decodeUnixFs } from './unixfs.ts'

/** What is wanted of a block's links: all below, the rest of a sharded directory, a range of a file, nothing. */
type Want =
  | { readonly kind: 'all' | 'shards' | 'none' }
  | { readonly kind: 'range'; readonly start: number; readonly end: number }

/** A link that is to be followed. Its CID is read when its turn comes: a block may have thousands. */
interface Task {
  readonly link: Uint8Array
  readonly want: Want
}

const ALL: Want = { kind: 'all' }
const SHARDS: Want = { kind: 'shards' }
const NOTHING: Want = { kind: 'none' }

/**
 * Yields the blocks on the `way` (which must be there), then those from `root` on. Identity CIDs are followed and never
 * yielded: whoever has the link has the block. Throws 'block-not-found' where one can't be had, 'walk-limit',
 * 'block-malformed'.
 */
export async function* walkDag(
  blocks: AnyBlocks,
  way: readonly CidBlock[],
  root: CidBlock,
  { scope, bytes: range, duplicates = false, limit, signal }: WalkOptions,
): AsyncGenerator<CidBlock> {
  const seen = createCidSet(root.cid.bytes)
  let left = limit
  const fresh = (cid: Uint8Array): boolean => duplicates || seen.add(cid)
  const counted = (): void => {
    if (left-- <= 0) throw new SxError('walk-limit', `a walk may take ${limit} blocks`, { limit })
  }
  for (const block of way) {
    counted()
    if (fresh(block.cid.bytes) && block.cid.multihash.code !== IDENTITY) yield block
  }

  // sent already, and yet to be followed once
  const followed = createCidSet(root.cid.bytes)
  const onTheWay = (link: Uint8Array): boolean =>
    way.some(({ cid }) => Buffer.compare(cid.bytes, link) === 0) && followed.add(link)
  const stack: Task[] = [{ link: root.cid.bytes, want: wantOf(root, scope, range) }]
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    const { link, want } = task
    const first = fresh(link)
    // the whole below a block is the same whenever the walk comes to it; a part of it is not, nor is a block on the way
    if (!first && want.kind === 'all' && !onTheWay(link)) continue
    counted()
    signal?.throwIfAborted()
    const cid = link === root.cid.bytes ? root.cid : readLink(link)
    const bytes = cid === root.cid ? root.bytes : await need(blocks, cid, signal)
    if (first && cid.multihash.code !== IDENTITY) yield { cid, bytes }
    const top = stack.length
    linksOf(cid, bytes, want, (next, nextWant) => stack.push({ link: next, want: nextWant }))
    // the first link is followed first
    for (let i = top, j = stack.length - 1; i < j; i++, j--) {
      const held = stack[i]!
      stack[i] = stack[j]!
      stack[j] = held
    }
  }
}

function wantOf({ cid, bytes }: CidBlock, scope: DagScope, range: EntityBytes | undefined): Want {
  if (scope === 'all') return ALL
  if (scope === 'block' || cid.code !== DAG_PB) return NOTHING
  const node = decodeUnixFs(`${cid}`, bytes)
  if (node.kind === 'sharded') return SHARDS
  if (node.kind !== 'file') return NOTHING
  if (range === undefined) return ALL
  const { start, end } = spanOf(range, node.fileSize)
  return start < end ? { kind: 'range', start, end } : NOTHING
}

/** The bytes that are meant of a file of `size`, end excluded; nothing where start is not before end. */
export function spanOf({ from, to }: EntityBytes, size: number): Span {
  const start = from < 0 ? Math.max(0, size + from) : from
  const last = to === undefined ? size - 1 : to < 0 ? size + to : Math.min(to, size - 1)
  return { start, end: last + 1 }
}

function linksOf(
  cid: CID,
  bytes: Uint8Array,
  want: Want,
  follow: (link: Uint8Array, want: Want) => void,
): void {
  if (want.kind === 'all') eachCid(cid.code, bytes, link => follow(link, ALL))
  // the leaves of a file may be raw
  if (want.kind === 'none' || want.kind === 'all' || cid.code !== DAG_PB) return
  const node = decodeUnixFs(`${cid}`, bytes)
  if (want.kind !== 'range') {
    for (const link of node.links) if (link.name.length === 2) follow(link.raw, SHARDS)
    return
  }
  let at = node.data.length
  for (const [index, link] of node.links.entries()) {
    const size = node.blockSizes[index]!
    if (at >= want.end) return
    if (at + size > want.start && size > 0)
      follow(link.raw, { kind: 'range', start: want.start - at, end: want.end - at })
    at += size
  }
}
