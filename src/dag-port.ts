// DAGs of any publisher as the gateway and the commands read them: types only. The store has them; others use them.
import type { CID } from 'multiformats/cid'

/** Blocks by CIDs of any version, codec and hash, as other people's DAGs have them; never unverified. */
export interface AnyBlocks {
  /** undefined: it can't be had. A promise only where it has to be fetched. */
  get(cid: CID, signal?: AbortSignal): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** it is here, and need not be fetched */
  has(cid: CID): boolean
}

export interface CidBlock {
  readonly cid: CID
  readonly bytes: Uint8Array
}

export interface ReadOptions {
  /** only what is here, whatever other sources there are */
  readonly local?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** Where a content path leads, and what proves it. */
export interface Resolved extends CidBlock {
  /** one CID for each segment's beginning, and the last one's end: `X-Ipfs-Roots` */
  readonly roots: readonly CID[]
  /** all blocks that prove the way, in order, shards included, without the last */
  readonly way: readonly CidBlock[]
  /** segments that lead on inside the last block, which is dag-cbor or dag-json and has no link there */
  readonly rest: readonly string[]
}

/** A block as UnixFS sees it. */
export type Entry =
  | { readonly kind: 'file'; readonly size: number }
  | { readonly kind: 'directory' }
  | { readonly kind: 'symlink'; readonly target: string }

export interface DirectoryEntry {
  readonly name: string
  readonly cid: CID
  /** bytes of all below, as the link says */
  readonly size: number
}

/** `end` excluded. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Of a file's bytes, first and last, both included; negative: from the end; `to` undefined: the end. */
export interface EntityBytes {
  readonly from: number
  readonly to: number | undefined
}

/** https://specs.ipfs.tech/http-gateways/trustless-gateway/#dag-scope-request-query-parameter */
export type DagScope = 'block' | 'entity' | 'all'

export interface WalkOptions {
  readonly scope: DagScope
  /** only with 'entity'; what is no file passes over it */
  readonly bytes?: EntityBytes | undefined
  /** true: a block as often as the walk comes to it. false (default): once */
  readonly duplicates?: boolean | undefined
  /** blocks at most; more throws 'walk-limit'. A DAG that shares its parts has exponentially many with duplicates. */
  readonly limit: number
  readonly signal?: AbortSignal | undefined
}

/** Throws 'block-not-found', 'not-found', 'block-malformed', and what fetching throws. */
export interface DagReader {
  /** it is here, without asking anybody */
  has(cid: CID): boolean
  /** undefined: it can't be had */
  block(cid: CID, options?: ReadOptions): Promise<Uint8Array | undefined>
  /** `segments`: decoded */
  resolve(root: CID, segments: readonly string[], options?: ReadOptions): Promise<Resolved>
  /** undefined: it is no UnixFS */
  entry(cid: CID, bytes: Uint8Array): Entry | undefined
  /** in the order of the directory; of a sharded one, of its hashes */
  list(cid: CID, bytes: Uint8Array, options?: ReadOptions): AsyncGenerator<DirectoryEntry>
  /** the bytes of a file; only what holds the span is read */
  file(cid: CID, bytes: Uint8Array, span: Span, options?: ReadOptions): AsyncGenerator<Uint8Array>
  /** of a block as it is; in slices, so that a slow reader holds little */
  blockBytes(cid: CID, span: Span, options?: ReadOptions): AsyncGenerator<Uint8Array>
  car(resolved: Resolved, options: WalkOptions & ReadOptions): AsyncGenerator<Uint8Array>
  /** of the file's bytes that are meant, is there any? undefined: it is no file */
  spans(cid: CID, bytes: Uint8Array, range: EntityBytes): boolean | undefined
}
