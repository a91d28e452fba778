// Is it really there? Blocks of a release fetched back through a target's gateway, verified and timed.
import { SxError } from '../errors.ts'
import type { GatewayBlocks } from './gateway-blocks.ts'

export interface FetchedBack {
  /** blocks that came back right */
  readonly blocks: number
  readonly bytes: number
  /** of the first block, and of all */
  readonly firstMs: number
  readonly ms: number
}

const PARALLEL = 8
/** A gateway may need a moment to find what was pinned just now. */
const TRIES = 4
const FIRST_WAIT = 500

/** So many of `all`, evenly spread, the first and the last among them. */
export const spread = <T>(all: readonly T[], most: number): readonly T[] =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))] as T)

/** Throws 'peer-failed' or 'block-mismatch' at the first block that does not come back as it is. */
export const fetchBack = async (
  gateway: GatewayBlocks,
  cids: readonly string[],
  {
    now,
    sleep,
    signal,
    onProgress,
  }: {
    readonly now: () => number
    readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
    readonly signal: AbortSignal | undefined
    readonly onProgress?: ((done: number) => void) | undefined
  },
): Promise<FetchedBack> => {
  const started = now()
  let bytes = 0
  let done = 0
  const one = async (cid: string): Promise<void> => {
    for (let left = TRIES - 1, wait = FIRST_WAIT; ; left--, wait *= 2) {
      const found = await gateway.get(cid, signal)
      if (found !== undefined) {
        bytes += found.length
        onProgress?.(++done)
        return
      }
      if (left === 0) throw new SxError('peer-failed', `the gateway has no ${cid}`, { cid })
      await sleep(wait, signal)
    }
  }
  const [first, ...rest] = cids
  if (first !== undefined) await one(first)
  const firstMs = now() - started
  const queue = rest.values()
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (const cid of queue) await one(cid)
    }),
  )
  return { blocks: cids.length, bytes, firstMs, ms: now() - started }
}
