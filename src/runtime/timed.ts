// A machine with a clock: it ends after so many milliseconds of running, waits for definitions not counted.
import type { Frame, Limits, Machine, OnRaise } from './machine.ts'
import { GO } from './machine.ts'
import { exceeded } from './values.ts'

/** `kind`: of machine that gets one. */
export const timed = (
  now: () => number,
  kind: typeof Machine,
): ((limits: Limits, onRaise: OnRaise) => Machine) => {
  class Timed extends kind {
    /** when it began to run, if it does */
    private since: number | undefined = undefined
    private spent = 0

    override tick(): void {
      super.tick()
      const { time } = this.limits
      if (this.spent + now() - this.since! > time) exceeded('milliseconds', time)
    }

    override run(slice: number = 1 / 0, v: unknown = GO, end?: Frame): unknown {
      // Inside a primitive of its own it runs already.
      if (this.since !== undefined) return super.run(slice, v, end)
      this.since = now()
      try {
        return super.run(slice, v, end)
      } finally {
        this.spent += now() - this.since
        this.since = undefined
      }
    }
  }
  return (limits, onRaise) => new Timed(limits, onRaise)
}
