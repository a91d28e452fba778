// CID → verified bytes, from the first tier that tells the truth. The only way by which bytes enter the page.
import type { Digest } from './sha256.ts'
import type { Tier } from './tiers/tier.ts'

/** What is said about a source that was skipped: in the console and as the detail of `sx:source-error`. */
export interface SourceError {
  readonly cid: string
  readonly source: string
  /** `mismatch`, `timeout`, `too long`, `status 500` or the network's own words */
  readonly reason: string
}

export interface Found {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly tier: Tier
}

export interface Resolver {
  /** nearest first; the platform puts its own in front */
  readonly tiers: Tier[]
  /** Bytes that hash to `cid`; rejects when no tier has them. Callers of the same CID share one search. */
  get(cid: string): Promise<Found>
}

export interface ResolverOptions {
  readonly tiers: Tier[]
  readonly digest: Digest
  /** the hash check (src/ipld/block.ts); throws for a CID that can't be checked */
  readonly matches: (cid: string, digest: Uint8Array) => boolean
  readonly report: (error: SourceError) => void
  /** milliseconds: local tier, remote tier, the last remote tier that is left */
  readonly patience?: readonly [local: number, remote: number, last: number]
  /** searches of remote tiers at a time */
  readonly parallel?: number
}

export function createResolver(o: ResolverOptions): Resolver {
  const { tiers, patience = [1000, 5000, 20_000] } = o
  let free = o.parallel ?? 32
  const waiting: (() => void)[] = []
  const flights = new Map<string, Promise<Found>>()
  /** tier → how often it failed: who fails is asked later, so that one slow source costs one wait and not one per block */
  const failures = new Map<Tier, number>()
  const failuresOf = (tier: Tier): number => failures.get(tier) ?? 0

  /** Asks one tier. undefined when it has nothing that is worth having; says why unless the block just isn't there. */
  const ask = async (
    cid: string,
    tier: Tier,
    wait: number,
    fresh?: boolean,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    let reason = 'mismatch'
    const signal = AbortSignal.timeout(wait)
    try {
      const bytes = await Promise.race([
        tier.get(cid, signal, fresh),
        new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ])
      if (!bytes) {
        failures.set(tier, failuresOf(tier) + 1)
        return
      }
      // A stored value may be anything that somebody else put there.
      if (bytes instanceof Uint8Array && o.matches(cid, await o.digest(bytes))) return bytes
    } catch (error) {
      reason = signal.aborted ? 'timeout' : String((error as Error).message)
    }
    failures.set(tier, failuresOf(tier) + 1)
    o.report({ cid, source: tier.name, reason })
    throw reason
  }

  const search = async (cid: string): Promise<Found> => {
    const attempt = async (tier: Tier, wait: number, fresh?: boolean): Promise<Found | undefined> => {
      const bytes = await ask(cid, tier, wait, fresh)
      if (!bytes) return
      for (const near of tiers.slice(0, tiers.indexOf(tier))) if (!near.remote) near.put?.(cid, bytes)
      return { bytes, tier }
    }
    const lied: Tier[] = []
    for (const tier of tiers.filter(t => !t.remote)) {
      const found = await attempt(tier, patience[0]).catch(() => undefined)
      if (found) return found
    }
    if (free > 0) free--
    else await new Promise<void>(go => waiting.push(go))
    try {
      const left = tiers.filter(t => t.remote)
      while (left.length) {
        left.sort((a, b) => failuresOf(a) - failuresOf(b))
        const tier = left.shift()!
        const found = await attempt(tier, patience[left.length ? 1 : 2]).catch(reason => {
          if (reason === 'mismatch') lied.push(tier)
        })
        if (found) return found
      }
      // An answer that was wrong once may sit in the HTTP cache for a year: ask past it before giving up.
      for (const tier of lied) {
        const found = await attempt(tier, patience[1], true).catch(() => undefined)
        if (found) return found
      }
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
    throw Error(`no source has ${cid}`)
  }

  return {
    tiers,
    get(cid) {
      let flight = flights.get(cid)
      if (!flight) {
        flight = search(cid).finally(() => flights.delete(cid))
        flights.set(cid, flight)
      }
      return flight
    },
  }
}
