// What a gateway reads of IPFS: paths, files by range, listings, CARs; from this store alone, or from other sources too.
import type { CID } from 'multiformats/cid'
import type { AnyBlocks, DagReader, DirectoryEntry, Entry, ReadOptions } from '../dag-port.ts'
import { SxError } from '../errors.ts'
import { DAG_PB, RAW } from '../ipld/cid.ts'
import { need, readLink } from './any-blocks.ts'
import { writeCar } from './car.ts'
import { resolvePath } from './content-path.ts'
import { spanOf, walkDag } from './dag-walk.ts'
import { createLoans, type Loans } from './loans.ts'
import { decodeUnixFs, type UnixFsNode } from './unixfs.ts'

/** A stream hands out so much at once, and holds no more than that while its reader is slow. */
const SLICE = 65_536
/** Milliseconds for which a leaf is held for a reader who is slow. */
const MOMENT = 50
/** Bytes of leaves out at once. */
const LENT = 32 * 2 ** 20
const NONE = new Uint8Array()
const MAX_LEVELS = 32
const MAX_SHARD_LEVELS = 8

export function createDagReader(here: AnyBlocks, anywhere: AnyBlocks = here): DagReader {
  const loans = createLoans(LENT)
  const from = ({ local }: ReadOptions): AnyBlocks => (local === true ? here : anywhere)
  const sourceOf = (options: ReadOptions): Source => ({
    blocks: from(options),
    loans,
    signal: options.signal,
  })
  const nodeOf = (cid: CID, bytes: Uint8Array): UnixFsNode => decodeUnixFs(`${cid}`, bytes)

  const entry = (cid: CID, bytes: Uint8Array): Entry | undefined => {
    if (cid.code === RAW) return { kind: 'file', size: bytes.length }
    if (cid.code !== DAG_PB) return undefined
    const node = nodeOf(cid, bytes)
    if (node.kind === 'file') return { kind: 'file', size: node.fileSize }
    if (node.kind === 'symlink') return { kind: 'symlink', target: Buffer.from(node.data).toString('utf8') }
    return { kind: 'directory' }
  }

  return {
    has: cid => here.has(cid),
    block: async (cid, options = {}) => from(options).get(cid, options.signal),
    resolve: (root, segments, options = {}) => resolvePath(from(options), root, segments, options.signal),
    entry,
    list: async function* (cid, bytes, options = {}) {
      const node = nodeOf(cid, bytes)
      if (node.kind === 'directory') yield* node.links.map(entryOf)
      else if (node.kind === 'sharded') yield* shardEntries(from(options), node, 1, options)
      else throw new SxError('not-found', `${cid} is no directory`)
    },
    file: (cid, bytes, { start, end }, options = {}) =>
      partBytes(sourceOf(options), cid, bytes, start, end, 1),
    blockBytes: (cid, { start, end }, options = {}) =>
      slices(sourceOf(options), cid, start, end, block => block),
    car: ({ cid, bytes, way }, options) =>
      writeCar([cid], walkDag(from(options), way, { cid, bytes }, options)),
    spans: (cid, bytes, range) => {
      const found = entry(cid, bytes)
      if (found?.kind !== 'file') return undefined
      const { start, end } = spanOf(range, found.size)
      return start < end
    },
  }
}

const entryOf = ({ name, raw, size }: UnixFsNode['links'][number]): DirectoryEntry => ({
  name,
  cid: readLink(raw),
  size,
})

async function* shardEntries(
  blocks: AnyBlocks,
  node: UnixFsNode,
  level: number,
  options: ReadOptions,
): AsyncGenerator<DirectoryEntry> {
  if (level > MAX_SHARD_LEVELS) throw new SxError('block-malformed', 'A sharded directory is nested too deep')
  for (const link of node.links) {
    if (link.name.length > 2) yield { ...entryOf(link), name: link.name.slice(2) }
    else {
      const cid = readLink(link.raw)
      const below = decodeUnixFs(`${cid}`, await need(blocks, cid, options.signal))
      if (below.kind !== 'sharded')
        throw new SxError('block-malformed', `${cid} should be a part of a sharded directory`)
      yield* shardEntries(blocks, below, level + 1, options)
    }
  }
}

