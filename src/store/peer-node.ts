// A node on libp2p that speaks bitswap, loaded on demand: it takes seconds and more memory than all the rest. This file
// imports packages and nothing of ours: the published package has it with all of them in one file (decision 14).
import { setTimeout as sleep } from 'node:timers/promises'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { KEEP_ALIVE } from '@libp2p/interface'
import {
  kadDHT,
  removePrivateAddressesMapper,
  removePublicAddressesMapper,
  type SingleKadDHT,
} from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
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
/** Milliseconds between two questions to the DHT while nobody is in the routing table, or nobody has what is sought. */
const AGAIN = 1000
/** Providers to connect with at most. */
const PROVIDERS = 5

/**
 * A DHT to be in: `public` is that of IPFS (Amino), where it answers others once it is reachable from outside; `lan` is the one
 * of a local network, as Kubo has it, in which only private addresses count (https://specs.ipfs.tech/routing/kad-dht/).
 */
export interface DhtOptions {
  readonly scope: 'lan' | 'public'
  /** false: it asks, and answers nobody */
  readonly answers: boolean
}

export interface PeerNodeOptions {
  /** what is offered; nothing that is fetched is put there unless it takes it */
  readonly blockstore: Blockstore
  /** a private key as `newPeerKey` makes it; undefined: one for this node alone */
  readonly key?: Uint8Array | undefined
  /** multiaddrs; none: nobody can connect */
  readonly listen: readonly string[]
  /** undefined: none */
  readonly dht?: DhtOptions | undefined
}

export interface PeerNode {
  readonly peerId: string
  /** where it can be reached, with its peer id */
  readonly addresses: readonly string[]
  /** Connects; `keep`: and again whenever the connection is lost. Throws what libp2p throws. */
  connect(address: string, options: { readonly signal: AbortSignal; readonly keep?: boolean }): Promise<void>
  /** Asks all peers that are connected, waits until one has it or the signal says no; its hash is checked. */
  fetch(cid: CID, signal: AbortSignal): Promise<Uint8Array>
  /** Tells the DHT that this node has it, and renews that every day; gives how many peers wrote it down. Throws without a DHT. */
  announce(cid: CID, signal: AbortSignal): Promise<number>
  /** Renews it no longer; what was told ends after two days. */
  withdraw(cid: CID): Promise<void>
  /** Asks the DHT who has it, again and again, until it is connected with one of them or the signal says no. Throws without a DHT. */
  findProviders(cid: CID, signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

const dhtOf = ({ scope, answers }: DhtOptions): ReturnType<typeof kadDHT> =>
  scope === 'lan'
    ? kadDHT({
        protocol: '/ipfs/lan/kad/1.0.0',
        peerInfoMapper: removePublicAddressesMapper,
        clientMode: !answers,
      })
    : kadDHT({
        protocol: '/ipfs/kad/1.0.0',
        peerInfoMapper: removePrivateAddressesMapper,
        // without this setting it answers as soon as it has a public address
        ...(!answers && { clientMode: true }),
      })

/** The private key of a peer id, as libp2p writes it (and `ipfs key import` reads it). */
export const newPeerKey = async (): Promise<Uint8Array> =>
  privateKeyToProtobuf(await generateKeyPair('Ed25519'))

/** No discovery, no relay, and without `dht` nothing announced: it knows whom it is told of. */
export async function createPeerNode({ blockstore, key, listen, dht }: PeerNodeOptions): Promise<PeerNode> {
  const helia = withBitswap(
    withLibp2pLight(createHeliaLight({ blockstore, blockBrokers: [] }), {
      privateKey: key === undefined ? await generateKeyPair('Ed25519') : privateKeyFromProtobuf(key),
      addresses: { listen: [...listen] },
      transports: [tcp(), webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: { maxConnections: CONNECTIONS, maxIncomingPendingConnections: PENDING },
      services: { identify: identify(), ping: ping(), ...(dht && { dht: dhtOf(dht) }) },
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
  const inDht = () => {
    const { dht } = libp2p.services
    if (dht === undefined) throw new Error('this node is in no DHT')
    // the type promises less than kad-dht gives
    return dht as SingleKadDHT
  }
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
    announce: async (cid, signal) => {
      const dht = inDht()
      let took = 0
      // it would wait for somebody to come
      if (dht.routingTable.size === 0) return took
      for await (const event of dht.provide(cid, { signal }))
        if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') took++
      return took
    },
    withdraw: async cid => inDht().cancelReprovide(cid),
    findProviders: async (cid, signal) => {
      const dht = inDht()
      const connected = new Set<string>()
      for (;;) {
        for await (const event of dht.findProviders(cid, { signal })) {
          if (event.name !== 'PROVIDER' && event.name !== 'PEER_RESPONSE') continue
          for (const { id, multiaddrs } of event.providers) {
            const address = multiaddrs.length > 0 ? multiaddrs : id
            // one that can't be reached is as good as none
            await libp2p.dial(address, { signal }).then(
              () => connected.add(`${id}`),
              () => signal.throwIfAborted(),
            )
            if (connected.size === PROVIDERS) return
          }
        }
        if (connected.size > 0) return
        await sleep(AGAIN, undefined, { signal })
      }
    },
    stop: async () => {
      await helia.stop()
    },
  }
}
