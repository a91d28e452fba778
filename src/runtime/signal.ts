// The graph of signals: who reads what, and who is told. Pulled by version, pushed by a mark: whatever was read is looked
// at in the order of reading, so that nobody ever sees half of a change, and nothing is computed that nobody wants.

import { SxError } from '../errors.ts'

/** Counts writes: as long as it stands, whatever was computed is right. */
let clock = 0
let ranks = 0
let batches = 0
/** Who has been told, and looks whether something changed at the end of the batch. */
let told: Watcher[] = []

/** Who reads now, and to whom belongs what is made now. A machine that waits takes both along. */
export const now: { reader: Watcher | Computed | undefined; owner: Owner | undefined } = {
  reader: undefined,
  owner: undefined,
}

/** Sources as they were read: in order, with their version. */
export type Sources = Map<Signal, number>

/** Somebody whose answer depends on signals. */
interface Reader {
  sources: Sources
}

/** A change of one of these to itself tells nobody; a list or dict may have been changed in place. */
export const isSame = (a: unknown, b: unknown): boolean => a === b && !(Array.isArray(a) || a instanceof Map)

/** A box; those that read it are told when it changes. */
export class Signal {
  v: unknown
  version = 0
  /** those that want to be told; a computed signal only while somebody wants to be told of it */
  readers: Set<Watcher | Computed> | undefined = undefined
  constructor(v: unknown) {
    this.v = v
  }

  get(): unknown {
    now.reader?.sources.set(this, this.version)
    return this.v
  }

  set(v: unknown): unknown {
    if (!isSame(v, this.v)) {
      this.v = v
      this.version++
      clock++
      batch(() => tell(this))
    }
    return v
  }

  listen(reader: Watcher | Computed): void {
    ;(this.readers ??= new Set()).add(reader)
  }

  leave(reader: Watcher | Computed): void {
    this.readers!.delete(reader)
  }
}

const tell = (signal: Signal): void => {
  for (const reader of signal.readers ?? [])
    if (!reader.told) {
      reader.told = true
      if (reader instanceof Watcher) wake(reader)
      else tell(reader)
    }
}

/** Has something that was read another version? Asked in the order of reading: what comes later may hang on it. */
const isStale = ({ sources }: Reader): boolean => {
  for (const [source, version] of sources) {
    if (source instanceof Computed) source.refresh()
    if (source.version !== version) return true
  }
  return false
}

/** Reads as `reader` from now on; gives what is to be handed to `stopReading`. */
const startReading = (reader: Watcher | Computed): Sources => {
  const before = reader.sources
  reader.sources = new Map()
  now.reader = reader
  return before
}

/** Leaves what was read before and was not any more; listens to what is new. */
const listenTo = (reader: Watcher | Computed, before: Sources): void => {
  for (const source of before.keys()) if (!reader.sources.has(source)) source.leave(reader)
  for (const source of reader.sources.keys()) if (!before.has(source)) source.listen(reader)
}

const none: Sources = new Map()

/** A signal that is what a function of others gives: computed when it is read, and again only when they changed. */
export class Computed extends Signal implements Reader {
  sources: Sources = none
  told = false
  private seen = -1
  private error: unknown = undefined
  private readonly f: () => unknown
  constructor(f: () => unknown) {
    super(undefined)
    this.f = f
  }

  /** Makes value and version right. */
  refresh(): void {
    this.told = false
    if (this.seen === clock) return
    if (this.seen >= 0 && !isStale(this)) {
      this.seen = clock
      return
    }
    const { reader, owner } = now
    const before = startReading(this)
    now.owner = undefined
    // One that reads itself finds what was there before.
    this.seen = clock
    let error: unknown
    let v: unknown
    try {
      v = this.f()
    } catch (thrown) {
      error = thrown
    } finally {
      now.reader = reader
      now.owner = owner
    }
    if (this.readers?.size) listenTo(this, before)
    if (error || this.error || this.version === 0 || !isSame(v, this.v)) this.version++
    this.v = v
    this.error = error
  }

  override get(): unknown {
    this.refresh()
    super.get()
    if (this.error) throw this.error
    return this.v
  }

  override listen(reader: Watcher | Computed): void {
    if (!this.readers?.size) listenTo(this, none)
    super.listen(reader)
  }

  override leave(reader: Watcher | Computed): void {
    super.leave(reader)
    if (!this.readers!.size) for (const source of this.sources.keys()) source.leave(this)
  }
}

/** What belongs to it ends with it. */
export class Owner {
  owner: Owner | undefined
  owned: Set<Owner> | undefined
  /** ended: nothing of it may run any more */
  over = false

  belong(owner: Owner | undefined): void {
    this.owner = owner
    if (owner) (owner.owned ??= new Set()).add(this)
  }

  /** Ends what belongs to it, but for one. */
  clear(but?: Owner): void {
    for (const one of this.owned ?? []) if (one !== but) one.end()
  }

  end(): void {
    this.over = true
    this.owner?.owned?.delete(this)
    this.clear()
  }
}

/** Is told when something that it read may have changed, and does its work again when it did. */
export abstract class Watcher extends Owner implements Reader {
  sources: Sources = none
  told = false
  /** who was made first looks first: what a change takes away does no work before */
  readonly rank = ++ranks
  /** after those of a lower level */
  level = 0

  abstract run(): void

  /** It ran again and again without an end. */
  abstract fail(error: unknown): void

  isDue(): boolean {
    return isStale(this)
  }

  /** Everything that is read until `stopReading` counts. */
  startReading(): Sources {
    return startReading(this)
  }

  stopReading(before: Sources, owner: Owner | undefined): void {
    now.reader = undefined
    now.owner = owner
    if (this.over) {
      for (const source of before.keys()) source.leave(this)
      return
    }
    listenTo(this, before)
    // Something was written after it was read, and before anybody listened.
    if (!this.told && isStale(this)) wake(this)
  }

  override end(): void {
    super.end()
    for (const source of this.sources.keys()) source.leave(this)
    this.sources = none
  }
}

/** More rounds than these are a circle of effects. */
const ROUNDS = 100

/** Calls `f`; whoever is told of changes in it runs at the end of the outermost batch. */
export const batch = <T>(f: () => T): T => {
  batches++
  try {
    return f()
  } finally {
    if (--batches === 0) settle()
  }
}

/** Has `watcher` look at the end of the batch. */
export const wake = (watcher: Watcher): void => {
  watcher.told = true
  told.push(watcher)
}

const settle = (): void => {
  const { reader, owner } = now
  for (let round = 0; told.length; round++) {
    const level = Math.min(...told.map(watcher => watcher.level))
    const due = told.filter(watcher => watcher.level === level).sort((a, b) => a.rank - b.rank)
    told = told.filter(watcher => watcher.level !== level)
    batches++
    for (const watcher of due) {
      watcher.told = false
      now.reader = now.owner = undefined
      if (watcher.over) continue
      if (round > ROUNDS) watcher.fail(new SxError('eval-limit', 'effects go round in a circle', {}))
      else if (watcher.isDue()) watcher.run()
    }
    batches--
  }
  now.reader = reader
  now.owner = owner
}
