// What content needs of the program around it: types only.
import type { CID } from 'multiformats/cid'
import type { NameSystem } from '../../ports.ts'
import type { Denylist } from '../denylist.ts'
import type { HostRules } from '../hosts.ts'

export interface ReadOptions {
  /** only what is here, whatever other sources there are */
  readonly local?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Resolved {
  readonly cid: CID
  readonly bytes: Uint8Array
  /** one CID for each segment's beginning, and the last one's */
  readonly roots: readonly CID[]
  /** the blocks that prove the way, without the last */
  readonly way: readonly { readonly cid: CID; readonly bytes: Uint8Array }[]
  /** segments that lead on inside a block, where there is no link */
  readonly rest: readonly string[]
}

/** A block as UnixFS sees it; of another codec: undefined. */
export type Entry =
  | { readonly kind: 'file'; readonly size: number }
  | { readonly kind: 'directory' }
  | { readonly kind: 'symlink'; readonly target: string }

export interface EntityBytes {
  readonly from: number
  /** the last byte, included; undefined: the end; negative: from the end */
  readonly to: number | undefined
}

export interface CarOptions extends ReadOptions {
  readonly scope: 'block' | 'entity' | 'all'
  readonly bytes?: EntityBytes | undefined
  readonly duplicates: boolean
  /** blocks at most */
  readonly limit: number
}

/** Reads IPFS. Throws 'block-not-found', 'not-found', 'block-malformed', and what fetching throws. */
export interface DagReader {
  /** here, without asking anybody */
  has(cid: CID): boolean
  block(cid: CID, options?: ReadOptions): Promise<Uint8Array | undefined>
  resolve(root: CID, segments: readonly string[], options?: ReadOptions): Promise<Resolved>
  entry(cid: CID, bytes: Uint8Array): Entry | undefined
  list(
    cid: CID,
    bytes: Uint8Array,
    options?: ReadOptions,
  ): AsyncIterable<{ readonly name: string; readonly cid: CID; readonly size: number }>
  /** `end` excluded */
  file(
    cid: CID,
    bytes: Uint8Array,
    range: { readonly start: number; readonly end: number },
    options?: ReadOptions,
  ): AsyncIterable<Uint8Array>
  /** of a block as it is; in slices, so that a slow reader holds little */
  blockBytes(
    cid: CID,
    range: { readonly start: number; readonly end: number },
    options?: ReadOptions,
  ): AsyncIterable<Uint8Array>
  car(resolved: Resolved, options: CarOptions): AsyncIterable<Uint8Array>
  /** holds the range any of the file's bytes? undefined: it is no file */
  spans(cid: CID, bytes: Uint8Array, range: EntityBytes): boolean | undefined
}

export interface ContentOptions {
  readonly dag: DagReader
  readonly names: NameSystem
  readonly hosts?: HostRules | undefined
  /** the list of the moment; a new object when it changed */
  readonly denied?: (() => Denylist) | undefined
  /** pinned here: chosen by whoever runs this gateway, so it may share an origin with the site */
  readonly isOwn?: ((root: CID) => boolean) | undefined
  /** there is no site: what is no content is not found */
  readonly only?: boolean | undefined
}
