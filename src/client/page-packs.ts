// A page's definitions by its packs, from where the page came. What comes is proven against the page's CID before anything
// of it is decoded or kept.
import type { PageTarget } from '../ipld/manifest.ts'
import type { Inflate, Proven } from '../ipld/pack.ts'
import type { Kernel } from './kernel.ts'
import type { Found, Resolver, SourceError } from './resolver.ts'
import type { Digest } from './sha256.ts'

/** What whoever takes in bytes checks them with, and tells of those that it passed over. */
export interface Checks {
  readonly digest: Digest
  readonly inflate: Inflate
  readonly report: (error: SourceError) => void
}

export interface PackPorts {
  readonly kernel: Kernel
  readonly target: PageTarget
  readonly resolver: Resolver
  readonly checks: Checks
  /** packs that the loader asked for already, by their place in the list */
  readonly early: readonly Promise<Found>[]
}

export interface Loaded {
  readonly proven: Proven
  /** where the farthest of it came from */
  readonly from: 'localstorage' | 'indexeddb' | 'network'
  /** what it was proven from */
  readonly packs: readonly { readonly cid: string; readonly bytes: Uint8Array<ArrayBuffer> }[]
}

/** Tells of a source whose answer is not the page. */
export const skip = ({ checks, target }: PackPorts, source: string, error: unknown): void =>
  checks.report({ cid: target.page, source, reason: (error as Error).message })

/** undefined when no source has packs that are the page's, which has been told then. */
export const loadPacks = async (o: PackPorts): Promise<Loaded | undefined> => {
  const { kernel, target, resolver, checks, early } = o
  let from: Loaded['from'] = 'indexeddb'
  try {
    const packs = await Promise.all(
      target.packs.map(async (cid, i) => {
        const { bytes, tier } = await (early[i] ?? resolver.get(cid))
        if (tier.remote) from = 'network'
        return { cid, bytes }
      }),
    )
    return { proven: await kernel.openPacks(packs, target.page, checks.digest, checks.inflate), from, packs }
  } catch (error) {
    skip(o, 'packs', error)
    return undefined
  }
}
