// The IPLD HashMap (ipld.io, advanced data layouts, HAMT specification) with one frozen profile: sha2-256, bitWidth 5,
// bucketSize 3. Persistent: an edit copies a path and shares the rest. Canonical: the same entries make the same blocks, whatever
// edits led there.
import { SxError } from '../errors.ts'
import { compareCodePoints } from '../lang/order.ts'
import { Link } from '../lang/values.ts'
import type { Sha256 } from '../ports.ts'
import { SHA2_256 } from './cid.ts'
import { type Data, readData, writeData } from './data.ts'
import { MAX_BLOCK } from './node.ts'
import { type Reader, readBlock } from './reader.ts'
import { Writer } from './writer.ts'

export interface HashMapPorts {
  readonly sha256: Sha256
  /** verified bytes of a block; throws if there are none. Needed for maps that were opened. */
  readonly load?: (cid: string) => Uint8Array
}

export interface HashMap {
  get(key: string): Data | undefined
  set(key: string, value: Data): HashMap
  /** the same map if the key is not in it */
  delete(key: string): HashMap
  /** in the order of the keys' hashes */
  entries(): Iterable<readonly [key: string, value: Data]>
  /**
   * Hands each node that has no CID yet to `put`, children first, which answers its CID; answers the root's.
   * A node is handed over once: if the blocks are lost, open the map again from a root that is stored.
   */
  put(put: (bytes: Uint8Array) => string): string
}

type Entry = readonly [key: string, value: Data]
/** In order of the keys' bytes, 1 to 3 of them. */
type Bucket = readonly Entry[]
interface Branch {
  cid: string | undefined
  node: Node | undefined
}
/** `slots[i]` belongs to the i-th bit set in `map`. */
interface Node {
  readonly map: number
  readonly slots: readonly (Bucket | Branch)[]
}

const BIT_WIDTH = 5
const BUCKET_SIZE = 3
// 51 whole digits of five bits fit in 256 bits.
const MAX_LEVEL = 50

const utf8 = new TextEncoder()
const isBucket = (slot: Bucket | Branch): slot is Bucket => Array.isArray(slot)
const branch = (node: Node): Branch => ({ cid: undefined, node })
const malformed = (why: string): never => {
  throw new SxError('block-malformed', `not a HashMap of this format: ${why}`)
}

/** The five bits of a digest that choose the slot on `level`, the first bits first. */
const digitOf = (digest: Uint8Array, level: number): number => {
  if (level > MAX_LEVEL) malformed('it is deeper than its hash')
  const bit = level * BIT_WIDTH
  const two = ((digest[bit >> 3] as number) << 8) | (digest[(bit >> 3) + 1] ?? 0)
  return (two >> (11 - (bit & 7))) & 31
}

const bitsIn = (n: number): number => {
  let count = 0
  for (let rest = n; rest !== 0; rest &= rest - 1) count++
  return count
}
/** Which slot a digit's bit is, counted among the bits set. */
const slotOf = (map: number, digit: number): number => bitsIn(map & ((1 << digit) - 1))

const sorted = (entries: Entry[]): Bucket => entries.sort(([a], [b]) => compareCodePoints(a, b))

/** The node of these entries from nothing. */
const build = (
  entries: readonly Entry[],
  digests: readonly Uint8Array[],
  members: readonly number[],
  level: number,
): Node => {
  const groups: (number[] | undefined)[] = []
  for (const member of members) {
    const digit = digitOf(digests[member] as Uint8Array, level)
    const group = groups[digit]
    if (group === undefined) groups[digit] = [member]
    else group.push(member)
  }
  let map = 0
  const slots: (Bucket | Branch)[] = []
  for (const [digit, group] of groups.entries()) {
    if (group === undefined) continue
    map |= 1 << digit
    slots.push(
      group.length > BUCKET_SIZE
        ? branch(build(entries, digests, group, level + 1))
        : sorted(group.map(member => entries[member] as Entry)),
    )
  }
  return { map, slots }
}
const buildAll = (entries: readonly Entry[], sha256: Sha256, level: number): Node =>
  build(
    entries,
    entries.map(([key]) => sha256(utf8.encode(key))),
    entries.map((_, i) => i),
    level,
  )

