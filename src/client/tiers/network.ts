// The farthest tier: a server or gateway that answers one URL per CID.
import { readStream } from '../../ipld/inflate.ts'
import type { Tier } from './tier.ts'

/** A block's limit, format §3: more than this is not read, whatever a source sends. */
export const BLOCK_LIMIT = 1 << 20

/** `template` is a URL with `{cid}` in it. 404 and 410 mean "not here"; any other failure throws with its reason. */
export function createNetworkTier(template: string, fetch: typeof globalThis.fetch): Tier {
  return {
    name: template,
    remote: true,
    async get(cid, signal, fresh) {
      const response = await fetch(template.replace('{cid}', cid), {
        signal: signal ?? null,
        cache: fresh ? 'reload' : 'default',
      })
      if (response.status === 404 || response.status === 410) return
      if (!response.ok) throw Error(`status ${response.status}`)
      return readStream(response.body!, BLOCK_LIMIT)
    },
  }
}
