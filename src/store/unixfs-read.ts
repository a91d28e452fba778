// UnixFS read straight from a block reader: paths, listings, byte ranges. Synchronous, without Helia: the gateway's hot path.
import { SxError } from '../errors.ts'
import { DAG_PB, parseCid, RAW } from '../ipld/cid.ts'
import type { BlockReader } from '../ports.ts'
import { placesOf, placeText } from './shard.ts'
import { decodeUnixFs, type PbLink, type UnixFsNode } from './unixfs.ts'

/** Foreign files are read too: levels of a file's tree, levels of a sharded directory, segments of a path. */
const MAX_LEVELS = 32
const MAX_SHARD_LEVELS = 8
const MAX_SEGMENTS = 256

export interface FileStat {
  readonly kind: 'file' | 'directory'
  readonly cid: string
  /** bytes of a file; 0 for a directory */
  readonly size: number
}

export interface Range {
  /** first byte; default 0 */
  readonly offset?: number
  /** bytes at most; default all that follow */
  readonly length?: number
}

interface Loaded {
  readonly cid: string
  /** raw leaf */
  readonly bytes?: Uint8Array
  readonly node?: UnixFsNode
}

function load(blocks: BlockReader, cid: string): Loaded {
  const { codec } = parseCid(cid)
  if (codec !== RAW && codec !== DAG_PB)
    throw new SxError('cid-unsupported', `${cid} is not a file or directory (UnixFS is dag-pb or raw)`, {
      cid,
    })
  const bytes = blocks.get(cid)
  if (bytes === undefined) throw new SxError('block-not-found', `Block ${cid} of a file is not here`, { cid })
  if (codec === RAW) return { cid, bytes }
  const node = decodeUnixFs(cid, bytes)
  // a site's own files have none; whoever reads foreign directories reads them by unixfs-content.ts
  if (node.kind === 'symlink') throw new SxError('block-malformed', `${cid} is a symbolic link`, { cid })
  return { cid, node }
}

const sizeOf = ({ bytes, node }: Loaded): number => bytes?.length ?? node!.fileSize

const statOf = (loaded: Loaded): FileStat =>
  loaded.node !== undefined && loaded.node.kind !== 'file'
    ? { kind: 'directory', cid: loaded.cid, size: 0 }
    : { kind: 'file', cid: loaded.cid, size: sizeOf(loaded) }

/** What `cid` is. Throws 'block-not-found', 'block-malformed', 'cid-unsupported'. */
export const stat = (blocks: BlockReader, cid: string): FileStat => statOf(load(blocks, cid))

/**
 * What lies at `path` (segments between `/`, already decoded; empty ones are passed over) below the directory `root`;
 * undefined when nothing does. Throws like `stat`.
 */
export function resolve(blocks: BlockReader, root: string, path: string): FileStat | undefined {
  const names = path.split('/').filter(name => name !== '')
  if (names.length > MAX_SEGMENTS) return undefined
  let at = load(blocks, root)
  for (const name of names) {
    const link = at.node === undefined ? undefined : entry(blocks, at.node, name)
    if (link === undefined) return undefined
    at = load(blocks, link.cid)
  }
  return statOf(at)
}

function entry(blocks: BlockReader, directory: UnixFsNode, name: string): PbLink | undefined {
  if (directory.kind === 'directory') return directory.links.find(link => link.name === name)
  if (directory.kind === 'file') return undefined
  const places = placesOf(name)
  let node = directory
  for (let level = 0; level < MAX_SHARD_LEVELS; level++) {
    const prefix = placeText(places[level]!)
    const found = node.links.find(
      link => link.name.startsWith(prefix) && (link.name.length === 2 || link.name.slice(2) === name),
    )
    if (found === undefined || found.name.length > 2) return found
    node = shard(blocks, found.cid)
  }
  return undefined
}

function shard(blocks: BlockReader, cid: string): UnixFsNode {
  const { node } = load(blocks, cid)
  if (node?.kind !== 'sharded')
    throw new SxError('block-malformed', `${cid} should be a part of a sharded directory`, { cid })
  return node
}

/** The entries of the directory `cid`; sharded ones in the order of their hashes. Throws like `stat`; 'not-found' for a file. */
export function* list(
  blocks: BlockReader,
  cid: string,
): Generator<{ name: string; cid: string; size: number }> {
  const { node } = load(blocks, cid)
  if (node === undefined || node.kind === 'file')
    throw new SxError('not-found', `${cid} is a file, not a directory`, { cid })
  if (node.kind === 'directory') yield* node.links
  else yield* shardEntries(blocks, node, 1)
}

function* shardEntries(blocks: BlockReader, node: UnixFsNode, level: number): Generator<PbLink> {
  if (level > MAX_SHARD_LEVELS) throw new SxError('block-malformed', 'A sharded directory is nested too deep')
  for (const link of node.links) {
    if (link.name.length > 2) yield { ...link, name: link.name.slice(2) }
    else yield* shardEntries(blocks, shard(blocks, link.cid), level + 1)
  }
}

/**
 * The bytes of the file `cid`, or of a range of it, one piece for each leaf; only leaves that the range touches are
 * read. A leaf whose size is not what its parent says is 'block-malformed': a length that was announced holds.
 */
export function readFile(blocks: BlockReader, cid: string, range: Range = {}): Generator<Uint8Array> {
  const file = load(blocks, cid)
  if (file.node !== undefined && file.node.kind !== 'file')
    throw new SxError('not-found', `${cid} is a directory, not a file`, { cid })
  const start = Math.max(0, range.offset ?? 0)
  return pieces(blocks, file, start, start + Math.max(0, range.length ?? Number.POSITIVE_INFINITY), 1)
}

function* pieces(
  blocks: BlockReader,
  { cid, bytes, node }: Loaded,
  start: number,
  end: number,
  level: number,
): Generator<Uint8Array> {
  if (level > MAX_LEVELS) throw new SxError('block-malformed', `The tree of file ${cid} is too deep`, { cid })
  const own = bytes ?? node!.data
  if (start < own.length && end > 0) yield own.subarray(Math.max(0, start), Math.min(own.length, end))
  if (node === undefined) return
  let at = own.length
  for (const [index, link] of node.links.entries()) {
    const size = node.blockSizes[index]!
    if (at >= end) return
    if (at + size > start && size > 0) {
      const child = load(blocks, link.cid)
      if (sizeOf(child) !== size || (child.node !== undefined && child.node.kind !== 'file'))
        throw new SxError('block-malformed', `${link.cid} is not the part that file ${cid} says it is`, {
          cid,
        })
      yield* pieces(blocks, child, start - at, end - at, level + 1)
    }
    at += size
  }
}
