// A store over any interface-blockstore and interface-datastore (Level, memory, a file tree): the same commits, later.
import { decode, encode } from '@ipld/dag-cbor'
import type { Blockstore } from 'interface-blockstore'
import { type Datastore, Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hashesTo, mismatch } from '../ipld/block.ts'
import { cidOf, parseCid, RAW, SHA2_256 } from '../ipld/cid.ts'
import type { Block, Commit, CommitResult, RootRecord, Sha256 } from '../ports.ts'
import { conflict } from './commit.ts'
import { whole } from './helia-bytes.ts'
import { type LaterRows, type Root, runLater, step } from './ledger.ts'
import { digestKey, digestOf } from './links.ts'
import { base36, PINNED_BLOCK_PREFIX, pinKey, pinValue } from './pin-record.ts'
import { damaged } from './tables.ts'

/** `Store` with every answer later. */
export interface LaterStore {
  get(cid: string): Promise<Uint8Array | undefined>
  has(cid: string): Promise<boolean>
  commit(commit: Commit): Promise<CommitResult>
  /** newest first */
  roots(site?: string): Promise<RootRecord[]>
}

const ROOTS = '/sx/roots'
const PINS = '/sx/pins/'
const HELD = '/sx/held/'
const UNFINISHED = '/sx/unfinished'
/** Who pins a block in Helia's records, when our roots do: a CID that names no block (identity hash of "sx"). */
const US = Uint8Array.from([1, RAW, 0, 2, 0x73, 0x78])

/**
 * Blocks are verified both ways and pins are counted as in the SQLite store, in records that Helia understands. What is
 * lost: a commit is not one transaction and there is no lock between processes. Blocks are written first, the root
 * last; a commit that was cut off leaves a mark, and the next one counts all pins anew. Neither store is opened or
 * closed here.
 */
