// From the version of a page that storage holds to the one that is wanted, by a patch (format §8): fetched when there is
// an older version to begin with.
import { MAX_INFLATED, type Proven, prove } from '../ipld/pack.ts'
import { applyPatch, nodesInOrder } from '../ipld/patch.ts'
import { writePack } from '../ipld/write-pack.ts'
import type { Checks } from './page-packs.ts'
import { type EarlyPatch, fetchPatch, patchUrl } from './patch-source.ts'
import type { Resolver } from './resolver.ts'

export interface Versions {
  /** CIDs of pages */
  readonly before: string
  readonly page: string
  readonly old: Proven
  readonly resolver: Resolver
  readonly checks: Checks
  /** asked for already */
  readonly early: EarlyPatch | undefined
}

/** The page, proven, and a pack of all of it to keep. Rejects when no source has a patch that leads to the page. */
export const patched = async ({
  before,
  page,
  old,
  resolver,
  checks,
  early,
}: Versions): Promise<{ readonly proven: Proven; readonly pack: Uint8Array<ArrayBuffer> }> => {
  const nodes = nodesInOrder(old.nodes)
  let reason = 'no patch'
  for (const { name } of resolver.tiers) {
    const source = patchUrl(name, before, page)
    if (source === name) continue
    try {
      const bytes = await (source === early?.url ? early.patch : fetchPatch(source))
      if (!bytes) continue
      resolver.log.push({ cid: page, source, bytes: bytes.length })
      const next = applyPatch(await checks.inflate(bytes, MAX_INFLATED), before, nodes)
      const proven = await prove(next, page, checks.digest)
      const zipped = new Blob([writePack(next)]).stream().pipeThrough(new CompressionStream('gzip'))
      return { proven, pack: new Uint8Array(await new Response(zipped).arrayBuffer()) }
    } catch (error) {
      reason = (error as Error).message
      checks.report({ cid: page, source, reason })
    }
  }
  throw Error(reason)
}
