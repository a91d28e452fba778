// CAR files, version 1 written, 1 and 2 read, block by block (https://ipld.io/specs/transport/car/): never a whole file
// in memory, never a block that does not hash to its CID.
import { decode as decodeCbor } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import type { CidBlock } from '../dag-port.ts'
import { SxError } from '../errors.ts'
import { IDENTITY } from '../ipld/any-cid.ts'
import { hashesTo, mismatch } from '../ipld/block.ts'
import { SHA2_256 } from '../ipld/cid.ts'
import type { Sha256 } from '../ports.ts'
import { readLink } from './any-blocks.ts'

/** What readers of the ecosystem take at most is 2 MiB; a frame also holds a CID. */
const MAX_FRAME = 4 * 2 ** 20
const MAX_HEADER = 2 ** 20
/** Small blocks travel together in pieces of about this size. */
const PIECE = 32_768

const varint = (value: number): number[] => {
  const out: number[] = []
  let left = value
  for (; left > 127; left = Math.floor(left / 128)) out.push((left % 128) | 128)
  out.push(left)
  return out
}

/** `{roots, version: 1}` in dag-cbor, with its length before it. */
export function carHeader(roots: readonly CID[]): Uint8Array {
  const parts: Uint8Array[] = [
    Buffer.from([0xa2, 0x65]),
    Buffer.from('roots'),
    Buffer.from(head(4, roots.length)),
  ]
  for (const { bytes } of roots) parts.push(Buffer.from([0xd8, 0x2a, ...head(2, bytes.length + 1), 0]), bytes)
  parts.push(Buffer.from([0x67]), Buffer.from('version'), Buffer.from([1]))
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(varint(body.length)), body])
}

/** A CBOR head with an argument below 65,536: more roots, or longer CIDs, no header holds. */
const head = (major: number, argument: number): number[] =>
  argument < 24
    ? [(major << 5) | argument]
    : argument < 256
      ? [(major << 5) | 24, argument]
      : [(major << 5) | 25, argument >> 8, argument & 255]

/** The CAR of `blocks` in their order. A block that fails to come fails the stream, after what came before it. */
export async function* writeCar(
  roots: readonly CID[],
  blocks: AsyncIterable<CidBlock> | Iterable<CidBlock>,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [carHeader(roots)]
  let size = held[0]!.length
  try {
    for await (const { cid, bytes } of blocks) {
      const frame = Buffer.from(varint(cid.bytes.length + bytes.length))
      held.push(frame, cid.bytes, bytes)
      size += frame.length + cid.bytes.length + bytes.length
      if (size < PIECE) continue
      yield Buffer.concat(held, size)
      held = []
      size = 0
    }
  } catch (error) {
    // what precedes a failure is good: who reads it sees how far it went
    if (size > 0) yield Buffer.concat(held, size)
    throw error
  }
  if (size > 0) yield Buffer.concat(held, size)
}

export interface Car {
  readonly roots: readonly CID[]
  /** to be read once, to its end or not at all; each block verified */
  readonly blocks: AsyncGenerator<CidBlock>
}

export interface CarOptions {
  readonly sha256: Sha256
  /** called with a block whose hash function is not known here, which is passed over; without it: 'cid-unsupported' */
  readonly onUnknown?: (cid: CID) => void
}

/**
 * Reads a CAR as it comes. Throws, or its blocks throw, 'car-malformed' (with the byte where it ends early or goes wrong)
 * and 'block-mismatch'.
 */
export async function readCar(source: AsyncIterable<Uint8Array>, options: CarOptions): Promise<Car> {
  const input = createInput(source)
  let header = await readHeader(input)
  if (header.version === 2) {
    // https://ipld.io/specs/transport/car/carv2/: 16 bytes of characteristics, then where the version 1 file lies
    const fixed = Buffer.from(await input.take(40))
    const offset = Number(fixed.readBigUInt64LE(16))
    const length = Number(fixed.readBigUInt64LE(24))
    if (offset < input.at) throw malformed(input.at, 'its data begins before its header ends')
    await input.skip(offset - input.at)
    input.end(length)
    header = await readHeader(input)
  }
  if (header.version !== 1) throw malformed(input.at, `version ${String(header.version)} is not known`)
  return { roots: header.roots, blocks: readBlocks(input, options) }
}

