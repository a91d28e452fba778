// Our store as interface-blockstore 7, for Helia and whatever else speaks it. Verified on the way in and out.
import type { Blockstore, InputPair, Pair } from 'interface-blockstore'
import { NotFoundError } from 'interface-store'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { SxError } from '../errors.ts'
import { RAW, SHA2_256 } from '../ipld/cid.ts'
import { whole } from './helia-bytes.ts'
import type { LocalStore } from './sqlite.ts'

/** Blocks to a transaction when many are put or deleted. */
const BATCH = 512

/** Keys by multihash alone, as Helia expects; only sha2-256 is held ('cid-unsupported'; `has` says no). */
export function asBlockstore({ blocks }: Pick<LocalStore, 'blocks'>): Blockstore {
  const digest = (cid: CID): Uint8Array => {
    if (cid.multihash.code === SHA2_256) return cid.multihash.digest
    throw new SxError(
      'cid-unsupported',
      `This store holds sha2-256 blocks only; ${cid} has another hash function`,
    )
  }
  const get = function* (cid: CID, options?: { signal?: AbortSignal }): Generator<Uint8Array> {
    options?.signal?.throwIfAborted()
    const bytes = blocks.get(digest(cid))
    if (bytes === undefined) throw new NotFoundError(`Block ${cid} is not in the store`)
    yield bytes
  }
  return {
    has: cid => cid.multihash.code === SHA2_256 && blocks.has(cid.multihash.digest),
    get,
    put: async (cid, bytes) => {
      blocks.put([{ digest: digest(cid), bytes: await whole(bytes) }])
      return cid
    },
    async *putMany(source: Iterable<InputPair> | AsyncIterable<InputPair>, options) {
      for await (const batch of batches(source)) {
        options?.signal?.throwIfAborted()
        const ready = await Promise.all(
          batch.map(async ({ cid, bytes }) => ({ digest: digest(cid), bytes: await whole(bytes) })),
        )
        blocks.put(ready)
        for (const { cid } of batch) yield cid
      }
    },
    async *getMany(source, options): AsyncGenerator<Pair> {
      for await (const cid of source) yield { cid, bytes: get(cid, options) }
    },
    delete: cid => {
      blocks.delete([digest(cid)])
    },
    async *deleteMany(source, options) {
      for await (const batch of batches(source)) {
        options?.signal?.throwIfAborted()
        blocks.delete(batch.map(digest))
        yield* batch
      }
    },
    async *getAll(options): AsyncGenerator<Pair> {
      // Page by page, so that what is deleted on the way (Helia's gc does) holds nothing up.
      for (let page = blocks.page(0, BATCH); page.digests.length > 0; page = blocks.page(page.last, BATCH))
        for (const found of page.digests) {
          options?.signal?.throwIfAborted()
          const cid = CID.createV1(RAW, createDigest(SHA2_256, found))
          yield { cid, bytes: get(cid) }
        }
    },
  }
}

export async function* batches<T>(source: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of source) {
    batch.push(item)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
