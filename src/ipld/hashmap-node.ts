// A HashMap's nodes as blocks (ipld.io, HAMT specification, Structure): root {hamt, hashAlg, bucketSize}, node [map, data], data a link or
// a bucket of [key, value].
import { SxError } from '../errors.ts'
import { compareCodePoints } from '../lang/order.ts'
import { Link } from '../lang/values.ts'
import type { Sha256 } from '../ports.ts'
import { SHA2_256 } from './cid.ts'
import { type Data, readData, writeData } from './data.ts'
import { MAX_BLOCK } from './limits.ts'
import type { Reader } from './reader.ts'
import { Writer } from './writer.ts'

export type Entry = readonly [key: string, value: Data]
/** In order of the keys' bytes, 1 to 3 of them. */
export type Bucket = readonly Entry[]
export interface Branch {
  cid: string | undefined
  node: Node | undefined
}
/** `slots[i]` belongs to the i-th bit set in `map`. */
export interface Node {
  readonly map: number
  readonly slots: readonly (Bucket | Branch)[]
}

const BIT_WIDTH = 5
export const BUCKET_SIZE = 3
// 51 whole digits of five bits fit in 256 bits.
export const MAX_LEVEL = 50

export const isBucket = (slot: Bucket | Branch): slot is Bucket => Array.isArray(slot)
export const branch = (node: Node): Branch => ({ cid: undefined, node })
export const malformed = (why: string): never => {
  throw new SxError('block-malformed', `not a HashMap of this format: ${why}`)
}

/** The five bits of a digest that choose the slot on `level`, the first bits first. */
export const digitOf = (digest: Uint8Array, level: number): number => {
  if (level > MAX_LEVEL) malformed('it is deeper than its hash')
  const bit = level * BIT_WIDTH
  const two = ((digest[bit >> 3] as number) << 8) | (digest[(bit >> 3) + 1] ?? 0)
  return (two >> (11 - (bit & 7))) & 31
}

export const bitsIn = (n: number): number => {
  let count = 0
  for (let rest = n; rest !== 0; rest &= rest - 1) count++
  return count
}
export type Put = (bytes: Uint8Array) => string

// One writer serves a whole `put`: a node's children are finished before it begins.
const writeNode = (out: Writer, { map, slots }: Node, put: Put, before: () => void): void => {
  const links = slots.map(slot => (isBucket(slot) ? undefined : new Link(putBranch(out, slot, put))))
  before()
  out.head(4, 2)
  out.bytes(new Uint8Array([map, map >>> 8, map >>> 16, map >>> 24]))
  out.head(4, slots.length)
  for (const [i, slot] of slots.entries()) {
    if (!isBucket(slot)) writeData(out, links[i] as Link, 0)
    else {
      out.head(4, slot.length)
      for (const [key, value] of slot) {
        out.head(4, 2)
        if (!out.text(key, 0, 2)) throw new SxError('value-not-storable', 'a key with a lone surrogate')
        // In the root's map and list, its list of slots, a bucket, an entry.
        writeData(out, value, 5)
      }
    }
  }
}
const putBranch = (out: Writer, at: Branch, put: Put): string => {
  if (at.cid === undefined) {
    writeNode(out, at.node as Node, put, () => {})
    at.cid = put(out.finish())
  }
  return at.cid
}
/** Canonical key order: hamt, hashAlg, bucketSize. */
export const putRoot = (node: Node, put: Put): string => {
  const out = new Writer(MAX_BLOCK)
  writeNode(out, node, put, () => {
    out.head(5, 3)
    out.text('hamt')
  })
  out.text('hashAlg')
  out.int(SHA2_256)
  out.text('bucketSize')
  out.int(BUCKET_SIZE)
  return put(out.finish())
}

/** A node that stands at `path` (the digits that lead to it), each key checked to belong there. */
export const readHamt = (reader: Reader, path: readonly number[], sha256: Sha256): Node => {
  const list = (wanted?: number): number => {
    const count = reader.open(4)
    if (wanted !== undefined && count !== wanted) reader.fail(`a list of ${wanted} belongs here`)
    return count
  }
  list(2)
  const [a = 0, b = 0, c = 0, d = 0, ...more] = reader.bytes()
  if (more.length > 0) reader.fail('the bitmap has four bytes')
  const map = a | (b << 8) | (c << 16) | (d << 24)
  list(bitsIn(map))
  const slots: (Bucket | Branch)[] = []
  let entries = 0
  for (let digit = 0; digit < 32; digit++) {
    if ((map & (1 << digit)) === 0) continue
    if (reader.peek() === 6) {
      slots.push({ cid: reader.link().cid, node: undefined })
      entries = Number.POSITIVE_INFINITY
      continue
    }
    const bucket: Entry[] = []
    const size = list()
    if (size < 1 || size > BUCKET_SIZE) reader.fail(`a bucket of ${size}`)
    while (bucket.length < size) {
      list(2)
      const raw = reader.bytes()
      const digest = sha256(raw)
      const there = [...path, digit].every((wanted, level) => digitOf(digest, level) === wanted)
      const key = keyOf(raw)
      const last = bucket.at(-1)
      if (!there || (last !== undefined && compareCodePoints(last[0], key) >= 0))
        reader.fail('a key that belongs elsewhere')
      bucket.push([key, readData(reader)])
      reader.close()
    }
    reader.close()
    slots.push(bucket)
    entries += size
  }
  // Fewer would stand in the parent's bucket (canonical after deletes).
  if (path.length > 0 && entries <= BUCKET_SIZE) reader.fail('a node with too few entries')
  reader.close()
  reader.close()
  return { map, slots }
}
const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const keyOf = (raw: Uint8Array): string => {
  try {
    return fatal.decode(raw)
  } catch {
    return malformed('a key that is not UTF-8')
  }
}
export const readRoot = (reader: Reader, sha256: Sha256): Node => {
  let node: Node | undefined
  let fields = 0
  const expect = (wanted: number, what: string): void => {
    if (reader.int() !== wanted) reader.fail(`its ${what} is not ${wanted}`)
  }
  reader.eachKey(key => {
    if (key === 'hamt') node = readHamt(reader, [], sha256)
    else if (key === 'hashAlg') expect(SHA2_256, key)
    else if (key === 'bucketSize') expect(BUCKET_SIZE, key)
    else reader.fail(`an unknown field ${key}`)
    fields++
  })
  if (fields !== 3) reader.fail('a field is missing')
  return node ?? reader.fail('no field hamt')
}
