// How much is done at once, and how often one client may ask: more is told to come back later.
import { SxError } from '../errors.ts'
import type { Clock } from '../ports.ts'

export interface Permits {
  /** Runs `source` while it holds a permit, from its first piece to its end. Its first piece throws 'overloaded' when none is left. */
  during<T>(source: AsyncIterable<T>): AsyncGenerator<T>
  readonly taken: number
}

export const createPermits = (most: number, what: string): Permits => {
  let taken = 0
  return {
    get taken() {
      return taken
    },
    async *during(source) {
      if (taken >= most) throw new SxError('overloaded', `too many ${what} at once`, { retryAfter: 1 })
      taken++
      try {
        yield* source
      } finally {
        taken--
      }
    },
  }
}

export interface RateLimiter {
  /** Throws 'too-many-requests', with the seconds after which the next is taken, when `client` asked too often. */
  take(client: string): void
}

/** Clients that are remembered; beyond that all begin anew, which errs for them. */
const CLIENTS = 20_000

/** A bucket for each client: `perMinute` requests, and as many again in one go. 0: no limit. */
export function createRateLimiter(perMinute: number, clock: Clock): RateLimiter {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    take: client => {
      if (perMinute <= 0) return
      const now = clock()
      let bucket = buckets.get(client)
      if (bucket === undefined) {
        if (buckets.size >= CLIENTS) buckets.clear()
        bucket = { left: perMinute, at: now }
        buckets.set(client, bucket)
      }
      bucket.left = Math.min(perMinute, bucket.left + ((now - bucket.at) / 60_000) * perMinute)
      bucket.at = now
      if (bucket.left < 1)
        throw new SxError('too-many-requests', 'you ask too often', {
          hint: `${perMinute} requests a minute are answered`,
          retryAfter: Math.ceil(((1 - bucket.left) / perMinute) * 60),
        })
      bucket.left--
    },
  }
}
