// What the command line needs of the program behind it, as types only: src/app.ts has this shape, tests hand in a double.
import type { Place, SxError } from './errors.ts'
import type { Checked, CheckOptions } from './publish/check.ts'
import type { KeyFormat } from './publish/key-formats.ts'
import type { AskPassphrase, KnownKey } from './publish/key-ring.ts'
import type {
  DiffReport,
  DnslinkReport,
  ExportReport,
  FsckReport,
  GcReport,
  ImportReport,
  Log,
  NameReport,
  PinReport,
  PublishOptions,
  PublishProgress,
  Receipt,
  VerifyReport,
} from './publish/publish-port.ts'
import type { TestOptions, TestReport } from './publish/run-tests.ts'
import type { Session } from './publish/session.ts'
import type { ServeSettings } from './settings.ts'

export type { CheckOptions } from './publish/check.ts'
export type { Difference } from './publish/diff.ts'
export type { Finding } from './publish/finding.ts'
export type { KeyFormat } from './publish/key-formats.ts'
export type { KnownKey } from './publish/key-ring.ts'
export type {
  ExportReport,
  FsckReport,
  GcReport,
  ImportReport,
  Log,
  LoggedRelease,
  PinReport,
  PublishOptions,
  Receipt,
  TargetReport,
  TargetStatus,
  Verdict,
  VerifyReport,
} from './publish/publish-port.ts'
export type { Failure, TestOptions, TestReport, TestResult } from './publish/run-tests.ts'
export type { About, Outcome, Session } from './publish/session.ts'

export interface AppOptions {
  /** the store's file; undefined: the documented variable, else the platform's convention */
  readonly store?: string | undefined
  /** what relative paths are relative to */
  readonly cwd: string
  /** something that did not end the work (a source that lied, a file that was skipped) */
  readonly report: (notice: Notice) => void
  /** asks a person; undefined when nobody is there */
  /** TXT records of a domain; default: the system's resolver */
  readonly txt?: (domain: string) => Promise<readonly string[]>
  readonly askPassphrase?: (...question: Parameters<AskPassphrase>) => Promise<string | undefined>
}

/** Opening is cheap: the store, Helia and Fastify are loaded by the first call that needs them. */
export type OpenApp = (options: AppOptions) => Promise<App>

