// What the gateway needs to serve content: blocks and names of the store, and, where that is allowed, of others.

import { cachedBlocks } from '../gateway/cached-blocks.ts'
import type { ContentOptions } from '../gateway/content/content-port.ts'
import type { HostRules } from '../gateway/hosts.ts'
import { localBlocks } from '../store/any-blocks.ts'
import { createDagReader } from '../store/dag-reader.ts'
import { nameRecords } from '../store/name-records.ts'
import { createNameSystem } from '../store/name-system.ts'
import type { LocalStore } from '../store/sqlite.ts'
import { sha256 } from './sha256.ts'

/** Bytes of verified blocks in memory, for all requests together. */
const CACHE = 48 * 2 ** 20

export interface ContentSetting {
  readonly store: LocalStore
  readonly hosts?: HostRules | undefined
  /** TXT records of a domain; [] when there are none */
  readonly txt?: ((domain: string) => Promise<readonly string[]>) | undefined
}

export function composeContent({ store, hosts, txt }: ContentSetting): ContentOptions {
  const here = cachedBlocks(localBlocks(store.blocks), CACHE)
  return {
    dag: createDagReader(here),
    names: createNameSystem({ records: nameRecords(store.records), clock: Date.now, sha256, txt }),
    hosts,
    isOwn: root => store.blocks.isPinned(root.multihash.digest),
  }
}
