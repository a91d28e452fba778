// What publishing asks, and what it tells: types only, for the command line and for programs that read `--json`.

export interface PublishProgress {
  readonly phase: 'read' | 'graph' | 'render' | 'files' | 'store' | 'send' | 'verify'
  readonly done: number
  readonly total?: number | undefined
}

export interface PublishOptions {
  readonly onProgress?: (progress: PublishProgress) => void
  readonly signal?: AbortSignal
}

/** How far one target has come. */
export interface TargetReport {
  readonly name: string
  readonly kind: string
  readonly state: 'pinned'
  /** blocks and bytes that were sent to it this time */
  readonly blocks: number
  readonly bytes: number
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
  /** IPNS name */
  readonly publisher: string
  readonly previous?: string
  /** nothing has changed since this release: no other was made */
  readonly unchanged: boolean
  /** all below the directory, itself included */
  readonly blocks: number
  readonly bytes: number
  readonly targets: readonly TargetReport[]
  readonly ms: number
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
