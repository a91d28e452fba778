// Blocks by CIDs of any kind, out of the store, and out of other sources for those who are allowed to ask them.
import { CID } from 'multiformats/cid'
import type { AnyBlocks } from '../dag-port.ts'
import { SxError } from '../errors.ts'
import { IDENTITY } from '../ipld/any-cid.ts'
import { SHA2_256 } from '../ipld/cid.ts'
import type { BlockTable } from './tables.ts'

/** An identity CID carries its block; sha2-256 ones are looked up by digest; other hashes are not held. */
export const localBlocks = (table: Pick<BlockTable, 'get' | 'has'>): AnyBlocks => ({
  get: ({ multihash }) =>
    multihash.code === SHA2_256
      ? table.get(multihash.digest)
      : multihash.code === IDENTITY
        ? multihash.digest
        : undefined,
  has: ({ multihash }) =>
    multihash.code === SHA2_256 ? table.has(multihash.digest) : multihash.code === IDENTITY,
})

/** The CID in a block's bytes. Throws 'block-malformed'. */
export function readLink(bytes: Uint8Array): CID {
  try {
    return CID.decode(bytes)
  } catch (cause) {
    throw new SxError('block-malformed', 'A stored block is malformed: a link of it is no CID', {}, cause)
  }
}

/** What a path or a walk can't go on without. Throws 'block-not-found' for what can't be had. */
export async function need(blocks: AnyBlocks, cid: CID, signal?: AbortSignal): Promise<Uint8Array> {
  const found = blocks.get(cid, signal)
  const bytes = found instanceof Promise ? await found : found
  if (bytes === undefined)
    throw new SxError('block-not-found', `there is no block ${cid} here`, { cid: `${cid}` })
  return bytes
}