export function storeOver(blocks: Blockstore, records: Datastore, sha256: Sha256): LaterStore {
  const cidFor = (digest: Uint8Array, codec = RAW): CID => CID.createV1(codec, createDigest(SHA2_256, digest))
  const load = async (digest: Uint8Array): Promise<Uint8Array | undefined> => {
    const cid = cidFor(digest)
    return (await blocks.has(cid)) ? whole(blocks.get(cid)) : undefined
  }
  const record = async (key: string): Promise<Uint8Array | undefined> =>
    (await records.has(new Key(key))) ? records.get(new Key(key)) : undefined
  const readRoots = async (): Promise<RootRecord[]> =>
    decode<RootRecord[]>((await record(ROOTS)) ?? encode([]))

  // As in ledger.ts: `count` is of the site's newest root, `held` of the older roots that hold what it does not reach.
  interface PinCount {
    readonly count: number
    readonly held: number
  }
  type Pin = readonly [digest: Uint8Array, codecIndex: number]
  const pinsOf = (digest: Uint8Array): string => `${PINS}${Buffer.from(digest).toString('hex')}/`
  const pinAt = (site: string, [digest, codecIndex]: Pin): string =>
    `${pinsOf(digest)}${codecIndex}/${encodeURIComponent(site)}`
  const heldAt = (site: string, root: string): string => `${HELD}${encodeURIComponent(site)}/${root}`
  const readPin = async (site: string, pin: Pin): Promise<PinCount | undefined> => {
    const found = await record(pinAt(site, pin))
    return found === undefined ? undefined : decode<PinCount>(found)
  }

  const rows = (site: string): LaterRows<null> => ({
    count: async (key, codecIndex) => {
      const digest = digestOf(key)
      const pin = await readPin(site, [digest, codecIndex])
      if (pin !== undefined) return { row: null, count: pin.count }
      return (await blocks.has(cidFor(digest))) ? { row: null, count: 0 } : undefined
    },
    bytes: async key => {
      const bytes = await load(digestOf(key))
      return bytes !== undefined && hashesTo(digestOf(key), bytes, sha256) ? bytes : undefined
    },
  })

  /** Writes counts, and beside them the records of pinned blocks that Helia reads. */
  const save = async (site: string, pins: readonly (readonly [Pin, PinCount])[]): Promise<void> => {
    const counts = records.batch()
    for (const [pin, { count, held }] of pins) {
      const key = new Key(pinAt(site, pin))
      if (count === 0 && held === 0) counts.delete(key)
      else counts.put(key, encode({ count, held }))
    }
    await counts.commit()
    const shown = records.batch()
    for (const [[digest]] of pins) {
      const key = PINNED_BLOCK_PREFIX + base36(Uint8Array.from([SHA2_256, 32, ...digest]))
      const before = decode<{ pinnedBy: Uint8Array[] }>(
        (await record(key)) ?? encode({ pinnedBy: [] }),
      ).pinnedBy
      const pinnedBy = before.filter(by => Buffer.compare(by, US) !== 0)
      for await (const _ of records.queryKeys({ prefix: pinsOf(digest), limit: 1 })) pinnedBy.push(US)
      if (pinnedBy.length === 0) shown.delete(new Key(key))
      else shown.put(new Key(key), encode({ pinCount: pinnedBy.length, pinnedBy }))
    }
    await shown.commit()
  }

  const rootOf = (cid: string): Root => {
    const { codec, digest } = parseCid(cid)
    return { codec, digest: digestKey(digest) }
  }
  /** Makes `to` the site's counted root; `from` holds what goes. Returns how many blocks became pinned. */
  const advance = async (site: string, from: string | undefined, to: string): Promise<number> => {
    const changes = await runLater(
      step(from === undefined ? undefined : rootOf(from), rootOf(to), () => undefined),
      rows(site),
    )
    const pins: [Pin, PinCount][] = []
    const held: Pin[] = []
    let pinned = 0
    for (const { digest, codecIndex, count } of changes) {
      const pin: Pin = [Uint8Array.from(digestOf(digest)), codecIndex]
      const before = await readPin(site, pin)
      if (before === undefined) pinned++
      if (count === 0) held.push(pin)
      pins.push([pin, { count, held: (before?.held ?? 0) + (count === 0 ? 1 : 0) }])
    }
    await save(site, pins)
    if (from !== undefined) await records.put(new Key(heldAt(site, from)), encode(held))
    return pinned
  }
  /** Lets go of what an older root held. Returns how many blocks are pinned no more. */
  const dropHeld = async (site: string, root: string): Promise<number> => {
    const pins: [Pin, PinCount][] = []
    for (const pin of decode<Pin[]>((await record(heldAt(site, root))) ?? encode([]))) {
      const before = await readPin(site, pin)
      if (before !== undefined) pins.push([pin, { count: before.count, held: before.held - 1 }])
    }
    await save(site, pins)
    await records.delete(new Key(heldAt(site, root)))
    return pins.filter(([, { count, held }]) => count === 0 && held === 0).length
  }

  /** After a commit that was cut off: the counts that there are say nothing, and every site is counted anew. */
  const recount = async (): Promise<void> => {
    const gone: Key[] = []
    for (const prefix of [PINS, HELD]) for await (const key of records.queryKeys({ prefix })) gone.push(key)
    const batch = records.batch()
    for (const key of gone) batch.delete(key)
    await batch.commit()
    const newest = new Map<string, string>()
    for (const { site, root } of (await readRoots()).reverse()) {
      await advance(site, newest.get(site), root)
      newest.set(site, root)
    }
  }

  const isWhole = async (digest: Uint8Array): Promise<boolean> => {
    const bytes = await load(digest)
    return bytes !== undefined && hashesTo(digest, bytes, sha256)
  }
  const writeBlocks = async (given: Iterable<Block>): Promise<{ written: number; bytes: number }> => {
    const fresh: { cid: CID; bytes: Uint8Array }[] = []
    for (const { cid, bytes } of given) {
      const { digest } = parseCid(cid)
      if (!hashesTo(digest, bytes, sha256)) throw mismatch(cid)
      if (!(await isWhole(digest))) fresh.push({ cid: cidFor(digest), bytes })
    }
    for await (const _ of blocks.putMany(fresh));
    return { written: fresh.length, bytes: fresh.reduce((sum, { bytes }) => sum + bytes.length, 0) }
  }

  const commit = async ({
    site,
    root,
    blocks: given,
    keep,
    onto,
    records: changes = [],
  }: Commit): Promise<CommitResult> => {
    parseCid(root)
    const written = await writeBlocks(given)
    if ((await record(UNFINISHED)) !== undefined) await recount()
    const known = await readRoots()
    const mine = known.filter(found => found.site === site)
    if (onto !== undefined && mine[0]?.root !== onto.root) throw conflict(site)
    const sequence = mine[0]?.root === root ? mine[0].sequence : (mine[0]?.sequence ?? 0) + 1
    const kept = [{ site, root, sequence }, ...mine.filter(found => found.root !== root)].slice(
      0,
      Math.max(1, keep),
    )
    const after = [...kept, ...known.filter(found => found.site !== site)].sort(
      (a, b) => b.sequence - a.sequence,
    )
    const gone = mine.filter(found => !kept.some(still => still.root === found.root))

    await records.put(new Key(UNFINISHED), encode(true))
    const newest = mine[0]?.root
    const pinned = newest === root ? 0 : await advance(site, newest, root)
    let unpinned = 0
    // A root that is the newest again is counted again, and what it held with it.
    if (newest !== root && mine.some(found => found.root === root)) unpinned += await dropHeld(site, root)
    for (const found of gone) unpinned += await dropHeld(site, found.root)
    if (!(await records.has(new Key(pinKey(root))))) await records.put(new Key(pinKey(root)), pinValue(site))
    await records.put(new Key(ROOTS), encode(after))
    for (const found of gone)
      if (!after.some(still => still.root === found.root)) await records.delete(new Key(pinKey(found.root)))
    for (const [key, value] of changes)
      await (value === undefined ? records.delete(new Key(key)) : records.put(new Key(key), value))
    await records.delete(new Key(UNFINISHED))
    return { ...written, pinned, unpinned }
  }

  let last: Promise<unknown> = Promise.resolve()
  return {
    get: async cid => {
      const { codec, digest } = parseCid(cid)
      const bytes = await load(digest)
      if (bytes !== undefined && !hashesTo(digest, bytes, sha256)) throw damaged(cidOf(codec, digest))
      return bytes
    },
    has: async cid => blocks.has(cidFor(parseCid(cid).digest)),
    roots: async site => (await readRoots()).filter(found => site === undefined || found.site === site),
    // One after the other: counts are read and written.
    commit: given => {
      const next = last.then(
        () => commit(given),
        () => commit(given),
      )
      last = next
      return next
    },
  }
}
