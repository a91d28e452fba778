// From the version of a page that storage holds to the one that is wanted, by a patch (format §8): fetched when there is
// an older version to begin with.
import { MAX_INFLATED, type Proven, prove } from '../ipld/pack.ts'
import { applyPatch, nodesInOrder } from '../ipld/patch.ts'
import { writePack } from '../ipld/write-pack.ts'
import type { Checks } from './page-packs.ts'
import type { Resolver } from './resolver.ts'
import { createNetworkTier } from './tiers/network.ts'

/** Milliseconds: a source that is slower than this is not worth waiting for, since packs are there too. */
const PATIENCE = 3000

export interface Versions {
  /** CIDs of pages */
  readonly before: string
  readonly page: string
  readonly old: Proven
  readonly resolver: Resolver
  readonly checks: Checks
}

/** Where a source of blocks has patches: our own server makes them, a release directory holds them by the old page. */
const patchUrl = (template: string, before: string, page: string): string | undefined => {
  const url = template
    .replace(/\/sx\/h\/\{cid\}$/, `/sx/d/${before}..${page}`)
    .replace(/\/_sx\/b\/\{cid\}$/, `/_sx/patches/${before}`)
  return url === template ? undefined : url
}

/** The page, proven, and a pack of all of it to keep. Rejects when no source has a patch that leads to the page. */
export const patched = async ({
  before,
  page,
  old,
  resolver,
  checks,
}: Versions): Promise<{ readonly proven: Proven; readonly pack: Uint8Array<ArrayBuffer> }> => {
  const nodes = nodesInOrder(old.nodes)
  let reason = 'no patch'
  for (const { name } of resolver.tiers) {
    const url = patchUrl(name, before, page)
    if (url === undefined) continue
    try {
      const tier = createNetworkTier(url, (input, init) => fetch(input, init))
      const bytes = await tier.get('', AbortSignal.timeout(PATIENCE))
      if (!bytes) continue
      resolver.log.push({ cid: page, source: url, bytes: bytes.length })
      const next = applyPatch(await checks.inflate(bytes, MAX_INFLATED), before, nodes)
      const proven = await prove(next, page, checks.digest)
      const zipped = new Blob([writePack(next)]).stream().pipeThrough(new CompressionStream('gzip'))
      return { proven, pack: new Uint8Array(await new Response(zipped).arrayBuffer()) }
    } catch (error) {
      reason = (error as Error).message
      checks.report({ cid: page, source: url, reason })
    }
  }
  throw Error(reason)
}
