// One place that may hold a block. Nobody believes a tier: the resolver checks what it answers.

export interface Tier {
  readonly name: string
  /** true for what lies across the network: slow, many in flight, worth a longer wait */
  readonly remote?: boolean
  /**
   * undefined when the block is not here; throws when the tier can't say. `fresh` asks it to pass by its own caches
   * after an answer that was wrong.
   */
  get(cid: string, signal?: AbortSignal, fresh?: boolean): Promise<Uint8Array<ArrayBuffer> | undefined>
  /**
   * Called with verified bytes only. Never throws: a tier that can't keep a block lets it go. `true`: tiers behind it need
   * not keep the block too.
   */
  put?(cid: string, bytes: Uint8Array<ArrayBuffer>): unknown
}
