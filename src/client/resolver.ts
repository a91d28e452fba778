// CID → verified bytes, from the first tier that tells the truth. The only way by which bytes enter the page.
import type { Digest } from './sha256.ts'
import type { Tier } from './tiers/tier.ts'

/** What is said about a source that was skipped: in the console and as the detail of `sx:source-error`. */
export interface SourceError {
  readonly cid: string
  readonly source: string
  /** `mismatch`, `timeout`, `slow`: another one that was asked later was faster, `too long`, `status 500` or the network's own words */
  readonly reason: string
}

/** A block that came. */
export interface Delivery {
  readonly cid: string
  readonly source: string
  /** of the block, however it was packed on its way */
  readonly bytes: number
}

export interface Found {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly tier: Tier
}

export interface Resolver {
  /** nearest first; the platform puts its own in front */
  readonly tiers: Tier[]
  /** what came from where, and what was skipped, since the page began */
  readonly log: (Delivery | SourceError)[]
  /** Bytes that hash to `cid`; rejects when no tier has them. Callers of the same CID share one search. */
  get(cid: string): Promise<Found>
}

export interface ResolverOptions {
  readonly tiers: Tier[]
  readonly digest: Digest
  /** the hash check (src/ipld/block.ts); throws for a CID that can't be checked */
  readonly matches: (cid: string, digest: Uint8Array) => boolean
  readonly report: (error: SourceError) => void
  /** milliseconds that a local tier has, and a remote one */
  readonly patience?: readonly [local: number, remote: number]
  /** milliseconds that a remote tier is waited for before the next one is asked too */
  readonly stagger: number
}

/** What a source is thought to cost before it was asked, milliseconds by its place: who is listed first is asked first. */
const UNTRIED = 3000
/** What each failure adds to that; each success halves it. */
const FAILED = 10_000

export function createResolver(o: ResolverOptions): Resolver {
  const { tiers, patience = [1000, 20_000] } = o
  const flights = new Map<string, Promise<Found>>()
  const log: Resolver['log'] = []
  /** Milliseconds that asking a source costs: those that deliver fast are asked first, and those that fail last. */
  const costs = new Map<Tier, number>()
  const costOf = (tier: Tier): number => costs.get(tier) ?? UNTRIED * tiers.indexOf(tier)

  /** Asks one tier: bytes that are the block, or why there are none. The block then lies in all nearer tiers too. */
  const ask = async (
    cid: string,
    tier: Tier,
    wait: number,
    over: AbortSignal,
    fresh?: boolean,
  ): Promise<Found | string> => {
    const began = performance.now()
    const late = AbortSignal.timeout(wait)
    const signal = AbortSignal.any([late, over])
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
        costs.set(tier, (costOf(tier) + performance.now() - began) / 2)
        log.push({ cid, source: tier.name, bytes: bytes.length })
        return { bytes, tier }
      }
    } catch (error) {
      reason = late.aborted ? 'timeout' : over.aborted ? 'slow' : String((error as Error).message)
    }
    // Who was asked later than another and answers later has done nothing wrong. (A timer may fire a millisecond early.)
    if (over.aborted && performance.now() - began + 1 < o.stagger) return reason
    costs.set(tier, costOf(tier) + FAILED)
    const place = tiers.indexOf(tier)
    if (place >= 0 && reason !== 'missing') o.report({ cid, source: tier.name, reason })
    // Storage that hangs does so for every block: the page goes on without it.
    if (place >= 0 && reason === 'timeout' && !tier.remote) tiers.splice(place, 1)
    return reason
  }

  const search = async (cid: string): Promise<Found> => {
    const race = new AbortController()
    const { signal } = race
    for (const tier of tiers.filter(t => !t.remote)) {
      const answer = await ask(cid, tier, patience[0], signal)
      if (typeof answer !== 'string') return answer
    }
    const waiting: [tier: Tier, fresh?: boolean][] = tiers
      .filter(t => t.remote)
      .sort((a, b) => costOf(a) - costOf(b))
      .map(tier => [tier])
    let asked = 0
    return new Promise((resolve, reject) => {
      /** Asks one more: when nobody answers for a while, or somebody who was asked has no answer. */
      const next = async (): Promise<void> => {
        const [tier, fresh] = waiting.shift() ?? []
        if (signal.aborted) return
        if (tier) {
          asked++
          const timer = setTimeout(next, o.stagger)
          const answer = await ask(cid, tier, patience[1], signal, fresh)
          clearTimeout(timer)
          asked--
          if (typeof answer !== 'string') {
            race.abort()
            return resolve(answer)
          }
          // An answer that was wrong once may sit in the HTTP cache for a year: it is asked past that before giving up.
          if (answer === 'mismatch' && !fresh) waiting.push([tier, true])
          next()
        } else if (!asked) reject(Error(`no source has ${cid}`))
      }
      next()
    })
  }

  return {
    tiers,
    log,
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
