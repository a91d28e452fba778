// One UnixFS directory that remembers its encoding: flat while its node is small, sharded beyond.
import { blockOf } from '../ipld/block.ts'
import { DAG_PB } from '../ipld/cid.ts'
import type { Block, Sha256 } from '../ports.ts'
import { createShardedDirectory, type ShardedDirectory } from './shard.ts'
import { DIRECTORY_OVERHEAD, encodeDirectory, encodeLink } from './unixfs.ts'

/** Bytes of a flat node beyond which the directory is sharded (profile unixfs-v1-2025: the node's exact size). */
const SHARD_ABOVE = 262_144

export interface Directory {
  set(name: string, cid: string, size: number): void
  delete(name: string): void
  readonly count: number
  /** Hands the blocks that changed since the last call to `put`. `size` counts everything below. */
  encode(put: (block: Block) => void): { readonly cid: string; readonly size: number }
}

interface Entry {
  readonly name: string
  readonly order: Buffer
  readonly cid: string
  readonly size: number
  readonly link: Buffer
}

/** The result depends on the entries only, not on their order or on what was there before. */
export function createDirectory(sha256: Sha256): Directory {
  const byName = new Map<string, Entry>()
  // In byte order of the names, as dag-pb wants its links.
  let sorted: Entry[] = []
  let linkBytes = 0
  let below = 0
  let shards: ShardedDirectory | undefined
  let encoded: { readonly cid: string; readonly size: number } | undefined

  const placeOf = (order: Buffer): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (Buffer.compare(sorted[middle]!.order, order) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
  const drop = (entry: Entry): void => {
    linkBytes -= entry.link.length
    below -= entry.size
  }

  return {
    get count() {
      return byName.size
    },
    set: (name, cid, size) => {
      const before = byName.get(name)
      if (before?.cid === cid && before.size === size) return
      encoded = undefined
      const entry = { name, order: Buffer.from(name), cid, size, link: encodeLink(name, cid, size) }
      if (before === undefined) sorted.splice(placeOf(entry.order), 0, entry)
      else {
        sorted[placeOf(entry.order)] = entry
        drop(before)
      }
      byName.set(name, entry)
      linkBytes += entry.link.length
      below += size
      shards?.set(name, cid, size)
    },
    delete: name => {
      const before = byName.get(name)
      if (before === undefined) return
      encoded = undefined
      byName.delete(name)
      sorted = sorted.filter(entry => entry !== before)
      drop(before)
      shards?.delete(name)
    },
    encode: put => {
      if (encoded !== undefined) return encoded
      if (DIRECTORY_OVERHEAD + linkBytes > SHARD_ABOVE) {
        if (shards === undefined) {
          shards = createShardedDirectory(sha256)
          for (const { name, cid, size } of sorted) shards.set(name, cid, size)
        }
        encoded = shards.encode(put)
      } else {
        shards = undefined
        const block = blockOf(encodeDirectory(sorted.map(entry => entry.link)), DAG_PB, sha256)
        put(block)
        encoded = { cid: block.cid, size: block.bytes.length + below }
      }
      return encoded
    },
  }
}
