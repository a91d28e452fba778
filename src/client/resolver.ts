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
}

export function createResolver(o: ResolverOptions): Resolver {
  const { tiers, patience = [1000, 5000, 20_000] } = o
  const flights = new Map<string, Promise<Found>>()
  /** How often a source failed: who fails is asked later, so that one slow source costs one wait and not one per block. */
  const failures = new Map<Tier, number>()
  const failuresOf = (tier: Tier): number => failures.get(tier) ?? 0

  /** Asks one tier: bytes that are the block, or why there are none. The block then lies in all nearer tiers too. */
  const ask = async (cid: string, tier: Tier, wait: number, fresh?: boolean): Promise<Found | string> => {
    const signal = AbortSignal.timeout(wait)
    let reason = 'mismatch'
    try {
      const bytes = await Promise.race([
        tier.get(cid, signal, fresh),
        new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ])
      // A stored value may be anything that somebody else put there.
      if (!bytes) reason = 'missing'
      else if (bytes instanceof Uint8Array && o.matches(cid, await o.digest(bytes))) {
        for (const near of tiers) {
          if (near === tier || near.remote || near.put?.(cid, bytes) === true) break
        }
        return { bytes, tier }
      }
    } catch (error) {
      reason = signal.aborted ? 'timeout' : String((error as Error).message)
    }
    failures.set(tier, failuresOf(tier) + 1)
    const place = tiers.indexOf(tier)
    if (place >= 0 && reason !== 'missing') o.report({ cid, source: tier.name, reason })
    // Storage that hangs does so for every block: the page goes on without it.
    if (place >= 0 && reason === 'timeout' && !tier.remote) tiers.splice(place, 1)
    return reason
  }

  const search = async (cid: string): Promise<Found> => {
    for (const tier of tiers.filter(t => !t.remote)) {
      const answer = await ask(cid, tier, patience[0])
      if (typeof answer !== 'string') return answer
    }
    const left = tiers.filter(t => t.remote)
    const lied: Tier[] = []
    while (left.length) {
      left.sort((a, b) => failuresOf(a) - failuresOf(b))
      const tier = left.shift()!
      const answer = await ask(cid, tier, patience[left.length ? 1 : 2])
      if (typeof answer !== 'string') return answer
      if (answer === 'mismatch') lied.push(tier)
    }
    // An answer that was wrong once may sit in the HTTP cache for a year: ask past it before giving up.
    for (const tier of lied) {
      const answer = await ask(cid, tier, patience[1], true)
      if (typeof answer !== 'string') return answer
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
