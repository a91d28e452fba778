// Leaving and re-entering: jumps between continuations, with the before and after thunks of dynamic-wind on the way.
import { apply } from './call.ts'
import { bottom, type Frame, type Machine, type Resume } from './machine.ts'
import { fail } from './values.ts'

export interface Wind {
  readonly before: unknown
  readonly after: unknown
}

/** The frame of a dynamic-wind's body: on the normal way out `after` runs and the body's value stays. */
export const windFrame: Resume = (v, k, m) => {
  m.push(keep, k.e, v)
  return apply(m, (k.x as Wind).after, [], k.e)
}

export const keep: Resume = (_v, k) => k.x

/** Machines in which dynamic-wind was used. */
export const winding = new WeakSet<Machine>()

const windsOf = (k: Frame | undefined): Frame[] => {
  const found: Frame[] = []
  for (; k !== undefined; k = k.n) if (k.r === windFrame) found.push(k)
  return found
}

/** Makes `target` the continuation, then goes on with `then`. */
export const jump = (m: Machine, target: Frame | undefined, then: () => unknown): unknown => {
  if (m.nested > 0) {
    const base = (k: Frame | undefined): Frame | undefined => {
      for (; k !== undefined; k = k.n) if (k.r === bottom) return k
      return undefined
    }
    if (base(m.k) !== base(target)) fail("a continuation can't leave or enter a computed signal")
  }
  if (!winding.has(m)) {
    m.k = target
    return then()
  }
  const inside = windsOf(target)
  const outside = windsOf(m.k)
  const steps: [Frame | undefined, unknown][] = [
    ...outside
      .filter(k => !inside.includes(k))
      .map((k): [Frame | undefined, unknown] => [k.n, (k.x as Wind).after]),
    ...inside
      .filter(k => !outside.includes(k))
      .reverse()
      .map((k): [Frame | undefined, unknown] => [k.n, (k.x as Wind).before]),
  ]
  const next = (i: number): unknown => {
    const step = steps[i]
    if (step === undefined) {
      m.k = target
      return then()
    }
    const [k, thunk] = step
    m.k = k
    m.push(() => next(i + 1), [null])
    return apply(m, thunk, [])
  }
  return next(0)
}
