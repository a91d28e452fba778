// Blocks that are not here, from trustless gateways and peers that were named: verified, bounded in size, time and number.
import type { CID } from 'multiformats/cid'
import type { AnyBlocks } from '../dag-port.ts'
import { SxError } from '../errors.ts'
import { hashesTo } from '../ipld/block.ts'
import { SHA2_256 } from '../ipld/cid.ts'
import type { Clock, Sha256 } from '../ports.ts'

export interface RemoteOptions {
  /** `https://trustless-gateway.link`: asked in this order */
  readonly origins: readonly string[]
  readonly fetch: typeof globalThis.fetch
  /** asked when no origin has it: rejects, in time or when `signal` says so, for what no peer sends */
  readonly peers?: (cid: CID, signal: AbortSignal) => Promise<Uint8Array>
  readonly sha256: Sha256
  readonly clock: Clock
  /** milliseconds for one block from one origin */
  readonly timeout?: number
  /** bytes of a block: more is no block of the ecosystem (trustless gateway specification, «Block Limits») */
  readonly largest?: number
  /** blocks asked for at once, for all requests together */
  readonly atOnce?: number
}

/** How long nobody is asked again for what nobody had. */
const FORGET = 30_000
const REMEMBERED = 10_000

type Outcome = Uint8Array | 'none' | 'late' | 'failed'

/** `get` is undefined for what no origin has; throws 'fetch-failed', 'fetch-timeout', 'overloaded'. */
export function remoteBlocks({
  origins,
  fetch,
  peers,
  sha256,
  clock,
  timeout = 10_000,
  largest = 2 * 2 ** 20,
  atOnce = 64,
}: RemoteOptions): Pick<AnyBlocks, 'get'> {
  const missing = new Map<string, number>()
  const running = new Map<string, Promise<Uint8Array | undefined>>()

  const ask = async (origin: string, cid: CID): Promise<Outcome> => {
    const signal = AbortSignal.timeout(timeout)
    try {
      const response = await fetch(`${origin}/ipfs/${cid}?format=raw`, {
        headers: { accept: 'application/vnd.ipld.raw' },
        redirect: 'error',
        signal,
      })
      if (response.status === 404 || response.status === 410 || response.status === 451) {
        await response.body?.cancel()
        return 'none'
      }
      if (response.status !== 200 || response.body === null) {
        await response.body?.cancel()
        return 'failed'
      }
      const parts: Uint8Array[] = []
      let size = 0
      for await (const part of response.body) {
        size += part.byteLength
        if (size > largest) return 'failed'
        parts.push(part)
      }
      const bytes = Buffer.concat(parts, size)
      // a source that lies is like one that has nothing
      return hashesTo(cid.multihash.digest, bytes, sha256) ? bytes : 'failed'
    } catch {
      return signal.aborted ? 'late' : 'failed'
    }
  }

  const askPeers = async (cid: CID, send: NonNullable<typeof peers>): Promise<Outcome> => {
    const signal = AbortSignal.timeout(timeout)
    try {
      const bytes = await send(cid, signal)
      return bytes.length <= largest && hashesTo(cid.multihash.digest, bytes, sha256) ? bytes : 'failed'
    } catch {
      return signal.aborted ? 'late' : 'failed'
    }
  }

  const find = async (cid: CID, key: string): Promise<Uint8Array | undefined> => {
    const outcomes = new Set<Outcome>()
    for (const origin of origins) {
      const outcome = await ask(origin, cid)
      if (typeof outcome !== 'string') return outcome
      outcomes.add(outcome)
    }
    if (peers !== undefined) {
      const outcome = await askPeers(cid, peers)
      if (typeof outcome !== 'string') return outcome
      outcomes.add(outcome)
    }
    if (outcomes.has('failed'))
      throw new SxError('fetch-failed', `nobody could send ${cid}`, { retryAfter: 10 })
    if (outcomes.has('late'))
      throw new SxError('fetch-timeout', `nobody sent ${cid} in time`, { retryAfter: 10 })
    if (missing.size >= REMEMBERED) missing.clear()
    missing.set(key, clock() + FORGET)
    return undefined
  }

  return {
    get: cid => {
      if (cid.multihash.code !== SHA2_256) return undefined
      const key = Buffer.from(cid.multihash.digest).toString('latin1')
      if ((missing.get(key) ?? 0) > clock()) return undefined
      missing.delete(key)
      // one question for all who want the same; it goes on when one of them leaves
      let found = running.get(key)
      if (found === undefined) {
        if (running.size >= atOnce)
          throw new SxError('overloaded', 'too many blocks are being fetched', { retryAfter: 2 })
        found = find(cid, key).finally(() => running.delete(key))
        running.set(key, found)
      }
      return found
    },
  }
}