type Put = (bytes: Uint8Array) => string

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
const putRoot = (node: Node, put: Put): string => {
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
const readHamt = (reader: Reader, path: readonly number[], sha256: Sha256): Node => {
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
const readRoot = (reader: Reader, sha256: Sha256): Node => {
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

const createHashMap = (root: Branch, ports: HashMapPorts): HashMap => {
  const { sha256 } = ports
  const load = (cid: string): Uint8Array =>
    ports.load === undefined ? malformed('nothing was given to load it with') : ports.load(cid)
  const nodeOf = (at: Branch, path: readonly number[]): Node => {
    at.node ??=
      at === root
        ? readBlock(load(at.cid as string), reader => readRoot(reader, sha256))
        : readBlock(load(at.cid as string), reader => readHamt(reader, path, sha256))
    return at.node
  }
  const digitsOf = (key: string): number[] => {
    const digest = sha256(utf8.encode(key))
    return Array.from({ length: MAX_LEVEL + 1 }, (_, level) => digitOf(digest, level))
  }
  const replaced = (node: Node, at: number, slot: Bucket | Branch): Node => ({
    map: node.map,
    slots: node.slots.with(at, slot),
  })

  /** The node with the entry in it. */
  const setIn = (at: Branch, entry: Entry, digits: readonly number[], level: number): Node => {
    const node = nodeOf(at, digits.slice(0, level))
    const digit = digits[level] as number
    const i = slotOf(node.map, digit)
    if ((node.map & (1 << digit)) === 0) {
      return { map: node.map | (1 << digit), slots: node.slots.toSpliced(i, 0, [entry]) }
    }
    const slot = node.slots[i] as Bucket | Branch
    if (!isBucket(slot)) return replaced(node, i, branch(setIn(slot, entry, digits, level + 1)))
    const bucket = [...slot.filter(([key]) => key !== entry[0]), entry]
    return replaced(
      node,
      i,
      bucket.length > BUCKET_SIZE ? branch(buildAll(bucket, sha256, level + 1)) : sorted(bucket),
    )
  }
  /** The node without the key, or undefined if it is not there. */
  const deleteIn = (at: Branch, key: string, digits: readonly number[], level: number): Node | undefined => {
    const node = nodeOf(at, digits.slice(0, level))
    const digit = digits[level] as number
    if ((node.map & (1 << digit)) === 0) return undefined
    const i = slotOf(node.map, digit)
    const slot = node.slots[i] as Bucket | Branch
    if (isBucket(slot)) {
      const bucket = slot.filter(([held]) => held !== key)
      if (bucket.length === slot.length) return undefined
      return bucket.length > 0
        ? replaced(node, i, bucket)
        : { map: node.map & ~(1 << digit), slots: node.slots.toSpliced(i, 1) }
    }
    const child = deleteIn(slot, key, digits, level + 1)
    if (child === undefined) return undefined
    // A child whose entries fit in a bucket becomes one, which may go on upwards.
    const all = child.slots.every(isBucket) ? child.slots.flat() : undefined
    return replaced(node, i, all !== undefined && all.length <= BUCKET_SIZE ? sorted(all) : branch(child))
  }
  function* entriesOf(at: Branch, path: readonly number[]): Generator<Entry> {
    const { map, slots } = nodeOf(at, path)
    let i = 0
    for (let digit = 0; digit < 32; digit++) {
      if ((map & (1 << digit)) === 0) continue
      const slot = slots[i++] as Bucket | Branch
      if (isBucket(slot)) yield* slot
      else yield* entriesOf(slot, [...path, digit])
    }
  }

  const map: HashMap = {
    get: key => {
      const digits = digitsOf(key)
      let at = root
      for (let level = 0; level <= MAX_LEVEL; level++) {
        const node = nodeOf(at, digits.slice(0, level))
        const digit = digits[level] as number
        if ((node.map & (1 << digit)) === 0) return undefined
        const slot = node.slots[slotOf(node.map, digit)] as Bucket | Branch
        if (isBucket(slot)) return slot.find(([held]) => held === key)?.[1]
        at = slot
      }
      return undefined
    },
    set: (key, value) => createHashMap(branch(setIn(root, [key, value], digitsOf(key), 0)), ports),
    delete: key => {
      const node = deleteIn(root, key, digitsOf(key), 0)
      return node === undefined ? map : createHashMap(branch(node), ports)
    },
    entries: () => entriesOf(root, []),
    put: put => {
      root.cid ??= putRoot(root.node as Node, put)
      return root.cid
    },
  }
  return map
}

/** A map from nothing, of many entries at once; of two with one key the later stays. */
export const hashMapFrom = (entries: Iterable<Entry>, ports: HashMapPorts): HashMap =>
  createHashMap(branch(buildAll([...new Map(entries)], ports.sha256, 0)), ports)

/**
 * The map of a root block, its nodes loaded when they are needed. What is not a canonical HashMap of this profile is
 * 'block-malformed' when it is loaded.
 */
export const openHashMap = (root: string, ports: HashMapPorts): HashMap =>
  createHashMap({ cid: root, node: undefined }, ports)
