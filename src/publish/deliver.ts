// A release brought to its targets, each for itself: what one of them can't do stops no other, and none is called done by half.
import { SxError } from '../errors.ts'
import type { Clock, Sha256 } from '../ports.ts'
import { fetchBack, spread } from './fetch-back.ts'
import { gatewayBlocks } from './gateway-blocks.ts'
import type { Http } from './http.ts'
import type { TargetReport } from './publish-port.ts'
import type { TargetStates } from './target-states.ts'
import type { Delivery, Target, TargetState } from './targets/target.ts'

/** How many blocks are fetched back where not all are asked for. */
const SAMPLE = 16

export interface DeliverOptions {
  readonly release: Pick<Delivery, 'directory' | 'title' | 'name' | 'car' | 'files'>
  /** CIDs of all blocks below the directory, itself first */
  readonly blocks: () => readonly string[]
  /** fetch back every block, not a sample */
  readonly full: boolean
  readonly states: TargetStates
  readonly http: Http
  readonly sha256: Sha256
  readonly clock: Clock
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  readonly signal: AbortSignal | undefined
  readonly onProgress?: ((phase: 'send' | 'verify', done: number, total?: number) => void) | undefined
}

/** `after`: targets that begin when another one is done. Throws only when the signal is aborted. */
export const deliver = async (
  targets: readonly { readonly target: Target; readonly after: string | undefined }[],
  o: DeliverOptions,
): Promise<readonly TargetReport[]> => {
  const running = new Map<string, Promise<TargetReport>>()
  for (const { target, after } of targets) {
    const first = after === undefined ? undefined : running.get(after)
    running.set(
      target.name,
      (first ?? Promise.resolve()).then(() => deliverOne(target, o)),
    )
  }
  const all = await Promise.all(running.values())
  o.signal?.throwIfAborted()
  return all
}

const deliverOne = async (target: Target, o: DeliverOptions): Promise<TargetReport> => {
  const { directory } = o.release
  const started = o.clock()
  const known = o.states.get(target.name)
  const save = (state: Omit<TargetState, 'at'>): void =>
    o.states.set(target.name, { ...state, at: new Date(o.clock()).toISOString() })
  const before = known?.directory === undefined ? {} : { directory: known.directory }
  const report = (
    more: Pick<TargetReport, 'state' | 'sent' | 'bytes'> & Partial<TargetReport>,
  ): TargetReport => ({
    name: target.name,
    kind: target.kind,
    links: more.state === 'failed' ? [] : target.links(directory),
    ms: o.clock() - started,
    ...more,
  })

  let delivered: Awaited<ReturnType<Target['deliver']>>
  save({ ...before, state: 'sending', pending: directory })
  try {
    delivered = await target.deliver({
      ...o.release,
      known,
      waiting: request => save({ ...before, state: 'waiting', pending: directory, request }),
      signal: o.signal,
    })
  } catch (thrown) {
    // interrupted is not failed: the next run goes on from what is noted
    if (o.signal?.aborted) return report({ state: 'failed', sent: 0, bytes: 0 })
    const error = told(thrown)
    save({ ...before, state: 'failed', pending: directory, error: error.message })
    return report({ state: 'failed', sent: 0, bytes: 0, error })
  }
  const { sent, bytes, notes } = delivered
  save({ directory, state: 'pinned' })
  const done = { sent, bytes, ...(notes && { notes }) }
  try {
    const verified = await look(target, o)
    if (verified === undefined) return report({ state: 'pinned', ...done })
    save({ directory, state: 'live' })
    return report({ state: 'live', ...done, verified })
  } catch (thrown) {
    if (o.signal?.aborted) return report({ state: 'pinned', ...done })
    const error = told(thrown)
    save({ directory, state: 'pinned', error: error.message })
    return report({ state: 'pinned', ...done, error })
  }
}

/** undefined: there is nowhere to look */
const look = async (target: Target, o: DeliverOptions): Promise<TargetReport['verified']> => {
  const { directory } = o.release
  const started = o.clock()
  if (target.gateway !== undefined) {
    const all = o.blocks()
    const cids = o.full ? all : spread(all, SAMPLE)
    const { blocks, firstMs, ms } = await fetchBack(gatewayBlocks(target.gateway, o.http, o.sha256), cids, {
      now: o.clock,
      sleep: o.sleep,
      signal: o.signal,
      onProgress: done => o.onProgress?.('verify', done, cids.length),
    })
    return { by: target.gateway, checked: blocks, of: all.length, firstMs, ms }
  }
  if (target.check === undefined) return undefined
  const checked = await target.check(directory, o.signal)
  return { by: 'reading it back', checked, ms: o.clock() - started }
}

const told = (error: unknown): NonNullable<TargetReport['error']> =>
  error instanceof SxError
    ? {
        code: error.code,
        message: error.message,
        ...(error.detail.hint !== undefined && { hint: error.detail.hint }),
      }
    : { code: 'peer-failed', message: error instanceof Error ? error.message : String(error) }