async function* readBlocks(input: Input, { sha256, onUnknown }: CarOptions): AsyncGenerator<CidBlock> {
  for (let size = await input.varint(); size !== undefined; size = await input.varint()) {
    if (size > MAX_FRAME) throw malformed(input.at, `a block of ${size} bytes`)
    const frame = await input.take(size)
    let cid: CID
    let bytes: Uint8Array
    try {
      const [first, rest] = CID.decodeFirst(frame)
      cid = first
      bytes = rest
    } catch (cause) {
      throw malformed(input.at, 'a block without a CID', cause)
    }
    const { code, digest } = cid.multihash
    if (code === SHA2_256) {
      if (!hashesTo(digest, bytes, sha256)) throw mismatch(`${cid}`)
      yield { cid, bytes }
    } else if (code === IDENTITY) continue
    else if (onUnknown !== undefined) onUnknown(cid)
    else throw new SxError('cid-unsupported', `the block ${cid} has a hash function that is not held here`)
  }
}

const malformed = (at: number, what: string, cause?: unknown): SxError =>
  new SxError('car-malformed', `the CAR can’t be read at byte ${at}: ${what}`, { at }, cause)

async function readHeader(input: Input): Promise<{ roots: readonly CID[]; version: unknown }> {
  const size = await input.varint()
  if (size === undefined || size === 0 || size > MAX_HEADER) throw malformed(input.at, 'it has no header')
  const bytes = await input.take(size)
  let header: { version?: unknown; roots?: unknown }
  try {
    header = decodeCbor(bytes)
  } catch (cause) {
    throw malformed(input.at, 'its header is no dag-cbor', cause)
  }
  if (typeof header !== 'object' || header === null) throw malformed(input.at, 'its header is no map')
  const { roots = [], version } = header
  if (!Array.isArray(roots) || roots.some(root => CID.asCID(root) === null))
    throw malformed(input.at, 'its roots are no links')
  return { roots: roots.map(root => readLink((root as CID).bytes)), version }
}

interface Input {
  /** bytes taken so far */
  readonly at: number
  /** exactly so many; 'car-malformed' when fewer come */
  take(size: number): Promise<Uint8Array>
  skip(size: number): Promise<void>
  /** undefined: it ended before the first byte */
  varint(): Promise<number | undefined>
  /** nothing after so many more bytes counts; 0: all that comes */
  end(size: number): void
}

/** Bytes of a stream by number, whatever the pieces in which they come. */
function createInput(source: AsyncIterable<Uint8Array>): Input {
  const chunks = source[Symbol.asyncIterator]()
  let chunk: Uint8Array = new Uint8Array(0)
  let from = 0
  let at = 0
  let last = Number.POSITIVE_INFINITY
  /** at least one byte is at hand */
  const more = async (): Promise<boolean> => {
    while (from >= chunk.length) {
      if (at >= last) return false
      const next = await chunks.next()
      if (next.done) return false
      chunk = next.value
      from = 0
    }
    return at < last
  }
  const pass = (most: number): Uint8Array => {
    const part = chunk.subarray(from, from + Math.min(most, last - at))
    from += part.length
    at += part.length
    return part
  }
  return {
    get at() {
      return at
    },
    take: async size => {
      const parts: Uint8Array[] = []
      for (let left = size; left > 0; ) {
        if (!(await more())) throw malformed(at, 'it ends within a block')
        const part = pass(left)
        parts.push(part)
        left -= part.length
      }
      // a copy, so that no block keeps a whole chunk of the stream
      return Buffer.concat(parts, size)
    },
    skip: async size => {
      for (let left = size; left > 0; ) {
        if (!(await more())) throw malformed(at, 'it ends early')
        left -= pass(left).length
      }
    },
    varint: async () => {
      let value = 0
      for (let scale = 1; scale <= 2 ** 42; scale *= 128) {
        if (!(await more())) {
          if (scale === 1) return undefined
          throw malformed(at, 'it ends within a number')
        }
        const byte = pass(1)[0]!
        value += (byte & 127) * scale
        if (byte < 128) return value
      }
      throw malformed(at, 'a number is too large')
    },
    end: size => {
      if (size > 0) last = at + size
    },
  }
}
