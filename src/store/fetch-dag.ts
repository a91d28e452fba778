// All that is below a root, from wherever blocks come, many in flight: each verified before one of its links is followed.
import type { CID } from 'multiformats/cid'
import type { AnyBlocks, CidBlock } from '../dag-port.ts'
import { SxError } from '../errors.ts'
import { hashesTo, mismatch } from '../ipld/block.ts'
import { SHA2_256 } from '../ipld/cid.ts'
import type { Sha256 } from '../ports.ts'
import { readLink } from './any-blocks.ts'
import { eachCid } from './any-links.ts'
import { createCidSet } from './cid-set.ts'

/** What the ecosystem takes at most (trustless gateway specification, «Block Limits»). */
const LARGEST = 2 * 2 ** 20

export interface FetchDagOptions {
  /** asked first */
  readonly here: AnyBlocks
  /** rejects for what it can't get */
  readonly fetch: (cid: CID) => Promise<Uint8Array>
  readonly sha256: Sha256
  /** bytes, of what is here and what comes together; more throws 'walk-limit' */
  readonly most: number
  readonly atOnce?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Yields every block below `root` once, in the order in which they come; `fetched`: it was not here. Throws
 * 'block-mismatch', 'block-malformed', 'block-too-large', 'walk-limit', 'cid-unsupported', and what `fetch` throws.
 */
export async function* fetchDag(
  root: CID,
  { here, fetch, sha256, most, atOnce = 64, signal }: FetchDagOptions,
): AsyncGenerator<CidBlock & { readonly fetched: boolean }> {
  const seen = createCidSet(root.bytes)
  seen.add(root.bytes)
  const waiting: Uint8Array[] = [root.bytes]
  const flying = new Set<Promise<void>>()
  const come: CidBlock[] = []
  let bytesLeft = most
  let failure: { readonly error: unknown } | undefined

  const taken = ({ cid, bytes }: CidBlock): void => {
    bytesLeft -= bytes.length
    if (bytesLeft < 0)
      throw new SxError('walk-limit', `there are more than ${most} bytes below ${root}`, { limit: most })
    eachCid(cid.code, bytes, link => {
      // a link lies in its block's bytes, which are not to be kept for it
      if (seen.add(link)) waiting.push(Uint8Array.from(link))
    })
  }
  const verified = (cid: CID, bytes: Uint8Array): CidBlock => {
    if (bytes.length > LARGEST)
      throw new SxError('block-too-large', `${cid} has ${bytes.length} bytes`, { limit: LARGEST })
    if (!hashesTo(cid.multihash.digest, bytes, sha256)) throw mismatch(`${cid}`)
    return { cid, bytes }
  }
  const start = (cid: CID): void => {
    if (cid.multihash.code !== SHA2_256)
      throw new SxError('cid-unsupported', `the block ${cid} has a hash function that is not held here`)
    const flight = fetch(cid)
      .then(bytes => void come.push(verified(cid, bytes)))
      .catch(error => void (failure ??= { error }))
      .finally(() => flying.delete(flight))
    flying.add(flight)
  }

  while (waiting.length + flying.size + come.length > 0) {
    signal?.throwIfAborted()
    if (failure !== undefined) throw failure.error
    const block = come.pop()
    if (block !== undefined) {
      taken(block)
      yield { ...block, fetched: true }
    } else if (waiting.length > 0 && flying.size < atOnce) {
      const cid = readLink(waiting.pop()!)
      const found = await here.get(cid)
      if (found === undefined) start(cid)
      else {
        taken({ cid, bytes: found })
        if (cid.multihash.code === SHA2_256) yield { cid, bytes: found, fetched: false }
      }
    } else await Promise.race(flying)
  }
  if (failure !== undefined) throw failure.error
}
