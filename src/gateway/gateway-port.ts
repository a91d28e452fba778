// What the gateway needs of the program around it, and what it gives: types only.
import type { Clock, Sha256, Store } from '../ports.ts'
import type { ContentOptions } from './content/content-port.ts'

type Maybe<T> = T | Promise<T>

/** A UnixFS entry. `size` in bytes of content; of a directory it means nothing. */
export interface FileEntry {
  readonly kind: 'file' | 'directory'
  readonly cid: string
  readonly size: number
}

export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Reads UnixFS out of verified blocks. */
export interface FileReader {
  /** `path`: segments joined by `/`, none at either end; `''` is the root itself. undefined: nothing there. */
  resolve(root: string, path: string): Maybe<FileEntry | undefined>
  /** a file's bytes, or those of a range inside it, in pieces */
  read(cid: string, range?: { readonly offset: number; readonly length: number }): Pieces
}

/** What a development server tells the browser. `text` is what a terminal would show: message, place, caret. */
export type DevPush =
  | { readonly type: 'built'; readonly root: string }
  | {
      readonly type: 'failed'
      readonly errors: readonly { readonly message: string; readonly text: string }[]
    }

export interface DevHooks {
  /** the state that a browser which connects now should know; undefined before the first build ended */
  current(): DevPush | undefined
  /** returns what ends the subscription */
  subscribe(listener: (push: DevPush) => void): () => void
}

export interface GatewayLimits {
  /** bytes of hot blocks held in memory, views of them included */
  readonly hotBytes: number
  /** bytes of files and their compressed forms held in memory */
  readonly fileBytes: number
  /** files larger than this are streamed, neither held nor compressed */
  readonly fileSize: number
  /** characters of a request's path and query */
  readonly url: number
  /** milliseconds that `stop` waits for requests under way */
  readonly stop: number
  /** browsers that listen to one development server */
  readonly listeners: number
  /** connections at once; more are closed */
  readonly connections: number
  /** milliseconds for which a reader may take nothing of an answer that waits for it */
  readonly stall: number
  /** CARs and archives made at once, and blocks of one */
  readonly walks: number
  readonly walkBlocks: number
  /** requests for content a minute from one address; 0: any number */
  readonly perMinute: number
  /** queries, actions and handlers a minute from one address; 0: any number */
  readonly runsPerMinute: number
}

export const defaultLimits: GatewayLimits = {
  hotBytes: 32 * 2 ** 20,
  fileBytes: 64 * 2 ** 20,
  fileSize: 4 * 2 ** 20,
  url: 4096,
  stop: 5000,
  listeners: 64,
  connections: 4096,
  stall: 30_000,
  walks: 16,
  walkBlocks: 1_000_000,
  perMinute: 0,
  runsPerMinute: 300,
}

export interface GatewayOptions {
  readonly store: Store
  readonly files: FileReader
  readonly sha256: Sha256
  /** whose newest root is served when `root` is not given */
  readonly site?: string
  /** the root to serve, asked for at each request; undefined: nothing is built yet */
  readonly root?: () => string | undefined
  /** the directory of the site's newest release, asked for when its paths are; undefined: there is none */
  readonly release?: () => string | undefined
  /** one JSON line, without its newline, per request and per failure */
  readonly log?: (line: string) => void
  /** milliseconds since 1970 */
  readonly clock: Clock
  /** so many bytes that nobody can guess, for the tokens of forms; without it no form is taken */
  readonly random?: (bytes: number) => Uint8Array
  /** what `current-user` answers, from a request's headers; without it nobody is anybody */
  readonly user?: (header: (name: string) => string | undefined) => unknown
  readonly limits?: Partial<GatewayLimits>
  readonly dev?: DevHooks
  /** content by CID and by name, as IPFS gateways serve it; without it there is only the site */
  readonly content?: ContentOptions
}

/** Enough of a request and its answer to test without a socket. */
export interface Injected {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | number | string[] | undefined>>
  readonly rawPayload: Uint8Array
  readonly payload: string
}

export interface Gateway {
  /** Resolves with the URL when it listens; port 0 takes any that is free. */
  listen(port: number, host?: string): Promise<string>
  /** undefined while it doesn't listen */
  readonly url: string | undefined
  /** Finishes requests under way, ends event streams, closes idle connections. Idempotent. */
  stop(): Promise<void>
  inject(request: {
    readonly method?: 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    readonly payload?: string
  }): Promise<Injected>
}
