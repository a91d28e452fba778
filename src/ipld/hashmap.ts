// The IPLD HashMap (ipld.io, advanced data layouts, HAMT specification) with one frozen profile: sha2-256, bitWidth 5,
// bucketSize 3. Persistent: an edit copies a path and shares the rest. Canonical: the same entries make the same blocks, whatever
// edits led there.
import { compareCodePoints } from '../lang/order.ts'
import type { Sha256 } from '../ports.ts'
import type { Data } from './data.ts'
import {
  type Branch,
  BUCKET_SIZE,
  type Bucket,
  bitsIn,
  branch,
  digitOf,
  type Entry,
  isBucket,
  MAX_LEVEL,
  malformed,
  type Node,
  type Put,
  putRoot,
  readHamt,
  readRoot,
} from './hashmap-node.ts'
import { readBlock } from './reader.ts'

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
  put(put: Put): string
}

const utf8 = new TextEncoder()

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
