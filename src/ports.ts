// What the core needs of the world, as types only: whoever composes the program hands these in.
import type { CID } from 'multiformats/cid'
import type { SxError } from './errors.ts'

/** sha2-256 of `bytes`, 32 bytes, synchronous. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** A verified block: `cid` is canonical text (CIDv1, base32). */
export interface Block {
  readonly cid: string
  readonly bytes: Uint8Array
}

/** Reads blocks by CID text. `get` returns undefined when the block is not here; never returns unverified bytes. */
export interface BlockReader {
  get(cid: string): Uint8Array | undefined
}

/** Signed IPNS records by name (a CID of codec libp2p-key); opaque bytes, checked by whoever uses them. */
export interface NameRecords {
  get(name: CID): Uint8Array | undefined
  put(name: CID, record: Uint8Array): void
}

export interface ResolvedName {
  /** text of a CID */
  readonly root: string
  /** the path below it that the name leads to, or '' */
  readonly rest: string
  /** how long the answer may be kept */
  readonly seconds: number
}

/** IPNS names and DNSLink domains. */
export interface NameSystem {
  /** the one text of an IPNS name; undefined: it is none (a domain, perhaps) */
  canonical(text: string): string | undefined
  /** the checked record of an IPNS name. Throws 'cid-malformed', 'name-not-found', 'name-record-invalid'. */
  record(text: string): { readonly bytes: Uint8Array; readonly seconds: number }
  /** Throws 'name-not-found', 'name-record-invalid'. */
  resolve(name: string): Promise<ResolvedName>
  /** has the domain a DNSLink? Never throws. */
  hasLink(domain: string): Promise<boolean>
}

/** What one build hands to the store: written, pinned and recorded in one transaction. */
export interface Commit {
  /** the site this root belongs to (a stable name, by default the source folder's real path) */
  readonly site: string
  readonly root: string
  /** new blocks; those that the store already has may be left out */
  readonly blocks: Iterable<Block>
  /** how many of the site's newest roots stay pinned, this one included */
  readonly keep: number
  readonly version: string
  /** the root that this one follows: the site's newest must be it (undefined: there is none), or 'store-conflict' */
  readonly onto?: { readonly root: string | undefined }
  /** written in the same transaction */
  readonly records?: readonly RecordChange[]
}

/** undefined deletes */
export type RecordChange = readonly [key: string, value: Uint8Array | undefined]

/** Small things by key: releases, states of targets, IPNS records. Keys of ours begin with `/sx/`. */
export interface Records {
  get(key: string): Uint8Array | undefined
  /** One transaction. */
  write(changes: readonly RecordChange[]): void
  /** Up to `limit` records after `after` whose keys begin with `prefix`, in byte order of keys. */
  page(
    prefix: string,
    after: string,
    limit: number,
  ): readonly { readonly key: string; readonly value: Uint8Array }[]
}

export interface CommitResult {
  readonly written: number
  readonly bytes: number
  /** blocks newly pinned and no longer pinned by this commit */
  readonly pinned: number
  readonly unpinned: number
}

export interface RootRecord {
  readonly site: string
  readonly root: string
  readonly sequence: number
}

/** The store as publish, gateway and cli see it. All reads are synchronous and verified. */
export interface Store extends BlockReader {
  has(cid: string): boolean
  commit(commit: Commit): CommitResult
  /** newest first */
  roots(site?: string): RootRecord[]
  close(): void
}

export interface FileTree {
  /** `path` is relative, with `/` */
  set(path: string, file: { readonly cid: string; readonly size: number }): void
  delete(path: string): boolean
  /** the whole tree as it is now, with the directories' blocks that changed since the last call */
  root(): { readonly cid: string; readonly blocks: readonly Block[] }
}

/** Files as UnixFS under the one frozen profile. */
export interface FileBuilder {
  addFile(
    bytes: Uint8Array,
  ): Promise<{ readonly cid: string; readonly size: number; readonly blocks: readonly Block[] }>
  tree(): FileTree
}

export type Clock = () => number

/** Called for what went wrong without ending the work (a source that lied, a slow gateway). */
export type Report = (error: SxError) => void
