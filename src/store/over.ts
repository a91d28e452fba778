// A store over any interface-blockstore and interface-datastore (Level, memory, a file tree): the same commits, later.
import { decode, encode } from '@ipld/dag-cbor'
import type { Blockstore } from 'interface-blockstore'
import { type Datastore, Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hashesTo, mismatch } from '../ipld/block.ts'
import { cidOf, parseCid, RAW, SHA2_256 } from '../ipld/cid.ts'
import type { Block, Commit, CommitResult, RootRecord, Sha256 } from '../ports.ts'
import { whole } from './helia-bytes.ts'
import { codecs, createLedger, type LaterRows, type Ledger, runLater } from './ledger.ts'
import { type DigestKey, digestKey, digestOf } from './links.ts'
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
const COUNTS = '/sx/pins/'
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
  const countKey = (digest: DigestKey, codecIndex: number): string =>
    `${COUNTS}${codecIndex}/${digestOf(digest).toString('hex')}`

  const rows: LaterRows<null> = {
    count: async (digest, codecIndex) => {
      const count = await record(countKey(digest, codecIndex))
      if (count !== undefined) return { row: null, count: decode<number>(count) }
      return (await blocks.has(cidFor(digestOf(digest)))) ? { row: null, count: 0 } : undefined
    },
    bytes: async digest => {
      const bytes = await load(digestOf(digest))
      return bytes !== undefined && hashesTo(digestOf(digest), bytes, sha256) ? bytes : undefined
    },
  }

  const save = async (ledger: Ledger<null>): Promise<{ pinned: number; unpinned: number }> => {
    const { pinned, unpinned, changed } = ledger.changes()
    const batch = records.batch()
    for (const { digest, codecIndex, count } of changed) {
      const key = new Key(countKey(digest, codecIndex))
      if (count === 0) batch.delete(key)
      else batch.put(key, encode(count))
    }
    await batch.commit()
    const shown = records.batch()
    for (const { digest } of changed) {
      const key = PINNED_BLOCK_PREFIX + base36(Uint8Array.from([SHA2_256, 32, ...digestOf(digest)]))
      const before = decode<{ pinnedBy: Uint8Array[] }>(
        (await record(key)) ?? encode({ pinnedBy: [] }),
      ).pinnedBy
      const pinnedBy = before.filter(by => Buffer.compare(by, US) !== 0)
      const counts = await Promise.all(codecs.map((_, index) => record(countKey(digest, index))))
      if (counts.some(count => count !== undefined)) pinnedBy.push(US)
      if (pinnedBy.length === 0) shown.delete(new Key(key))
      else shown.put(new Key(key), encode({ pinCount: pinnedBy.length, pinnedBy }))
    }
    await shown.commit()
    return { pinned, unpinned }
  }

  const step = (
    steps: (codec: number, digest: DigestKey) => ReturnType<Ledger<null>['retain']>,
    root: string,
  ): Promise<void> => {
    const { codec, digest } = parseCid(root)
    return runLater(steps(codec, digestKey(digest)), rows)
  }

  /** After a commit that was cut off: what counts there are is forgotten, and every root counted again. */
  const recount = async (): Promise<void> => {
    const forgotten = createLedger<null>()
    const keys: Key[] = []
    for await (const key of records.queryKeys({ prefix: COUNTS })) keys.push(key)
    const batch = records.batch()
    for (const key of keys) batch.delete(key)
    await batch.commit()
    for (const { root } of await readRoots()) await step(forgotten.retain, root)
    await save(forgotten)
  }

  const writeBlocks = async (given: Iterable<Block>): Promise<{ written: number; bytes: number }> => {
    const fresh: { cid: CID; bytes: Uint8Array }[] = []
    for (const { cid, bytes } of given) {
      const { digest } = parseCid(cid)
      if (!hashesTo(digest, bytes, sha256)) throw mismatch(cid)
      if ((await rows.bytes(digestKey(digest))) === undefined) fresh.push({ cid: cidFor(digest), bytes })
    }
    for await (const _ of blocks.putMany(fresh));
    return { written: fresh.length, bytes: fresh.reduce((sum, { bytes }) => sum + bytes.length, 0) }
  }

  const commit = async ({ site, root, blocks: given, keep }: Commit): Promise<CommitResult> => {
    parseCid(root)
    const written = await writeBlocks(given)
    if ((await record(UNFINISHED)) !== undefined) await recount()
    const known = await readRoots()
    const mine = known.filter(found => found.site === site)
    const sequence = mine[0]?.root === root ? mine[0].sequence : (mine[0]?.sequence ?? 0) + 1
    const kept = [{ site, root, sequence }, ...mine.filter(found => found.root !== root)].slice(
      0,
      Math.max(1, keep),
    )
    const after = [...kept, ...known.filter(found => found.site !== site)].sort(
      (a, b) => b.sequence - a.sequence,
    )
    const gone = mine.filter(found => !kept.some(still => still.root === found.root))

    const ledger = createLedger<null>()
    if (!mine.some(found => found.root === root)) await step(ledger.retain, root)
    for (const found of gone) await step(ledger.release, found.root)
    await records.put(new Key(UNFINISHED), encode(true))
    const pins = await save(ledger)
    if (!(await records.has(new Key(pinKey(root))))) await records.put(new Key(pinKey(root)), pinValue(site))
    await records.put(new Key(ROOTS), encode(after))
    for (const found of gone)
      if (!after.some(still => still.root === found.root)) await records.delete(new Key(pinKey(found.root)))
    await records.delete(new Key(UNFINISHED))
    return { ...written, ...pins }
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
