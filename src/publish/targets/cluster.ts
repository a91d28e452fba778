// IPFS Cluster by its REST API (https://ipfscluster.io/documentation/reference/api/): a CAR in, kept by several peers.
import { SxError } from '../../errors.ts'
import type { Clock } from '../../ports.ts'
import type { Http } from '../http.ts'
import type { ClusterSettings } from '../target-config.ts'
import { multipartBody, multipartHeaders } from './multipart.ts'
import { gatewayLinks, type Outgoing, type Target } from './target.ts'

const WAIT = 1000
const DEADLINE = 600
const ADD_TIMEOUT = 30 * 60_000
const MOST_ANSWER = 2 ** 20

export const clusterTarget = (
  name: string,
  settings: ClusterSettings,
  {
    http,
    token,
    clock,
    sleep,
  }: {
    readonly http: Http
    readonly token: string | undefined
    readonly clock: Clock
    readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  },
): Target => {
  const api = settings.api.replace(/\/$/, '')
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }

  /** peers that have it, and what those say that could not */
  const look = async (cid: string, signal: AbortSignal | undefined) => {
    const status = (await http.json(`${api}/pins/${cid}`, { headers, signal })) as {
      peer_map?: Readonly<Record<string, { status?: string; error?: string }>>
    }
    const peers = Object.values(status.peer_map ?? {})
    return {
      pinned: peers.filter(peer => peer.status === 'pinned').length,
      errors: peers
        .filter(peer => /error/.test(peer.status ?? ''))
        .map(peer => peer.error ?? peer.status ?? ''),
      waiting: peers.filter(peer => /^(pinning|pin_queued|queued)$/.test(peer.status ?? '')).length,
    }
  }
  const enough = (pinned: number): boolean => pinned >= (settings.replicationMin ?? 1)

  return {
    name,
    kind: settings.kind,
    gateway: settings.gateway,
    links: directory => gatewayLinks(settings.gateway, directory),
    deliver: async ({ directory, title, car, signal }) => {
      let sending: Outgoing | undefined
      if (!enough((await look(directory, signal)).pinned)) {
        const query = new URLSearchParams({
          format: 'car',
          name: title,
          'stream-channels': 'false',
          ...(settings.replicationMin !== undefined && {
            'replication-min': String(settings.replicationMin),
          }),
          ...(settings.replicationMax !== undefined && {
            'replication-max': String(settings.replicationMax),
          }),
          ...(settings.expireIn !== undefined && { 'expire-in': settings.expireIn }),
        })
        const answer = await http.bytes(`${api}/add?${query}`, MOST_ANSWER, {
          method: 'POST',
          headers: { ...headers, ...multipartHeaders },
          body: () => multipartBody((sending = car()).body),
          timeout: ADD_TIMEOUT,
          signal,
        })
        if (!new TextDecoder().decode(answer).includes(directory))
          throw new SxError('peer-failed', `${name} does not say that it took ${directory}`)
      }
      const until = clock() + (settings.deadline ?? DEADLINE) * 1000
      for (;;) {
        const { pinned, errors, waiting } = await look(directory, signal)
        if (enough(pinned))
          return {
            sent: sending?.count.blocks ?? 0,
            bytes: sending?.count.bytes ?? 0,
            notes: { peers: String(pinned) },
          }
        if (waiting === 0 && errors.length > 0)
          throw new SxError('peer-failed', `${name} could not pin ${directory}: ${errors[0]!.slice(0, 200)}`)
        if (clock() + WAIT > until)
          throw new SxError('peer-failed', `${name} has ${directory} on ${pinned} peers after the deadline`, {
            hint: 'sx publish again goes on waiting; "deadline" is in seconds',
          })
        await sleep(WAIT, signal)
      }
    },
  }
}
