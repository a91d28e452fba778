// What peers are offered of the store, as interface-blockstore 7: blocks that a pin keeps, and never one more.
import type { Blockstore } from 'interface-blockstore'
import { NotFoundError } from 'interface-store'
import type { CID } from 'multiformats/cid'
import { SHA2_256 } from '../ipld/cid.ts'
import { whole } from './helia-bytes.ts'
import type { BlockTable } from './tables.ts'

/**
 * `has` and `get` know pinned blocks that are not `denied`; `blocks` undefined: none. What a fetch brings is handed to
 * whoever asked, verified and stored by them: `put` keeps nothing.
 */
export function offeredBlocks(
  blocks: Pick<BlockTable, 'get' | 'isPinned'> | undefined,
  denied: (cid: CID) => boolean = () => false,
): Blockstore {
  const has = (cid: CID): boolean =>
    blocks !== undefined &&
    cid.multihash.code === SHA2_256 &&
    blocks.isPinned(cid.multihash.digest) &&
    !denied(cid)
  const get = function* (cid: CID, options?: { signal?: AbortSignal }): Generator<Uint8Array> {
    options?.signal?.throwIfAborted()
    const bytes = has(cid) ? blocks?.get(cid.multihash.digest) : undefined
    if (bytes === undefined) throw new NotFoundError(`Block ${cid} is not offered`)
    yield bytes
  }
  return {
    has,
    get,
    put: cid => cid,
    async *putMany(source) {
      for await (const { cid, bytes } of source) {
        await whole(bytes)
        yield cid
      }
    },
    async *getMany(source, options) {
      for await (const cid of source) yield { cid, bytes: get(cid, options) }
    },
    delete: () => {},
    async *deleteMany(source) {
      yield* source
    },
    async *getAll() {},
  }
}
