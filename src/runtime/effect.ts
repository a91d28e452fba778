// Effects: what an island does beside what it shows, each time that what it has read changes.
import { apply } from './call.ts'
import { failAt, type Place, runAt } from './live.ts'
import type { Frame, Machine } from './machine.ts'
import { now, type Sources, Watcher, wake } from './signal.ts'
import { Fn } from './values.ts'

/** Runs when the document shows what it read: the first time too. What `f` gives, if a function, cleans up after it. */
export class Effect extends Watcher implements Place {
  readonly m: Machine
  readonly k: Frame | undefined
  private readonly f: unknown
  private cleanUp: unknown
  private isNew = true

  constructor(m: Machine, f: unknown) {
    super()
    this.level = 1
    this.m = m
    this.k = m.k
    this.f = f
    this.belong(now.owner)
    wake(this)
  }

  override isDue(): boolean {
    return this.isNew || super.isDue()
  }

  override fail(error: unknown): void {
    failAt(this, false, error)
  }

  override run(): void {
    this.isNew = false
    this.finish()
    this.clear()
    let before: Sources
    runAt(
      this,
      false,
      m => {
        before = this.startReading()
        return apply(m, this.f, [])
      },
      v => {
        this.stopReading(before, undefined)
        this.cleanUp = v
      },
      this,
    )
  }

  private finish(): void {
    const { cleanUp } = this
    this.cleanUp = undefined
    if (cleanUp instanceof Fn) runAt(this, false, m => apply(m, cleanUp, []))
  }

  override end(): void {
    if (!this.over) this.finish()
    super.end()
  }
}
