// The nearest tier: blocks of this page's lifetime, oldest out first.
import type { Tier } from './tier.ts'

/** Holds at most `limit` bytes. */
export function createMemoryTier(limit = 16 << 20): Tier {
  const blocks = new Map<string, Uint8Array<ArrayBuffer>>()
  let size = 0
  return {
    name: 'memory',
    get: async cid => blocks.get(cid),
    put(cid, bytes) {
      size += bytes.length - (blocks.get(cid)?.length ?? 0)
      blocks.set(cid, bytes)
      for (const [oldest, { length }] of blocks) {
        if (size <= limit) break
        blocks.delete(oldest)
        size -= length
      }
    },
  }
}
