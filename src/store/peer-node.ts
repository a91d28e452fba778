// A node on libp2p that speaks bitswap, loaded on demand: it takes seconds and more memory than all the rest. This file
// imports packages and nothing of ours: the published package has it with all of them in one file (decision 14).
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { KEEP_ALIVE } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight } from 'helia'
import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'

/** Connections at most, and how many wait for their handshake. */
const CONNECTIONS = 100
const PENDING = 20
/** Milliseconds in which wants are gathered into one message: many blocks in flight make full messages by themselves. */
const GATHER = 1

export interface PeerNodeOptions {
  /** what is offered; nothing that is fetched is put there unless it takes it */
  readonly blockstore: Blockstore
  /** a private key as `newPeerKey` makes it; undefined: one for this node alone */
  readonly key?: Uint8Array | undefined
  /** multiaddrs; none: nobody can connect */
  readonly listen: readonly string[]
}

export interface PeerNode {
  readonly peerId: string
  /** where it can be reached, with its peer id */
  readonly addresses: readonly string[]
  /** Connects; `keep`: and again whenever the connection is lost. Throws what libp2p throws. */
  connect(address: string, options: { readonly signal: AbortSignal; readonly keep?: boolean }): Promise<void>
  /** Asks all peers that are connected, waits until one has it or the signal says no; its hash is checked. */
  fetch(cid: CID, signal: AbortSignal): Promise<Uint8Array>
  stop(): Promise<void>
}

/** The private key of a peer id, as libp2p writes it (and `ipfs key import` reads it). */
export const newPeerKey = async (): Promise<Uint8Array> =>
  privateKeyToProtobuf(await generateKeyPair('Ed25519'))

/** No DHT, no discovery, no relay, nothing announced: it knows whom it is told of. */
export async function createPeerNode({ blockstore, key, listen }: PeerNodeOptions): Promise<PeerNode> {
  const helia = withBitswap(
    withLibp2pLight(createHeliaLight({ blockstore, blockBrokers: [] }), {
      privateKey: key === undefined ? await generateKeyPair('Ed25519') : privateKeyFromProtobuf(key),
      addresses: { listen: [...listen] },
      transports: [tcp(), webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: { maxConnections: CONNECTIONS, maxIncomingPendingConnections: PENDING },
      services: { identify: identify() },
    }),
    { sendWantlistDebounce: GATHER },
  )
  try {
    await helia.start()
  } catch (error) {
    // one address that can't be had is enough; the others are let go again
    await helia.stop().catch(() => {})
    throw error
  }
  const { libp2p } = helia
  return {
    peerId: libp2p.peerId.toString(),
    get addresses() {
      return libp2p.getMultiaddrs().map(String)
    },
    connect: async (address, { signal, keep = false }) => {
      const { remotePeer } = await libp2p.dial(multiaddr(address), { signal })
      if (keep)
        await libp2p.peerStore.merge(remotePeer, {
          multiaddrs: [multiaddr(address)],
          tags: { [KEEP_ALIVE]: {} },
        })
    },
    fetch: async (cid, signal) => {
      const parts: Uint8Array[] = []
      for await (const part of helia.blockstore.get(cid, { signal })) parts.push(part)
      return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts))
    },
    stop: async () => {
      await helia.stop()
    },
  }
}