export interface App {
  /** Writes the starter into `dir` (made when missing). Throws 'usage' when it would overwrite a file, and writes nothing then. */
  init(dir: string): Promise<InitReport>
  /** Sources to a stored and pinned root. Throws 'build-failed' with `detail.errors: readonly SxError[]`, all that were found. */
  build(dir: string, options?: BuildOptions): Promise<BuildReport>
  /** Serves a folder (built first, and shown anew whenever it is built again) or a root that the store has. */
  serve(options: ServeOptions): Promise<Serving>
  /** Builds, serves, watches; `onEvent` hears of each build. A failed build leaves the last good one served. */
  dev(options: DevOptions): Promise<Serving>
  /**
   * What a CID, a name of the folder's newest root, or a source file (all that it defines) leads to. Never empty.
   * Throws 'not-found' (with near misses as `detail.near`), 'block-not-found', 'cid-malformed', 'cid-unsupported'.
   */
  inspect(target: string, options?: InspectOptions): Promise<readonly Inspected[]>
  /** Looks for what is wrong with the sources; stores and renders nothing. */
  check(dir: string, options?: CheckOptions): Promise<CheckReport>
  /**
   * Definitions and expressions in memory, over those of the site in `dir` (undefined: the current folder's, when it is
   * one). Throws 'build-failed' when the site's sources hold errors.
   */
  session(dir?: string, options?: SessionOptions): Promise<OpenSession>
  /** Runs the site's `*.test.sx` files. Throws 'build-failed' when its sources hold errors. */
  test(dir: string, options?: TestOptions): Promise<TestReport & { readonly ms: number }>
  /**
   * Builds a site (or takes a folder of files as it is), signs a release of it, and brings it to the targets. Unchanged
   * sources make no release.
   */
  publish(dir: string, options?: PublishOptions): Promise<Receipt>
  /** Releases of a folder, and what is known of its targets. */
  log(dir: string): Promise<Log>
  /**
   * A new release with the root of an earlier one: of number `to`, else of the newest with another root.
   * Throws 'not-found'.
   */
  rollback(dir: string, to: number | undefined, options?: PublishOptions): Promise<Receipt>
  /** Gives a release (the newest, or the one of this number) a name, and keeps its blocks; or takes the name away. */
  tag(
    dir: string,
    tag: string,
    options?: { readonly sequence?: number; readonly remove?: boolean },
  ): Promise<{ readonly tag: string; readonly sequence?: number; readonly directory: string }>
  /**
   * Writes a CAR of a root, or, where `file` ends in `/`, a directory as files: a CID, or the number of a release of the current folder; undefined: its newest release, else
   * its newest build. Throws 'not-found'.
   */
  export(what: string | undefined, file: string): Promise<ExportReport>
  /** Takes the blocks of a CAR, each verified, and pins its roots: all of it or nothing. */
  import(
    file: string,
    options?: { readonly name?: string; readonly signal?: AbortSignal },
  ): Promise<ImportReport>
  /** Takes a root and all below it from peers by bitswap, each block verified, and pins it: all of it or nothing. */
  fetch(root: string, options: FetchOptions): Promise<FetchReport>
  readonly pins: {
    list(): Promise<readonly PinReport[]>
    /** a CID, a tag, a release's number; `name`: what it is called. Throws 'block-not-found'. */
    add(what: string, name: string | undefined): Promise<PinReport>
    /** a name or a CID. Throws 'not-found'. */
    remove(what: string): Promise<readonly PinReport[]>
  }
  /** Removes the blocks that no pin leads to; `dryRun` only tells. */
  gc(options: { readonly dryRun: boolean }): Promise<GcReport>
  /** Proves every block, root and release of the store; `repair` fetches what is damaged or missing `from` gateways. */
  fsck(options?: {
    readonly repair?: boolean
    readonly from?: readonly string[]
    readonly signal?: AbortSignal
  }): Promise<FsckReport>
  /**
   * Climbs from bytes to definitions, pages, root, release and its chain: of a CID (or tag, or number), a CAR file, or a
   * page where it is served. `from`: gateways that blocks come from instead of this store.
   */
  verify(
    what: string,
    options?: { readonly from?: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<VerifyReport>
  /** Two roots of the store: each a release's number, a tag, or a CID of a site, a release or its directory. */
  diff(before: string, after: string): Promise<DiffReport>
  readonly names: {
    /** of the current release of a folder. Throws 'not-found'. */
    show(dir: string): Promise<NameReport>
    /** Signs its record anew, so that it holds for another 30 days. */
    renew(dir: string): Promise<NameReport>
    /** An IPNS name or a domain, by the records of this store and the DNS; `from`: by what a gateway has of a name, checked. */
    resolve(
      text: string,
      options?: { readonly from?: string; readonly signal?: AbortSignal },
    ): Promise<NameReport>
    /** The TXT record that leads a domain to the folder's name, and what the DNS has. */
    dnslink(domain: string, dir: string): Promise<DnslinkReport>
  }
  readonly keys: {
    list(): Promise<readonly KnownKey[]>
    /** private, unprotected: whoever has these bytes can publish */
    export(name: string, format: KeyFormat): Promise<Uint8Array>
    import(name: string, bytes: Uint8Array): Promise<KnownKey>
    rotate(name: string): Promise<KnownKey>
  }
  /** Closes what was opened. */
  close(): Promise<void>
}

export interface CheckReport extends Checked {
  readonly ms: number
}

export interface SessionOptions {
  /** when the site's sources hold errors: tell them, and go on without the site */
  readonly onErrors?: (error: SxError) => void
  /** arguments are compared with declared types; so they are where the site's configuration says it */
  readonly strict?: boolean
}

export interface OpenSession extends Session {
  /** the site whose definitions are there */
  readonly site: string | undefined
  /** where a line editor keeps what was typed */
  readonly historyFile: string
}

/** Something to tell that is no error. */
export interface Notice {
  readonly message: string
  readonly place?: Place
  readonly hint?: string
}

export interface InitReport {
  /** absolute */
  readonly dir: string
  /** relative to dir, with `/`, sorted */
  readonly files: readonly string[]
}

export type Progress = PublishProgress

export interface BuildOptions {
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

/** Printed as it is by `sx build --json`. */
export interface BuildReport {
  readonly root: string
  /** source files read */
  readonly files: number
  readonly definitions: number
  /** all blocks below the root, and their bytes */
  readonly blocks: number
  readonly bytes: number
  /** blocks that the store had already */
  readonly reused: number
  readonly ms: number
  readonly pages: readonly { readonly path: string; readonly cid: string }[]
  readonly names: Readonly<Record<string, string>>
}

export interface ServeOptions {
  /** false: no site, content by CID and by name only */
  readonly site?: boolean
  /** what flags say; the rest is the configuration's */
  readonly settings?: Partial<ServeSettings>
  readonly dir?: string
  /** CID of a site root, instead of `dir` */
  readonly root?: string
  readonly port: number
  readonly host: string
  readonly onProgress?: (progress: Progress) => void
  /** a pinned root was announced in the DHT, and so many peers wrote it down */
  readonly onAnnounced?: (root: string, peers: number) => void
  /** one JSON line per request and event, without its newline */
  readonly log?: (line: string) => void
  readonly signal?: AbortSignal
}

export interface FetchOptions {
  /** multiaddrs; at least one has to be reached */
  readonly peers: readonly string[]
  /** the DHT that these peers are in, to ask who has the root */
  readonly dht?: 'lan' | 'public'
  /** bytes that it may have in all; more throws 'walk-limit' */
  readonly most: number
  /** seconds for the next block of those that are in flight; then 'fetch-timeout' */
  readonly wait: number
  readonly name?: string
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

export interface FetchReport {
  readonly root: string
  /** below the root, and those that the store had not */
  readonly blocks: number
  readonly written: number
  readonly bytes: number
}

export interface Serving {
  /** `http://127.0.0.1:8080/` */
  readonly url: string
  readonly root: string | undefined
  /** on libp2p, when it is there too */
  readonly peer?: { readonly id: string; readonly addresses: readonly string[] }
  /** of the build that came first, when one did */
  readonly built?: BuildReport
  /** Finishes requests under way, then closes. Idempotent. */
  stop(): Promise<void>
}

export interface DevOptions extends Omit<ServeOptions, 'root' | 'dir'> {
  readonly dir: string
  readonly onEvent: (event: DevEvent) => void
}

export type DevEvent =
  | {
      readonly type: 'built'
      readonly root: string
      readonly changed: readonly string[]
      readonly ms: number
      readonly report: BuildReport
    }
  | { readonly type: 'failed'; readonly errors: readonly SxError[]; readonly ms: number }

export interface InspectOptions {
  /** whose newest root names are looked up in; undefined: the current folder's site, else the newest root of the store */
  readonly dir?: string
}

/** One end of an edge of the graph. */
export interface Related {
  readonly cid: string
  /** node kind, or 'raw', 'unixfs', 'hashmap'; 'missing' when the store has no such block */
  readonly kind: string
  /** all names by which the site knows it, sorted; a library's export as `library#export` */
  readonly names: readonly string[]
  /** bytes of the block itself */
  readonly size: number
}

export interface Inspected extends Related {
  readonly codec: 'dag-cbor' | 'raw' | 'dag-pb'
  /** the verified block */
  readonly bytes: Uint8Array
  /** the root in which names were looked up */
  readonly root?: string
  /** from the site's annotations */
  readonly about?: {
    readonly doc?: string
    readonly source?: string
    readonly contentId?: string
    readonly call?: string
    /** host words that it reaches; none: it is pure */
    readonly io?: readonly string[]
  }
  /** a verified block of the store, such as a member's group */
  load(cid: string): Uint8Array | undefined
  /** what it (or another block) links to, in order of occurrence, each once */
  dependencies(cid?: string): readonly Related[]
  /** what of the root links to it (or to another block) directly, sorted by name then CID */
  dependents(cid?: string): readonly Related[]
}
