// A Pinning Service API 1.0, small and whole: records, filters, replacement, authorisation (the specification's own errors).
import { randomUUID } from 'node:crypto'
import { type Peer, type Reply, startPeer } from './peer.ts'

type Status = 'queued' | 'pinning' | 'pinned' | 'failed'
interface Pin {
  readonly cid: string
  readonly name?: string
  readonly origins?: readonly string[]
  readonly meta?: object
}
interface Kept {
  readonly requestid: string
  status: Status
  readonly created: string
  readonly pin: Pin
}

export interface PinningService extends Peer {
  readonly pins: Map<string, Kept>
  /** what becomes of a pin each time that somebody asks for it */
  next: (kept: Kept) => Status
}

const token = 'let-me-in'
const order: readonly Status[] = ['queued', 'pinning', 'pinned']
const failure = (status: number, reason: string): Reply => ({ status, body: { error: { reason } } })

export async function startPinningService(delegates: readonly string[] = []): Promise<PinningService> {
  const pins = new Map<string, Kept>()
  const shown = (kept: Kept): object => ({
    ...kept,
    delegates,
    ...(kept.status === 'failed' && { info: { status_details: 'no provider' } }),
  })
  const service = {
    pins,
    next: (kept: Kept): Status => order[Math.min(2, order.indexOf(kept.status) + 1)]!,
  } as PinningService
  const peer = await startPeer(({ method, path, query, headers, body }) => {
    if (headers.authorization !== `Bearer ${token}`) return failure(401, 'UNAUTHORIZED')
    const id = /^\/pins\/([^/]+)$/.exec(path)?.[1]
    const kept = id === undefined ? undefined : pins.get(id)
    if (id !== undefined && kept === undefined) return failure(404, 'NOT_FOUND')
    if (method === 'POST') {
      const pin = JSON.parse(body.toString()) as Pin
      if (typeof pin.cid !== 'string' || (pin.name?.length ?? 0) > 255 || (pin.origins?.length ?? 0) > 20)
        return failure(400, 'BAD_REQUEST')
      if (id !== undefined) pins.delete(id)
      const made: Kept = { requestid: randomUUID(), status: 'queued', created: new Date().toISOString(), pin }
      pins.set(made.requestid, made)
      return { status: 202, body: shown(made) }
    }
    if (method === 'DELETE' && id !== undefined) {
      pins.delete(id)
      return { status: 202 }
    }
    if (kept !== undefined) {
      kept.status = service.next(kept)
      return { body: shown(kept) }
    }
    if (path !== '/pins') return failure(404, 'NOT_FOUND')
    const wanted = (query.get('status') ?? 'pinned').split(',')
    const cids = query.get('cid')?.split(',')
    const results = [...pins.values()].filter(
      one => wanted.includes(one.status) && (cids?.includes(one.pin.cid) ?? true),
    )
    return {
      body: { count: results.length, results: results.slice(0, Number(query.get('limit') ?? 10)).map(shown) },
    }
  })
  return Object.assign(service, peer)
}
startPinningService.token = token