interface Source {
  readonly blocks: AnyBlocks
  readonly loans: Loans
  readonly signal: AbortSignal | undefined
}

/** The bytes of a part of a file. Of a leaf only the name is kept: see `slices`. */
function partBytes(
  source: Source,
  cid: CID,
  bytes: Uint8Array,
  start: number,
  end: number,
  level: number,
): AsyncGenerator<Uint8Array> {
  const node = cid.code === RAW ? undefined : decodeUnixFs(`${cid}`, bytes)
  if (node === undefined || (node.kind === 'file' && node.links.length === 0)) {
    const own = node?.data.length ?? bytes.length
    return slices(source, cid, Math.max(0, start), Math.min(own, end))
  }
  if (node.kind !== 'file' || level > MAX_LEVELS)
    throw new SxError('block-malformed', `${cid} should be a part of a file`)
  return treeBytes(source, cid, node, start, end, level)
}

async function* treeBytes(
  source: Source,
  cid: CID,
  node: UnixFsNode,
  start: number,
  end: number,
  level: number,
): AsyncGenerator<Uint8Array> {
  const own = node.data.length
  if (start < own && end > 0) yield node.data.slice(Math.max(0, start), Math.min(own, end))
  const below = async (link: CID, size: number, at: number): Promise<AsyncGenerator<Uint8Array>> => {
    const bytes = await need(source.blocks, link, source.signal)
    if (sizeOf(link, bytes) !== size)
      throw new SxError('block-malformed', `${link} is not the part that file ${cid} says it is`)
    return partBytes(source, link, bytes, start - at, end - at, level + 1)
  }
  let at = own
  for (const [index, { raw }] of node.links.entries()) {
    const size = node.blockSizes[index]!
    if (at >= end) return
    source.signal?.throwIfAborted()
    if (at + size > start && size > 0) yield* await below(readLink(raw), size, at)
    at += size
  }
}

const sizeOf = (cid: CID, bytes: Uint8Array): number =>
  cid.code === RAW ? bytes.length : decodeUnixFs(`${cid}`, bytes).fileSize

/**
 * The bytes of a leaf. It goes out whole, as it lies in memory, while few do. When many readers are slow, the others get
 * copied slices and the leaf is held for a moment only; a reader who takes longer finds it looked up again. So five
 * hundred slow readers hold five hundred slices, and not five hundred leaves.
 */
async function* slices(
  { blocks, loans, signal }: Source,
  cid: CID,
  start: number,
  end: number,
  dataOf = (bytes: Uint8Array) => (cid.code === RAW ? bytes : decodeUnixFs(`${cid}`, bytes).data),
): AsyncGenerator<Uint8Array> {
  const size = end - start
  if (size <= 0) return
  if (size <= SLICE || loans.tryTake(size)) {
    try {
      const data = dataOf(await need(blocks, cid, signal))
      yield size <= SLICE ? data.slice(start, end) : data.subarray(start, end)
    } finally {
      if (size > SLICE) loans.giveBack(size)
    }
    return
  }
  let held: Uint8Array | undefined
  const letGo = (): void => {
    if (held === undefined) return
    held = undefined
    loans.giveBack(size)
  }
  try {
    for (let at = start; at < end; at += SLICE) {
      if (held === undefined) {
        await loans.take(size)
        held = NONE
        held = dataOf(await need(blocks, cid, signal))
      }
      const slice = held.slice(at, Math.min(end, at + SLICE))
      const timer = setTimeout(letGo, MOMENT)
      yield slice
      clearTimeout(timer)
    }
  } finally {
    letGo()
  }
}
