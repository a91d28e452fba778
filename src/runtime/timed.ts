// A machine with a clock: it ends after so many milliseconds of running, waits for definitions not counted.
import type { Frame, Limits, Machine, OnRaise } from './machine.ts'
import { GO } from './machine.ts'
import { Traced } from './trace.ts'
import { exceeded } from './values.ts'

export const timed = (now: () => number): ((limits: Limits, onRaise: OnRaise) => Machine) => {
  class Timed extends Traced {
    private since = 0
    private spent = 0

    override tick(): void {
      super.tick()
      const { time } = this.limits
      if (this.spent + now() - this.since > time) exceeded('milliseconds', time)
    }

    override run(slice: number = 1 / 0, v: unknown = GO, end?: Frame): unknown {
      if (this.nested > 0) return super.run(slice, v, end)
      this.since = now()
      try {
        return super.run(slice, v, end)
      } finally {
        this.spent += now() - this.since
      }
    }
  }
  return (limits, onRaise) => new Timed(limits, onRaise)
}
