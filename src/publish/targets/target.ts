// What every target of a publication is, and what it works with: types, and the state that is kept of it.

/** How far a release has come at one target. Kept in the store, so that the next run goes on from it. */
export interface TargetState {
  /** the newest directory that the target has acknowledged */
  readonly directory?: string
  /**
   * of `pending`: sending (nothing is acknowledged), waiting (it was asked to pin). Of `directory`: pinned (it says so),
   * live (fetched back and verified). failed: the last try ended so, whatever it had before.
   */
  readonly state: 'sending' | 'waiting' | 'pinned' | 'live' | 'failed'
  /** the directory that is on its way */
  readonly pending?: string
  /** what a pinning service calls its job */
  readonly request?: string
  readonly error?: string
  /** RFC 3339 */
  readonly at: string
}

export interface Delivery {
  /** the release directory */
  readonly directory: string
  /** what the pin is called, at most 255 characters */
  readonly title: string
  /** The CAR of it, without what the earlier directory `since` leads to. `count` grows while it is read. */
  car(since?: string): Outgoing
  /** Writes it as files; `before`: the directory that was written there last. */
  files(folder: string, before: string | undefined): { readonly files: number; readonly bytes: number }
  /** the publisher's name, and its signed record that leads here */
  readonly name: { readonly text: string; readonly record: Uint8Array }
  /** what is known of the target from before */
  readonly known: TargetState | undefined
  /** it was asked, and this is its job: to be found again after a crash */
  waiting(request: string): void
  readonly signal: AbortSignal | undefined
}

export interface Outgoing {
  readonly body: AsyncIterable<Uint8Array>
  readonly count: { readonly blocks: number; readonly bytes: number }
}

export interface Delivered {
  /** sent this time: blocks or files, and their bytes; nothing where it had all */
  readonly sent: number
  readonly bytes: number
  /** for the receipt: a job's name, a name that was pointed at it */
  readonly notes?: Readonly<Record<string, string>>
}

export interface Target {
  readonly name: string
  readonly kind: string
  /** Resolves when the target says that it keeps the directory and all below it. Throws 'peer-failed'. */
  deliver(delivery: Delivery): Promise<Delivered>
  /** the URL before `/ipfs/` where it can be fetched back */
  readonly gateway?: string | undefined
  /** Fetches it back where there is no gateway. Answers how much was looked at; throws when something is wrong. */
  check?(directory: string, signal: AbortSignal | undefined): Promise<number>
  /** where people can look at it */
  links(directory: string): readonly string[]
}

export const gatewayLinks = (gateway: string | undefined, directory: string): readonly string[] =>
  gateway === undefined ? [] : [`${gateway.replace(/\/$/, '')}/ipfs/${directory}/`]
