// What publishing asks, and what it tells: types only, for the command line and for programs that read `--json`.

import type { Diff } from './diff.ts'
import type { Step, Verdict } from './verify.ts'

export type { Step, Verdict } from './verify.ts'

export interface PublishProgress {
  readonly phase: 'read' | 'graph' | 'render' | 'files' | 'store' | 'send' | 'verify' | 'fetch'
  readonly done: number
  readonly total?: number | undefined
}

export interface PublishOptions {
  /** names of targets; default: all that are configured */
  readonly to?: readonly string[]
  /** fetch every block back from each target, not a sample */
  readonly full?: boolean
  readonly onProgress?: (progress: PublishProgress) => void
  readonly signal?: AbortSignal
}

/** How far one target has come. */
export interface TargetReport {
  readonly name: string
  readonly kind: string
  /**
   * live: fetched back and verified. pinned: it says that it keeps it; with `error`, fetching it back failed. failed: it
   * has it not, or not all.
   */
  readonly state: 'live' | 'pinned' | 'failed'
  /** blocks (or files), and bytes, that were sent to it this time */
  readonly sent: number
  readonly bytes: number
  readonly verified?: {
    /** a gateway's URL, or how else it was done */
    readonly by: string
    /** blocks (or files) that came back right, of how many */
    readonly checked: number
    readonly of?: number
    readonly firstMs?: number
    readonly ms: number
  }
  /** where to look at it */
  readonly links: readonly string[]
  /** what the target calls its job, the name that it pointed here */
  readonly notes?: Readonly<Record<string, string>>
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
  readonly ms: number
}

/** Printed as it is by `sx publish --json`. */
export interface Receipt {
  /** what was published: a site's root, or a folder */
  readonly root: string
  /** CID of the release node */
  readonly release: string
  /** CID of the release directory: what a gateway shows */
  readonly directory: string
  readonly sequence: number
  /** RFC 3339 */
  readonly time: string
  /** IPNS name; its record leads to the directory until `nameUntil` */
  readonly publisher: string
  readonly nameUntil: string
  readonly previous?: string
  /** nothing has changed since this release: no other was made */
  readonly unchanged: boolean
  /** all below the directory, itself included */
  readonly blocks: number
  readonly bytes: number
  /** this machine first */
  readonly targets: readonly TargetReport[]
  /** no target failed */
  readonly complete: boolean
  readonly ms: number
}

/** What was known of a target when its last run ended, or was cut off. */
export interface TargetStatus {
  readonly name: string
  readonly state: 'sending' | 'waiting' | 'pinned' | 'live' | 'failed'
  /** the release that it has; undefined: none, or one that is not known here */
  readonly sequence?: number
  readonly error?: string
  readonly at: string
}

export interface Log {
  /** newest first */
  readonly releases: readonly LoggedRelease[]
  readonly targets: readonly TargetStatus[]
}

export interface LoggedRelease {
  readonly sequence: number
  readonly time: string
  readonly release: string
  readonly root: string
  readonly directory: string
  readonly publisher: string
  /** its key was signed over to by the one before */
  readonly handedOver: boolean
  readonly tags: readonly string[]
  /** its blocks are pinned here */
  readonly kept: boolean
}

export interface ExportReport {
  readonly root: string
  /** absolute: a CAR, or a folder */
  readonly file: string
  /** of a CAR */
  readonly blocks?: number
  /** of a folder */
  readonly files?: number
  /** written */
  readonly bytes: number
}

export interface ImportReport {
  readonly roots: readonly string[]
  /** in the file, and those that the store had not */
  readonly blocks: number
  readonly written: number
  readonly bytes: number
}

export interface PinReport {
  readonly kind: 'site' | 'release' | 'tag' | 'pin'
  /** a folder's path, or what a pin was called */
  readonly name: string
  readonly tag?: string
  readonly root: string
  /** newer roots under one name have higher ones */
  readonly sequence: number
}

export interface GcReport {
  readonly dryRun: boolean
  /** that went, or would */
  readonly blocks: number
  readonly bytes: number
  /** what they look like, counted; the first of them by CID */
  readonly kinds: Readonly<Record<string, number>>
  readonly named: readonly string[]
  readonly kept: {
    readonly blocks: number
    readonly bytes: number
    /** pinned by somebody through Helia */
    readonly byHelia: number
    /** why the rest stays */
    readonly pins: readonly PinReport[]
  }
}

export interface FsckProblem {
  readonly what: 'file' | 'damaged' | 'missing' | 'unpinned' | 'release'
  readonly cid?: string
  readonly message: string
}

export interface FsckReport {
  readonly blocks: number
  readonly roots: number
  readonly releases: number
  /** none: the store is whole */
  readonly problems: readonly FsckProblem[]
  /** blocks that were fetched anew */
  readonly repaired: number
  readonly ms: number
}

/** What `sx verify` found: the steps of a ladder, from bytes up to who stands for them. */
export interface VerifyReport {
  /** the CID, or the address */
  readonly what: string
  readonly verdict: Verdict
  readonly steps: readonly Step[]
  readonly ms: number
}

export interface NameReport {
  readonly name: string
  /** content path */
  readonly value: string
  /** of the record; absent: there is none that holds, or it was not a record that said so */
  readonly validUntil?: string
}

export interface DnslinkReport {
  /** `_dnslink.example.org` */
  readonly record: string
  readonly wanted: string
  readonly found: readonly string[]
  readonly state: 'set' | 'missing' | 'other'
}

export interface DiffReport extends Diff {
  /** roots */
  readonly before: string
  readonly after: string
  /** a page that shows it */
  html(): string
}
