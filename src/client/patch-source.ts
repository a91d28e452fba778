// Where patches come from: the loader asks for the one that the page needs before anything can make use of it.
import { createNetworkTier } from './tiers/network.ts'

/** Milliseconds: a source that is slower than this is not worth waiting for, since packs are there too. */
const PATIENCE = 3000

export type Patch = Promise<Uint8Array<ArrayBuffer> | undefined>

/** One that was asked for. */
export interface EarlyPatch {
  readonly url: string
  readonly patch: Patch | undefined
}

/**
 * Where a source of blocks has the patch between two versions of a page: a release directory holds them by the old page, and
 * our own server makes those that are asked for. The same as `template`: such a source has none.
 */
export const patchUrl = (template: string, before: string, page: string): string =>
  template.replace('_sx/b/{cid}', `_sx/patches/${before}?to=${page}`)

/** Resolves to undefined when it isn't there. */
export const fetchPatch = (url: string): Patch =>
  createNetworkTier(url, (input, init) => fetch(input, init)).get('', AbortSignal.timeout(PATIENCE))
