// Kubo by its RPC API (https://docs.ipfs.tech/reference/kubo/rpc/): a CAR in, pinned, and a name pointed at it.
import { SxError } from '../../errors.ts'
import type { Http } from '../http.ts'
import type { KuboSettings } from '../target-config.ts'
import { multipartBody, multipartHeaders } from './multipart.ts'
import { gatewayLinks, type Outgoing, type Target } from './target.ts'

/** An import of a large site, until the last block is on the disk there. */
const IMPORT_TIMEOUT = 30 * 60_000
const MOST_ANSWER = 2 ** 20

export interface KuboRpc {
  /** Throws 'peer-failed'. */
  isPinned(cid: string, signal?: AbortSignal): Promise<boolean>
  /** its own addresses, with its peer ID */
  addresses(signal?: AbortSignal): Promise<readonly string[]>
  connect(address: string, signal?: AbortSignal): Promise<void>
  importCar(root: string, car: () => Outgoing, signal?: AbortSignal): Promise<Outgoing['count']>
  /** Hands on a record that somebody signed, for Kubo to tell others. */
  putRecord(name: string, record: Uint8Array, signal?: AbortSignal): Promise<void>
  /** Answers the IPNS name. */
  publishName(key: string, cid: string, signal?: AbortSignal): Promise<string>
}

export const kuboRpc = (api: string, token: string | undefined, http: Http): KuboRpc => {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const url = (command: string, args: Readonly<Record<string, string>>): string =>
    `${api.replace(/\/$/, '')}/api/v0/${command}?${new URLSearchParams(args)}`
  const post = { method: 'POST', headers }
  return {
    isPinned: async (arg, signal) => {
      // it answers 500 for what is not pinned, and says so in words
      const response = await http.ask(url('pin/ls', { arg, type: 'recursive' }), {
        ...post,
        accept: [500],
        signal,
      })
      const text = await response.text()
      if (response.ok) return true
      if (/not pinned/.test(text)) return false
      throw new SxError('peer-failed', `Kubo can't say whether ${arg} is pinned: ${text.slice(0, 200)}`)
    },
    addresses: async signal => {
      const { Addresses } = (await http.json(url('id', {}), { ...post, signal })) as { Addresses?: unknown }
      return Array.isArray(Addresses) ? Addresses.map(String) : []
    },
    connect: async (arg, signal) => {
      await http.json(url('swarm/connect', { arg }), { ...post, timeout: 20_000, signal })
    },
    importCar: async (root, car, signal) => {
      let sending: Outgoing | undefined
      const answer = await http.bytes(
        url('dag/import', { 'pin-roots': 'true', stats: 'true' }),
        MOST_ANSWER,
        {
          method: 'POST',
          headers: { ...headers, ...multipartHeaders },
          body: () => multipartBody((sending = car()).body),
          timeout: IMPORT_TIMEOUT,
          signal,
        },
      )
      checkImport(root, new TextDecoder().decode(answer))
      return sending!.count
    },
    putRecord: async (name, record, signal) => {
      await http.bytes(url('routing/put', { arg: `/ipns/${name}`, 'allow-offline': 'true' }), MOST_ANSWER, {
        method: 'POST',
        headers: { ...headers, ...multipartHeaders },
        body: () =>
          multipartBody(
            (async function* () {
              yield record
            })(),
          ),
        timeout: 120_000,
        signal,
      })
    },
    publishName: async (key, cid, signal) => {
      const args = { arg: `/ipfs/${cid}`, key, 'allow-offline': 'true' }
      const { Name } = (await http.json(url('name/publish', args), {
        ...post,
        timeout: 120_000,
        signal,
      })) as {
        Name?: unknown
      }
      return String(Name)
    },
  }
}

/** A line for each root; what failed stands inside an answer of 200, or the root's line is missing. */
function checkImport(root: string, text: string): void {
  let pinned = false
  for (const line of text.split('\n').filter(Boolean)) {
    let said: { Root?: { Cid?: { '/'?: string }; PinErrorMsg?: string }; Message?: string; Type?: string }
    try {
      said = JSON.parse(line) as typeof said
    } catch (cause) {
      throw new SxError('peer-failed', 'Kubo’s answer to the import breaks off', {}, cause)
    }
    if (said.Type === 'error')
      throw new SxError('peer-failed', `Kubo refused the import: ${said.Message ?? ''}`)
    if (said.Root === undefined) continue
    const { Cid, PinErrorMsg } = said.Root
    if (PinErrorMsg)
      throw new SxError('peer-failed', `Kubo took the blocks and did not pin them: ${PinErrorMsg}`)
    pinned ||= Cid?.['/'] === root
  }
  if (!pinned) throw new SxError('peer-failed', `Kubo does not say that it pinned ${root}`)
}

export const kuboTarget = (called: string, settings: KuboSettings, rpc: KuboRpc): Target => ({
  name: called,
  kind: settings.kind,
  gateway: settings.gateway,
  links: directory => gatewayLinks(settings.gateway, directory),
  deliver: async ({ directory, name, car, known, signal }) => {
    let sent = { blocks: 0, bytes: 0 }
    if (!(await rpc.isPinned(directory, signal))) {
      const before = known?.directory
      // what it pins it has: only the rest is sent
      const since = before !== undefined && (await rpc.isPinned(before, signal)) ? before : undefined
      sent = await rpc.importCar(directory, () => car(since), signal)
    }
    const notes: Record<string, string> = {}
    if (settings.name !== undefined) notes.ipns = await rpc.publishName(settings.name, directory, signal)
    // the release is there in any case; a node without peers can tell nobody of a name
    const untold = await rpc.putRecord(name.text, name.record, signal).then(
      () => undefined,
      (error: unknown) => (error instanceof SxError ? error.message : String(error)),
    )
    notes.name = untold === undefined ? `/ipns/${name.text}` : `not told: ${untold}`
    return { sent: sent.blocks, bytes: sent.bytes, notes }
  },
})
