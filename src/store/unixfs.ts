// UnixFS in dag-pb, both ways: the few shapes that files and directories have (https://specs.ipfs.tech/unixfs/).
import { SxError } from '../errors.ts'
import { cidBytes, cidText, DAG_PB } from '../ipld/cid.ts'
import { fields } from './protobuf.ts'

export interface PbLink {
  readonly name: string
  /** CID text; version 0 is shown as its version 1 equal */
  readonly cid: string
  /** the CID as it stands in the block */
  readonly raw: Uint8Array
  /** bytes of everything below, the linked block included; 0 when not said */
  readonly size: number
}

export type UnixFsKind = 'file' | 'directory' | 'sharded' | 'symlink'

export interface UnixFsNode {
  readonly kind: UnixFsKind
  /** a file's own bytes, a shard's bit field, where a symbolic link leads */
  readonly data: Uint8Array
  /** bytes of the whole file */
  readonly fileSize: number
  /** bytes under each link of a file */
  readonly blockSizes: readonly number[]
  readonly links: readonly PbLink[]
}

const FANOUT = 256
/** murmur3-x64-64 in the multicodec table */
const SHARD_HASH = 0x22
const types: Readonly<Record<number, UnixFsKind>> = {
  0: 'file',
  1: 'directory',
  2: 'file',
  4: 'symlink',
  5: 'sharded',
}

const malformed = (cid: string, what: string): SxError =>
  new SxError('block-malformed', `${cid} is no UnixFS node that is used here: ${what}`, { cid })

/** Reads the dag-pb block `bytes`, known as `cid`. Throws 'block-malformed', 'cid-unsupported'. */
export function decodeUnixFs(cid: string, bytes: Uint8Array): UnixFsNode {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const links: PbLink[] = []
  let data: Buffer | undefined
  for (const { field, start, end } of fields(block, 0, block.length)) {
    if (field === 2 && end !== undefined) links.push(decodeLink(cid, block, start, end))
    else if (field === 1 && end !== undefined && data === undefined) data = block.subarray(start, end)
    else throw malformed(cid, `field ${field} of the node`)
  }
  if (data === undefined) throw malformed(cid, 'it has no UnixFS data')
  let kind: UnixFsKind | undefined
  let own: Uint8Array = new Uint8Array(0)
  let fileSize: number | undefined
  const blockSizes: number[] = []
  for (const { field, start, end, value } of fields(data, 0, data.length)) {
    if (field === 1 && value !== undefined) kind = types[value]
    else if (field === 2 && end !== undefined) own = data.subarray(start, end)
    else if (field === 3) fileSize = value
    else if (field === 4 && value !== undefined) blockSizes.push(value)
    else if (field === 4 && end !== undefined)
      for (const packed of packedVarints(data, start, end)) blockSizes.push(packed)
    else if (field === 5 && value !== SHARD_HASH) throw malformed(cid, 'shards by another hash function')
    else if (field === 6 && value !== FANOUT) throw malformed(cid, `shards of ${value} entries`)
  }
  if (kind === undefined) throw malformed(cid, 'an unknown type')
  const total = blockSizes.reduce((sum, size) => sum + size, own.length)
  if (kind === 'file' && (blockSizes.length !== links.length || (fileSize ?? total) !== total))
    throw malformed(cid, 'its sizes do not add up')
  return { kind, data: own, fileSize: total, blockSizes, links }
}

function decodeLink(cid: string, block: Buffer, from: number, to: number): PbLink {
  let target: Buffer | undefined
  let name = ''
  let size = 0
  for (const { field, start, end, value } of fields(block, from, to)) {
    if (field === 1 && end !== undefined) target = block.subarray(start, end)
    else if (field === 2 && end !== undefined) name = block.toString('utf8', start, end)
    else if (field === 3 && value !== undefined) size = value
    else throw malformed(cid, `field ${field} of a link`)
  }
  if (target === undefined) throw malformed(cid, 'a link without a CID')
  return { name, cid: linkText(target), raw: target, size }
}

/** A version 0 CID is a bare sha2-256 multihash, and means dag-pb. */
const linkText = (bytes: Buffer): string =>
  cidText(bytes.length === 34 && bytes[0] === 0x12 ? Buffer.concat([Buffer.from([1, DAG_PB]), bytes]) : bytes)

function* packedVarints(b: Buffer, start: number, end: number): Generator<number> {
  let value = 0
  let scale = 1
  for (let at = start; at < end; at++) {
    value += (b[at]! & 127) * scale
    scale = b[at]! < 128 ? 1 : scale * 128
    if (scale > 1) continue
    yield value
    value = 0
  }
}

const varint = (value: number): number[] => {
  const out: number[] = []
  let left = value
  for (; left > 127; left = Math.floor(left / 128)) out.push((left % 128) | 128)
  out.push(left)
  return out
}
const delimited = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes])

/** One link as it stands in a node: PBNode field 2 around PBLink {Hash, Name, Tsize}. */
export const encodeLink = (name: string, cid: string, size: number): Buffer =>
  delimited(
    2,
    Buffer.concat([
      delimited(1, cidBytes(cid)),
      delimited(2, Buffer.from(name)),
      Buffer.from([3 << 3, ...varint(size)]),
    ]),
  )

/** dag-pb writes links before data, whatever the field numbers say. `links` are encoded and in order. */
const encodeNode = (links: readonly Uint8Array[], data: Uint8Array): Buffer =>
  Buffer.concat([...links, delimited(1, data)])

const DIRECTORY = Buffer.from([0x08, 1])
/** What a directory's node takes besides its links. */
export const DIRECTORY_OVERHEAD = 2 + DIRECTORY.length

export const encodeDirectory = (links: readonly Uint8Array[]): Buffer => encodeNode(links, DIRECTORY)

/** `bits`: which of the 256 places are taken, most significant first, leading zero bytes left out. */
export const encodeShard = (links: readonly Uint8Array[], bits: Uint8Array): Buffer =>
  encodeNode(
    links,
    Buffer.concat([
      Buffer.from([0x08, 5]),
      delimited(2, bits),
      Buffer.from([5 << 3, SHARD_HASH, 6 << 3, ...varint(FANOUT)]),
    ]),
  )
