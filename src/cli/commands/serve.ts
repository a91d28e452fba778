// sx serve: until Ctrl-C.
import { resolve } from 'node:path'
import { checkServeFlag, type ServeSettings } from '../../settings.ts'
import { count } from '../amounts.ts'
import type { Command } from '../command.ts'
import { createProgress } from '../progress.ts'
import { wholeNumber } from '../whole-number.ts'
import { summary } from './build.ts'

/** A root is told from a folder by its text alone: CIDv1, dag-cbor or any, base32, sha2-256. */
export const looksLikeCid = (text: string): boolean => /^b[a-z2-7]{58,}$/.test(text)

export const run: Command = async ({ args, options, io, json, print, app }) => {
  const target = args[0] ?? '.'
  const port = wholeNumber('port', options.port, 8080, 65535)
  const host = typeof options.host === 'string' ? options.host : '127.0.0.1'
  const progress = createProgress(json ? { write: () => {} } : io.stderr, Date.now)
  const serving = await (await app())
    .serve({
      ...(looksLikeCid(target) ? { root: target } : { dir: resolve(io.cwd, target) }),
      site: options['content-only'] !== true,
      settings: settingsOf(options),
      port,
      host,
      onProgress: progress.show,
      onAnnounced: (announced, peers) => {
        print.object({ announced, peers })
        print.note(`announced ${announced} to ${count(peers, 'peer')}`)
      },
      signal: io.signal,
      ...(options.log === true ? { log: (line: string) => void io.stderr.write(line + '\n') } : {}),
    })
    .finally(progress.done)
  if (serving.built !== undefined) print.note(summary(serving.built))
  const { url, root, peer } = serving
  print.object({ url, root, ...(peer && { peer: { id: peer.id, addresses: peer.addresses } }) })
  print.note(`root ${root ?? 'none yet'}`)
  for (const address of peer?.addresses ?? []) print.note(`peer ${address}`)
  print.text(print.style('bold', url))
  await ended(io.signal)
  await serving.stop()
  return 0
}

/** What flags say of the gateway's side. Throws 'usage'. */
function settingsOf(options: Parameters<Command>[0]['options']): Partial<ServeSettings> {
  const list = (text: string | boolean | undefined): readonly string[] | undefined =>
    typeof text === 'string' ? text.split(',').map(part => part.trim()) : undefined
  const hosts = list(options.hosts)?.map(part => part.split('=', 2))
  const given = {
    hosts: hosts === undefined ? undefined : Object.fromEntries(hosts),
    fetch: list(options.fetch)?.map(origin => origin.replace(/\/$/, '')),
    deny: list(options.deny),
    dnslink: options.dnslink === true || undefined,
    forwarded: options.forwarded === true || undefined,
    p2p: options.p2p === true || undefined,
    p2pListen: list(options['p2p-listen']),
    p2pPeers: list(options['p2p-peer']),
    p2pDht: options['p2p-dht'] as ServeSettings['p2pDht'] | undefined,
    p2pAnnounce: options['p2p-announce'] === true || undefined,
    perMinute:
      options['per-minute'] === undefined
        ? undefined
        : wholeNumber('per-minute', options['per-minute'], 0, 1_000_000),
    runsPerMinute:
      options['runs-per-minute'] === undefined
        ? undefined
        : wholeNumber('runs-per-minute', options['runs-per-minute'], 0, 1_000_000),
  }
  const settings = Object.entries(given).filter(([, value]) => value !== undefined)
  for (const [name, value] of settings) checkServeFlag(name as keyof ServeSettings, value)
  return Object.fromEntries(settings)
}

export const ended = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
