// What a site knows of its definitions beside them: names, pages and annotations, each an IPLD HashMap (format §3).

import { blockOf } from '../ipld/block.ts'
import { DAG_CBOR } from '../ipld/cid.ts'
import type { Data } from '../ipld/data.ts'
import { type HashMap, hashMapFrom } from '../ipld/hashmap.ts'
import type { Block, Sha256 } from '../ports.ts'

/** A HashMap that takes edits one by one, and many at once while it is new. */
export interface Index {
  /** undefined: the key goes */
  edit(changes: Iterable<readonly [key: string, value: Data | undefined]>): void
  /** its root now; nodes that are new go to `put` */
  root(put: (block: Block) => void): string
}

export const createIndex = (sha256: Sha256): Index => {
  let map: HashMap | undefined
  return {
    edit: changes => {
      if (map === undefined) {
        const entries: [string, Data][] = []
        for (const [key, value] of changes) if (value !== undefined) entries.push([key, value])
        map = hashMapFrom(entries, { sha256 })
        return
      }
      for (const [key, value] of changes) map = value === undefined ? map.delete(key) : map.set(key, value)
    },
    root: put => {
      map ??= hashMapFrom([], { sha256 })
      return map.put(bytes => {
        const block = blockOf(bytes, DAG_CBOR, sha256)
        put(block)
        return block.cid
      })
    },
  }
}
