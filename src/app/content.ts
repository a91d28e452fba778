// What the gateway needs to serve content: blocks and names of the store and, where that is allowed, of others.
import { Resolver } from 'node:dns/promises'
import type { AnyBlocks } from '../dag-port.ts'
import { cachedBlocks } from '../gateway/cached-blocks.ts'
import type { ContentOptions } from '../gateway/content/content-port.ts'
import { type Denylist, deniedError } from '../gateway/denylist.ts'
import type { ServeSettings } from '../settings.ts'
import { localBlocks } from '../store/any-blocks.ts'
import { createDagReader } from '../store/dag-reader.ts'
import { nameRecords } from '../store/name-records.ts'
import { createNameSystem } from '../store/name-system.ts'
import type { PeerNode } from '../store/peer-node.ts'
import { remoteBlocks } from '../store/remote-blocks.ts'
import type { LocalStore } from '../store/sqlite.ts'
import { sha256 } from './sha256.ts'

/** Bytes of verified blocks in memory, for all requests together. */
const CACHE = 24 * 2 ** 20

export interface ContentSetting extends Pick<ServeSettings, 'hosts' | 'dnslink' | 'forwarded' | 'fetch'> {
  readonly store: LocalStore
  readonly denied?: (() => Denylist) | undefined
  /** asked for what neither the store nor the origins have */
  readonly peers?: PeerNode['fetch'] | undefined
  /** nothing else is shown: no site */
  readonly only?: boolean | undefined
  /** TXT records of a domain; the system's resolver when it is not given */
  readonly txt?: ((domain: string) => Promise<readonly string[]>) | undefined
}

export function composeContent(o: ContentSetting): ContentOptions {
  const { store, hosts, dnslink, forwarded, denied, peers } = o
  const local = localBlocks(store.blocks)
  const here = cachedBlocks(local, CACHE)
  const anywhere =
    o.fetch.length === 0 && peers === undefined
      ? here
      : cachedBlocks(
          orElse(
            local,
            remoteBlocks({
              origins: o.fetch,
              fetch: globalThis.fetch,
              sha256,
              clock: Date.now,
              ...(peers && { peers }),
            }),
          ),
          CACHE,
        )
  return {
    dag: createDagReader(guarded(here, denied), guarded(anywhere, denied)),
    names: createNameSystem({
      records: nameRecords(store.records),
      clock: Date.now,
      sha256,
      txt: o.txt ?? txtRecords(),
    }),
    hosts: { hosts, dnslink, forwarded },
    denied,
    isOwn: root => store.blocks.isPinned(root.multihash.digest),
    only: o.only,
  }
}

const orElse = (first: AnyBlocks, second: Pick<AnyBlocks, 'get'>): AnyBlocks => ({
  has: cid => first.has(cid),
  get: (cid, signal) => first.get(cid, signal) ?? second.get(cid, signal),
})

/** No block of a denylist is read, whatever path, file or CAR leads to it. */
const guarded = (blocks: AnyBlocks, denied: (() => Denylist) | undefined): AnyBlocks =>
  denied === undefined
    ? blocks
    : {
        has: cid => blocks.has(cid),
        get: (cid, signal) => {
          const found = denied().block(cid)
          if (found !== undefined) throw deniedError(found)
          return blocks.get(cid, signal)
        },
      }

const NONE = new Set(['ENODATA', 'ENOTFOUND', 'NXDOMAIN'])

/** By the system's resolver. */
export const txtRecords = (): ((domain: string) => Promise<readonly string[]>) => {
  const resolver = new Resolver({ timeout: 3000, tries: 2 })
  return async domain => {
    try {
      return (await resolver.resolveTxt(domain)).map(parts => parts.join(''))
    } catch (error) {
      if (NONE.has((error as { code?: string }).code ?? '')) return []
      throw error
    }
  }
}
