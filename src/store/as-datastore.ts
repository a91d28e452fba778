// Our store as interface-datastore 10, for Helia: its records, and the pins that we count shown as it expects them.
import { decode, encode } from '@ipld/dag-cbor'
import { type Batch, type Datastore, Key, type Pair, type Query } from 'interface-datastore'
import { NotFoundError } from 'interface-store'
import { base36 as base36Codec } from 'multiformats/bases/base36'
import { CID } from 'multiformats/cid'
import { cidText, SHA2_256 } from '../ipld/cid.ts'
import { batches } from './as-blockstore.ts'
import { base36, PIN_PREFIX, PINNED_BLOCK_PREFIX } from './pin-record.ts'
import type { LocalStore } from './sqlite.ts'

// Helia 7.1.15 asks one thing of the record of a pinned block: whether it is there (isPinned, and so gc and delete).
// A block that our roots hold is there without a row: written out, these records would make each release cost as much
// as the whole site. What Helia's own pins.add and pins.rm write is kept beside that, and counts only itself.
//
// Helia 7.1.15 also counts a shared block down once for each path when it unpins, and then leaves a record with a
// count below zero, which pins it for ever. The list of who pins a block is right even then, so the count that is
// stored is that list's length, and a record that nobody is in is deleted.

const PAGE = 512

interface PinnedBlock {
  readonly pinCount: number
  readonly pinnedBy: readonly Uint8Array[]
}
const nobody = encode({ pinCount: 0, pinnedBy: [] })

export function asDatastore(store: Pick<LocalStore, 'blocks' | 'records' | 'roots' | 'release'>): Datastore {
  const { blocks, records } = store

  const pinnedByRoots = (key: string): boolean => {
    if (!key.startsWith(PINNED_BLOCK_PREFIX)) return false
    const multihash = base36Codec.decode(key.slice(PINNED_BLOCK_PREFIX.length))
    return multihash[0] === SHA2_256 && multihash[1] === 32 && blocks.isPinned(multihash.subarray(2))
  }
  const find = (key: string): Uint8Array | undefined =>
    records.get(key) ?? (pinnedByRoots(key) ? nobody : undefined)

  type Change = readonly [key: string, value: Uint8Array | undefined]
  const normal = ([key, value]: Change): Change => {
    if (value === undefined || !key.startsWith(PINNED_BLOCK_PREFIX)) return [key, value]
    const { pinnedBy } = decode<PinnedBlock>(value)
    return [key, pinnedBy.length === 0 ? undefined : encode({ pinCount: pinnedBy.length, pinnedBy })]
  }
  /** Unpinning one of our roots through Helia unpins it in our count. */
  const write = (changes: readonly Change[]): void => {
    for (const [key, value] of changes)
      if (value === undefined && key.startsWith(PIN_PREFIX)) {
        const cid = cidText(CID.parse(key.slice(PIN_PREFIX.length), base36Codec).bytes)
        if (store.roots().some(record => record.root === cid)) store.release(cid)
      }
    records.write(changes.map(normal))
  }

  const get = (key: Key): Uint8Array => {
    const value = find(key.toString())
    if (value === undefined) throw new NotFoundError(`There is no record ${key}`)
    return value
  }

  function* all(prefix: string): Generator<Pair> {
    for (
      let page = records.page(prefix, '', PAGE);
      page.length > 0;
      page = records.page(prefix, page.at(-1)!.key, PAGE)
    )
      for (const { key, value } of page) yield { key: new Key(key), value }
    if (!PINNED_BLOCK_PREFIX.startsWith(prefix) && !prefix.startsWith(PINNED_BLOCK_PREFIX)) return
    for (let page = blocks.page(0, PAGE); page.digests.length > 0; page = blocks.page(page.last, PAGE))
      for (const digest of page.digests) {
        const key = PINNED_BLOCK_PREFIX + base36(Uint8Array.from([SHA2_256, 32, ...digest]))
        if (key.startsWith(prefix) && blocks.isPinned(digest) && records.get(key) === undefined)
          yield { key: new Key(key), value: nobody }
      }
  }

  const query = function* ({
    prefix = '',
    filters = [],
    orders = [],
    offset = 0,
    limit = Number.POSITIVE_INFINITY,
  }: Query): Generator<Pair> {
    let found: Iterable<Pair> = all(prefix)
    if (orders.length > 0) {
      const sorted = [...found]
      for (const order of orders) sorted.sort(order)
      found = sorted
    }
    let at = -offset
    for (const pair of found) {
      if (!filters.every(filter => filter(pair))) continue
      if (at >= limit) return
      if (at++ >= 0) yield pair
    }
  }

  return {
    has: key => find(key.toString()) !== undefined,
    get,
    put: (key, value) => {
      write([[key.toString(), value]])
      return key
    },
    async *putMany(source) {
      for await (const batch of batches(source)) {
        write(batch.map(({ key, value }) => [key.toString(), value]))
        for (const { key } of batch) yield key
      }
    },
    async *getMany(source) {
      for await (const key of source) yield { key, value: get(key) }
    },
    delete: key => write([[key.toString(), undefined]]),
    async *deleteMany(source) {
      for await (const batch of batches(source)) {
        write(batch.map(key => [key.toString(), undefined]))
        yield* batch
      }
    },
    batch: (): Batch => {
      const changes: Change[] = []
      return {
        put: (key, value) => void changes.push([key.toString(), value]),
        delete: key => void changes.push([key.toString(), undefined]),
        commit: () => write(changes.splice(0)),
      }
    },
    query,
    *queryKeys({ filters = [], orders = [], ...rest }) {
      const pairs = query({
        ...rest,
        filters: filters.map(
          filter =>
            ({ key }: Pair) =>
              filter(key),
        ),
        orders: orders.map(order => (a: Pair, b: Pair) => order(a.key, b.key)),
      })
      for (const { key } of pairs) yield key
    },
  }
}
