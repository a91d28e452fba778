// Blocks in memory by CIDs of any kind, for walks, paths and gateways.
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { AnyBlocks } from '../../src/dag-port.ts'
import { SHA2_256 } from '../../src/ipld/cid.ts'
import type { Block } from '../../src/ports.ts'
import { localBlocks } from '../../src/store/any-blocks.ts'
import { sha256 } from './memory-store.ts'

export { sha256 }

export interface MemoryBlocks {
  readonly blocks: AnyBlocks
  put(bytes: Uint8Array, codec: number): CID
  putAll(blocks: Iterable<Block>): void
  drop(cid: CID): void
}

export function memoryBlocks(): MemoryBlocks {
  const held = new Map<string, Uint8Array>()
  const key = (digest: Uint8Array): string => Buffer.from(digest).toString('latin1')
  return {
    blocks: localBlocks({ get: digest => held.get(key(digest)), has: digest => held.has(key(digest)) }),
    put: (bytes, codec) => {
      const digest = sha256(bytes)
      held.set(key(digest), bytes)
      return CID.createV1(codec, create(SHA2_256, digest))
    },
    putAll: blocks => {
      for (const { bytes } of blocks) held.set(key(sha256(bytes)), bytes)
    },
    drop: cid => void held.delete(key(cid.multihash.digest)),
  }
}
