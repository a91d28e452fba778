// What a page does without on its first visit: storage, patches, and loading block by block. Fetched when the page is
// there, or when something is stored or missing.
import type { Node } from '../ipld/kinds.ts'
import type { Manifest } from '../ipld/manifest.ts'
import { openPacks, type Proven } from '../ipld/pack.ts'
import { recall, remember } from './boot-packs.ts'
import { loadClosure } from './closure.ts'
import { type Loaded, type PackPorts, skip } from './page-packs.ts'
import type { EarlyPatch } from './patch-source.ts'
import { patched } from './patched.ts'
import { createIndexedDbTier } from './tiers/indexeddb.ts'

/** The version of a page that storage holds: its CID and those of its packs, joined by spaces. Nobody is obliged to it. */
export type Held = string

export interface WaysPorts extends PackPorts {
  readonly held: Held | undefined
  /** where it is held, in localStorage: the loader reads it before anything else is there */
  readonly key: string
  /** asked for by the loader */
  readonly patch?: EarlyPatch
}

export interface Ways {
  /** What storage holds of the page, or what a patch makes of it. undefined: nothing that is the page. */
  fromHeld(): Promise<Loaded | undefined>
  /** Keeps what a page was proven from, for the next visit. Never rejects. */
  keep(loaded: Loaded): Promise<void>
  /** The page's closure, block by block. `bytecode` comes instead of its libraries, where it can be had. */
  closure(load: (cid: string) => Promise<Node>, bytecode: Manifest['bytecode']): Promise<void>
}

/** Puts storage in front of the other tiers. */
export const createWays = (o: WaysPorts): Ways => {
  const { target, resolver, checks } = o
  const { page } = target
  let stored = resolver.tiers.find(tier => tier.name === 'indexeddb')
  if (!stored) resolver.tiers.unshift((stored = createIndexedDbTier(() => indexedDB)))
  const tier = stored
  return {
    async fromHeld() {
      const [before = '', ...cids] = (o.held ?? '').split(' ')
      for (const [from, get] of [
        ['localstorage', recall],
        ['indexeddb', tier.get],
      ] as const) {
        let old: Proven
        try {
          const packs = await Promise.all(
            // Nothing at all is no gzip either.
            cids.map(async cid => ({ cid, bytes: (await get(cid))! })),
          )
          if (from === 'localstorage' && !packs.every(({ bytes }) => bytes)) continue
          old = await openPacks(packs, before, checks.digest, checks.inflate)
          for (const { cid, bytes } of packs) resolver.log.push({ cid, source: from, bytes: bytes.length })
          if (before === page) return { proven: old, from, packs }
        } catch (error) {
          skip(o, from, error)
          continue
        }
        try {
          const { proven, pack } = await patched({ before, old, page, resolver, checks, early: o.patch })
          // A pack of our own making: of no CID, so it lies under the page's.
          return { proven, from: 'network', packs: [{ cid: page, bytes: pack }] }
        } catch (error) {
          skip(o, from, error)
          break
        }
      }
      return undefined
    },
    async keep({ from, packs }) {
      const held = [page, ...packs.map(({ cid }) => cid)].join(' ')
      if (from === 'network') await Promise.all(packs.map(({ cid, bytes }) => tier.put!(cid, bytes)))
      if (from === 'localstorage') return
      try {
        localStorage[o.key] = held
        remember(packs)
      } catch {
        // Full, or denied: the next visit is a first one again.
      }
    },
    closure: (load, bytecode = {}) =>
      loadClosure(target.closure, cid =>
        bytecode[cid] ? load(bytecode[cid]).catch(() => load(cid)) : load(cid),
      ),
  }
}
