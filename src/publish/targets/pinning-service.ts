// Any Pinning Service API 1.0 (https://ipfs.github.io/pinning-services-api-spec/): asked to pin, and asked until it has.
import { SxError } from '../../errors.ts'
import type { Clock } from '../../ports.ts'
import type { Http } from '../http.ts'
import type { PinningServiceSettings } from '../target-config.ts'
import type { KuboRpc } from './kubo.ts'
import { gatewayLinks, type Target } from './target.ts'

const FIRST_WAIT = 500
const LONGEST_WAIT = 15_000
const DEADLINE = 600
const MOST_ORIGINS = 20

interface PinStatus {
  readonly requestid: string
  readonly status: 'queued' | 'pinning' | 'pinned' | 'failed'
  readonly delegates: readonly string[]
  readonly details: string
}

const readStatus = (json: unknown): PinStatus => {
  const { requestid, status, delegates, info } = (json ?? {}) as Record<string, unknown>
  if (typeof requestid !== 'string' || !/^(queued|pinning|pinned|failed)$/.test(String(status)))
    throw new SxError('peer-failed', 'the pinning service answered something that is no pin status')
  const details = (info as { status_details?: unknown } | undefined)?.status_details
  return {
    requestid,
    status: status as PinStatus['status'],
    delegates: Array.isArray(delegates) ? delegates.map(String) : [],
    details: typeof details === 'string' ? details.slice(0, 200) : '',
  }
}

export interface PinningPorts {
  readonly http: Http
  readonly token: string | undefined
  /** of the Kubo node that has the blocks */
  readonly via: KuboRpc | undefined
  readonly clock: Clock
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

export const pinningServiceTarget = (
  name: string,
  settings: PinningServiceSettings,
  { http, token, via, clock, sleep }: PinningPorts,
): Target => {
  const base = `${settings.endpoint.replace(/\/$/, '')}/pins`
  const headers = {
    'Content-Type': 'application/json',
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  }
  const find = async (cid: string, signal: AbortSignal | undefined): Promise<PinStatus | undefined> => {
    const query = new URLSearchParams({ cid, status: 'queued,pinning,pinned', limit: '1' })
    const { results } = (await http.json(`${base}?${query}`, { headers, signal })) as { results?: unknown }
    return Array.isArray(results) && results.length > 0 ? readStatus(results[0]) : undefined
  }
  const add = async (
    cid: string,
    title: string,
    origins: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<PinStatus> =>
    readStatus(
      await http.json(base, {
        method: 'POST',
        headers,
        body: () => JSON.stringify({ cid, name: title, ...(origins.length > 0 && { origins }) }),
        signal,
      }),
    )

  return {
    name,
    kind: settings.kind,
    gateway: settings.gateway,
    links: directory => gatewayLinks(settings.gateway, directory),
    deliver: async ({ directory, title, waiting, signal }) => {
      const until = clock() + (settings.deadline ?? DEADLINE) * 1000
      const origins = [...(settings.origins ?? []), ...((await via?.addresses(signal)) ?? [])].slice(
        0,
        MOST_ORIGINS,
      )
      let pin = (await find(directory, signal)) ?? (await add(directory, title, origins, signal))
      waiting(pin.requestid)
      // the service looks for the blocks from these: who has them calls there
      for (const delegate of pin.status === 'pinned' ? [] : pin.delegates)
        await via?.connect(delegate, signal).catch(() => {})
      for (let wait = FIRST_WAIT; pin.status !== 'pinned'; wait = Math.min(wait * 2, LONGEST_WAIT)) {
        if (pin.status === 'failed')
          throw new SxError(
            'peer-failed',
            `${name} could not pin ${directory}${pin.details && `: ${pin.details}`}`,
            {
              request: pin.requestid,
              hint: 'it fetches from others: give it "origins", or "via" a Kubo target that has the blocks',
            },
          )
        if (clock() + wait > until)
          throw new SxError(
            'peer-failed',
            `${name} has not pinned ${directory} in time: it is ${pin.status}`,
            {
              request: pin.requestid,
              hint: 'sx publish again goes on waiting; "deadline" is in seconds',
            },
          )
        await sleep(wait, signal)
        pin = readStatus(await http.json(`${base}/${encodeURIComponent(pin.requestid)}`, { headers, signal }))
      }
      return { sent: 0, bytes: 0, notes: { request: pin.requestid } }
    },
  }
}
