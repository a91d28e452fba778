// A tier for a few large blocks, by CID: the Cache API, which every worker of the origin can read too. Absent on plain http,
// denied, full or cleared, it is empty; what it holds is checked like what anybody else sends.
import type { Tier } from './tier.ts'

/** A URL of no host: nothing but these blocks can answer for it. */
const keyOf = (cid: string): string => `https://sx.invalid/${cid}`

export interface CacheTier extends Tier {
  /** the blocks that it holds and asks for: no others */
  readonly wanted: Set<string>
}

/** `storage` is a function because reading `globalThis.caches` throws where it is denied. */
export function createCacheTier(storage: () => CacheStorage | undefined): CacheTier {
  const wanted = new Set<string>()
  const opened = (async () => storage()?.open('sx-wasm'))().catch(() => undefined)
  return {
    name: 'cache',
    wanted,
    async get(cid) {
      const found = wanted.has(cid) ? await (await opened)?.match(keyOf(cid)) : undefined
      return found && new Uint8Array(await found.arrayBuffer())
    },
    put(cid, bytes) {
      if (!wanted.has(cid)) return
      const answer = new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } })
      opened.then(cache => cache?.put(keyOf(cid), answer)).catch(() => undefined)
      return true
    },
  }
}
