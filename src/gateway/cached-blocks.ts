// Verified blocks kept in memory while there is room: what is asked for again is neither read nor hashed again.

import type { AnyBlocks } from '../dag-port.ts'
import { createByteCache } from './byte-cache.ts'

export function cachedBlocks(blocks: AnyBlocks, bound: number): AnyBlocks {
  const cache = createByteCache<Uint8Array>(bound)
  const keep = (key: string, bytes: Uint8Array | undefined): Uint8Array | undefined => {
    if (bytes !== undefined) cache.set(key, bytes, bytes.byteLength)
    return bytes
  }
  return {
    has: cid => blocks.has(cid),
    get: (cid, signal) => {
      const { buffer, byteOffset, byteLength } = cid.multihash.bytes
      const key = Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
      const known = cache.get(key)
      if (known !== undefined) return known
      const found = blocks.get(cid, signal)
      return found instanceof Promise ? found.then(bytes => keep(key, bytes)) : keep(key, found)
    },
  }
}
