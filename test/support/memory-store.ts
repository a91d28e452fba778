// A Store over a Map, verified on the way out like the real one, that tests can also lie through.
import { createHash } from 'node:crypto'
import { SxError } from '../../src/errors.ts'
import { blockOf, verifyBlock } from '../../src/ipld/block.ts'
import type { Block, RootRecord, Sha256, Store } from '../../src/ports.ts'

export const sha256: Sha256 = bytes => createHash('sha256').update(bytes).digest()

export interface MemoryStore extends Store {
  /** puts bytes under `codec`, returns the CID */
  put(bytes: Uint8Array, codec: number): string
  putBlock(block: Block): string
  /** what a broken disk does: other bytes under the same CID */
  corrupt(cid: string): void
  setRoot(root: string, site?: string): void
  /** how often `get` was called */
  readonly reads: number
}

export function createMemoryStore(): MemoryStore {
  const blocks = new Map<string, Uint8Array>()
  const roots: RootRecord[] = []
  let reads = 0
  const store: MemoryStore = {
    get reads() {
      return reads
    },
    has: cid => blocks.has(cid),
    get: cid => {
      reads++
      const bytes = blocks.get(cid)
      if (bytes === undefined) return undefined
      try {
        verifyBlock(cid, bytes, sha256)
      } catch (cause) {
        throw new SxError('store-corrupt', `the store's block ${cid} is damaged`, {}, cause)
      }
      return bytes
    },
    commit: commit => {
      let written = 0
      let bytes = 0
      for (const block of commit.blocks) {
        if (blocks.has(block.cid)) continue
        store.putBlock(block)
        written++
        bytes += block.bytes.byteLength
      }
      store.setRoot(commit.root, commit.site)
      return { written, bytes, pinned: written, unpinned: 0 }
    },
    roots: site => roots.filter(record => site === undefined || record.site === site).reverse(),
    close: () => {},
    put: (bytes, codec) => store.putBlock(blockOf(bytes, codec, sha256)),
    putBlock: block => {
      blocks.set(block.cid, block.bytes)
      return block.cid
    },
    corrupt: cid => {
      const bytes = Uint8Array.from(blocks.get(cid)!)
      bytes[bytes.length - 1]! ^= 1
      blocks.set(cid, bytes)
    },
    setRoot: (root, site = 'test') => void roots.push({ site, root, sequence: roots.length + 1 }),
  }
  return store
}
