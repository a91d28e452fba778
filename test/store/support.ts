// What the store's tests share: a store in a folder of its own, and DAGs made of real dag-cbor.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { onTestFinished } from 'vitest'
import { blockOf } from '../../src/ipld/block.ts'
import { DAG_CBOR } from '../../src/ipld/cid.ts'
import type { Block, Commit, CommitResult } from '../../src/ports.ts'
import { type LocalStore, openStore } from '../../src/store/sqlite.ts'
import { nodeSha256 as sha256 } from './sha256.ts'

export { nodeSha256 as sha256 } from './sha256.ts'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sx-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function temporaryStore(path = join(temporaryFolder(), 'store.sqlite'), wait?: number): LocalStore {
  const store = openStore({ path, sha256, version: 'test', ...(wait === undefined ? {} : { wait }) })
  onTestFinished(() => {
    try {
      store.close()
    } catch {
      // closed by the test itself
    }
  })
  return store
}

/** A block that says `label` and links to `below`. */
export const node = (label: string | number, below: readonly Block[] = []): Block =>
  blockOf(encode({ label, below: below.map(block => CID.parse(block.cid)) }), DAG_CBOR, sha256)

export const commitRoot = (
  store: LocalStore,
  blocks: readonly Block[],
  more: Partial<Commit> = {},
): CommitResult =>
  store.commit({ site: 'site', root: blocks.at(-1)!.cid, blocks, keep: 3, version: 'test', ...more })

export const digestOfCid = (cid: string): Uint8Array => CID.parse(cid).multihash.digest

/** A deterministic sequence of numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

export async function gather<T>(source: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of source) all.push(item)
  return all
}
