// The store among peers: what is pinned offered by bitswap, and whole roots fetched from those who offer them.
import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CID } from 'multiformats/cid'
import type { App, FetchOptions } from '../app-port.ts'
import { SxError } from '../errors.ts'
import { parseCid } from '../ipld/cid.ts'
import type { ServeSettings } from '../settings.ts'
import type { PeerNode } from '../store/peer-node.ts'
import { announceRoots } from './announcing.ts'
import { pin } from './archive.ts'
import { pinsOf } from './keeping.ts'
import { sha256 } from './sha256.ts'
import type { Workshop } from './workshop.ts'

/** Milliseconds for a connection. */
const DIAL = 10_000
/** Blocks to a transaction while they come in. */
const BATCH = 512

/** The key of this store's peer id, made at first use; its file is for its owner alone. */
const peerKey = async (storePath: string, newKey: () => Promise<Uint8Array>): Promise<Uint8Array> => {
  const path = join(dirname(storePath), 'peer.key')
  const read = (): Uint8Array | undefined => {
    try {
      return readFileSync(path)
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return undefined
      throw new SxError('key-invalid', `the peer key ${path} can't be read`, {}, error)
    }
  }
  const there = read()
  if (there !== undefined) return there
  // whole or not there, and the first of two that make one wins
  const beside = `${path}.${randomBytes(6).toString('hex')}~`
  mkdirSync(dirname(path), { recursive: true })
  try {
    writeFileSync(beside, await newKey(), { mode: 0o600, flag: 'wx', flush: true })
    linkSync(beside, path)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  } finally {
    rmSync(beside, { force: true })
  }
  return readFileSync(path)
}

const unreachable = (address: string, cause: unknown): SxError =>
  new SxError('peer-failed', `the peer ${address} can't be reached: ${(cause as Error).message}`, {}, cause)

const connect = async (
  node: PeerNode,
  address: string,
  keep: boolean,
  signal?: AbortSignal,
): Promise<void> => {
  const late = AbortSignal.timeout(DIAL)
  try {
    await node.connect(address, {
      keep,
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw unreachable(address, error)
  }
}

/** The node of `sx serve --p2p`. Peers that are not there now are reported; the others are kept. Throws 'peer-failed', 'key-invalid'. */
export async function startPeering(
  shop: Workshop,
  { p2pListen, p2pPeers, p2pDht }: Pick<ServeSettings, 'p2pListen' | 'p2pPeers' | 'p2pDht'>,
  denied: (cid: CID) => boolean,
): Promise<PeerNode> {
  const stored = await shop.store()
  const { createPeerNode, newPeerKey } = await import('../store/peer-node.ts')
  const { offeredBlocks } = await import('../store/offered.ts')
  const key = await peerKey(stored.path, newPeerKey)
  const node = await createPeerNode({
    blockstore: offeredBlocks(stored.blocks, denied),
    key,
    listen: p2pListen,
    dht: p2pDht === 'off' ? undefined : { scope: p2pDht, answers: true },
  }).catch(cause => {
    throw new SxError(
      'peer-failed',
      `libp2p does not start: ${(cause as Error).message}`,
      { hint: 'is the address of this machine, and its port free? Is peer.key beside the store a key?' },
      cause,
    )
  })
  await Promise.all(
    p2pPeers.map(address =>
      connect(node, address, true).catch(error => shop.options.report({ message: (error as Error).message })),
    ),
  )
  return node
}

/** Announces what is pinned and not denied; `told` hears of each root, and how many peers wrote it down. */
export async function startAnnouncing(
  shop: Workshop,
  node: PeerNode,
  denied: (cid: CID) => boolean,
  told: (root: string, peers: number) => void,
): Promise<{ stop(): void }> {
  const stored = await shop.store()
  const roots = (): ReadonlySet<string> =>
    new Set(pinsOf(stored).flatMap(({ root }) => (denied(CID.parse(root)) ? [] : [root])))
  return announceRoots(node, roots, told, message => shop.options.report({ message }))
}

export const createPeering = (shop: Workshop): Pick<App, 'fetch'> => ({
  fetch: async (root, { peers, dht, most, wait, name, signal, onProgress }: FetchOptions) => {
    parseCid(root)
    const stored = await shop.store()
    const [{ createPeerNode }, { offeredBlocks }, { fetchDag }, { localBlocks }] = await Promise.all([
      import('../store/peer-node.ts'),
      import('../store/offered.ts'),
      import('../store/fetch-dag.ts'),
      import('../store/any-blocks.ts'),
    ])
    // for this fetch alone: nothing listens, nothing is offered, and nobody learns which store it was
    const node = await createPeerNode({
      blockstore: offeredBlocks(undefined),
      listen: [],
      dht: dht && { scope: dht, answers: false },
    })
    const ended = new AbortController()
    const stalled = setTimeout(() => ended.abort(), wait * 1000)
    const stop = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal])
    setMaxListeners(0, stop)
    const fresh: Uint8Array[] = []
    const count = { blocks: 0, written: 0, bytes: 0 }
    let batch: { digest: Uint8Array; bytes: Uint8Array }[] = []
    const write = (): void => {
      for (const { digest } of batch) fresh.push(digest)
      count.written += stored.blocks.put(batch)
      batch = []
    }
    try {
      await reachOne(shop, node, peers, signal)
      stalled.refresh()
      const cid = CID.parse(root)
      // whoever comes is asked for what is still wanted
      if (dht) node.findProviders(cid, stop).catch(() => {})
      const blocks = fetchDag(cid, {
        here: localBlocks(stored.blocks),
        fetch: async wanted => {
          try {
            return await node.fetch(wanted, stop)
          } catch (cause) {
            signal?.throwIfAborted()
            throw new SxError(
              'fetch-timeout',
              `no peer sent ${wanted}${ended.signal.aborted ? ` within ${wait} s` : ''}`,
              { cid: `${wanted}`, hint: 'peers offer what they have pinned: is the root pinned there?' },
              cause,
            )
          }
        },
        sha256,
        most,
        signal,
      })
      for await (const { cid: block, bytes, fetched } of blocks) {
        stalled.refresh()
        count.blocks++
        count.bytes += bytes.length
        if (fetched) batch.push({ digest: block.multihash.digest, bytes })
        if (batch.length === BATCH) write()
        onProgress?.({ phase: 'fetch', done: count.blocks })
      }
      write()
      pin(stored, `${cid.toV1()}`, name ?? `${cid.toV1()}`)
      return { root: `${cid.toV1()}`, ...count }
    } catch (error) {
      // what a root needs stays, whoever asks
      stored.blocks.delete(fresh)
      throw error
    } finally {
      clearTimeout(stalled)
      ended.abort()
      await node.stop()
    }
  },
})

/** One is enough; those that can't be reached are reported. */
async function reachOne(
  shop: Workshop,
  node: PeerNode,
  peers: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const tried = await Promise.allSettled(peers.map(address => connect(node, address, false, signal)))
  signal?.throwIfAborted()
  const failed = tried.flatMap(one => (one.status === 'rejected' ? [one.reason as SxError] : []))
  if (failed.length === peers.length) throw failed[0]
  for (const { message } of failed) shop.options.report({ message })
}
