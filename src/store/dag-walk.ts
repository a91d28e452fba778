// The blocks of a DAG, or of a part of it, depth first, in the order of links: what a CAR holds, a pin keeps, a copy needs.
import type { CID } from 'multiformats/cid'
import { SxError } from '../errors.ts'
import { IDENTITY } from '../ipld/any-cid.ts'
import { DAG_PB } from '../ipld/cid.ts'
import type { AnyBlocks } from '../ports.ts'
import { need, readLink } from './any-blocks.ts'
import { eachCid } from './any-links.ts'
import { decodeUnixFs, type UnixFsNode } from './unixfs.ts'

/** https://specs.ipfs.tech/http-gateways/trustless-gateway/#dag-scope-request-query-parameter */
export type DagScope = 'block' | 'entity' | 'all'

/** Of a file's bytes, first and last, both included; negative: from the end; `to` undefined: the end. */
export interface EntityBytes {
  readonly from: number
  readonly to: number | undefined
}

export interface WalkOptions {
  readonly scope: DagScope
  /** only with 'entity'; what is no file passes over it */
  readonly bytes?: EntityBytes | undefined
  /** true: a block as often as the walk comes to it. false (default): once */
  readonly duplicates?: boolean | undefined
  /** blocks at most; more throws 'walk-limit'. A DAG that shares its parts has exponentially many with duplicates. */
  readonly limit: number
  readonly signal?: AbortSignal | undefined
}

export interface WalkedBlock {
  readonly cid: CID
  readonly bytes: Uint8Array
}

/** What is wanted of a block's links: all below, the rest of a sharded directory, a range of a file, nothing. */
type Task =
  | { readonly cid: CID; readonly want: 'all' | 'shards' | 'none' }
  | { readonly cid: CID; readonly want: 'range'; readonly start: number; readonly end: number }

/** Version and text form do not count: one block of one codec is one key. One small string each: a walk may hold a million. */
const keyOf = ({ version, bytes }: CID): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return version === 0 ? `\x01\x70${text}` : text
}

/**
 * Yields the blocks on the `way` (which must be there), then those from `root` on. Identity CIDs are followed and never
 * yielded: whoever has the link has the block. Throws 'block-not-found' where one can't be had, 'walk-limit',
 * 'block-malformed'.
 */
export async function* walkDag(
  blocks: AnyBlocks,
  way: readonly WalkedBlock[],
  root: WalkedBlock,
  { scope, bytes: range, duplicates = false, limit, signal }: WalkOptions,
): AsyncGenerator<WalkedBlock> {
  const seen = new Set<string>()
  let left = limit
  /** it is not known yet; from now on it is */
  const fresh = (cid: CID): boolean => {
    if (duplicates) return true
    const before = seen.size
    return seen.add(keyOf(cid)).size > before
  }
  const counted = (): void => {
    if (left-- <= 0) throw new SxError('walk-limit', `a walk may take ${limit} blocks`, { limit })
  }
  for (const block of way) {
    counted()
    if (fresh(block.cid) && block.cid.multihash.code !== IDENTITY) yield block
  }

  // sent already, and yet to be followed once
  const wayKeys = new Set(duplicates ? [] : way.map(({ cid }) => keyOf(cid)))
  const stack: Task[] = [taskOf(root, scope, range)]
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    const { cid } = task
    const first = fresh(cid)
    // the whole below a block is the same whenever the walk comes to it; a part of it is not, nor is a block on the way
    if (!first && task.want === 'all' && !wayKeys.delete(keyOf(cid))) continue
    counted()
    signal?.throwIfAborted()
    const bytes = cid === root.cid ? root.bytes : await need(blocks, cid, signal)
    if (first && cid.multihash.code !== IDENTITY) yield { cid, bytes }
    const below: Task[] = []
    for (const next of linksOf(task, bytes)) below.push(next)
    while (below.length > 0) stack.push(below.pop()!)
  }
}

function taskOf({ cid, bytes }: WalkedBlock, scope: DagScope, range: EntityBytes | undefined): Task {
  if (scope === 'all') return { cid, want: 'all' }
  if (scope === 'block' || cid.code !== DAG_PB) return { cid, want: 'none' }
  const node = decodeUnixFs(`${cid}`, bytes)
  if (node.kind === 'sharded') return { cid, want: 'shards' }
  if (node.kind !== 'file') return { cid, want: 'none' }
  if (range === undefined) return { cid, want: 'all' }
  const { start, end } = spanOf(range, node.fileSize)
  return start < end ? { cid, want: 'range', start, end } : { cid, want: 'none' }
}

/** The bytes that are meant of a file of `size`, end excluded; nothing where start is not before end. */
export function spanOf({ from, to }: EntityBytes, size: number): { start: number; end: number } {
  const start = from < 0 ? Math.max(0, size + from) : from
  const last = to === undefined ? size - 1 : to < 0 ? size + to : Math.min(to, size - 1)
  return { start, end: last + 1 }
}

function* linksOf(task: Task, bytes: Uint8Array): Generator<Task> {
  if (task.want === 'none') return
  if (task.want === 'all') {
    const links: Uint8Array[] = []
    eachCid(task.cid.code, bytes, link => links.push(link))
    for (const link of links) yield { cid: readLink(link), want: 'all' }
    return
  }
  // the leaves of a file may be raw
  if (task.cid.code !== DAG_PB) return
  const node = decodeUnixFs(`${task.cid}`, bytes)
  if (task.want === 'range') yield* inRange(node, task.start, task.end)
  else
    for (const link of node.links)
      if (link.name.length === 2) yield { cid: readLink(link.raw), want: 'shards' }
}

function* inRange(node: UnixFsNode, start: number, end: number): Generator<Task> {
  let at = node.data.length
  for (const [index, link] of node.links.entries()) {
    const size = node.blockSizes[index]!
    if (at >= end) return
    if (at + size > start && size > 0)
      yield { cid: readLink(link.raw), want: 'range', start: start - at, end: end - at }
    at += size
  }
}
