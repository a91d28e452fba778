// Leaving and re-entering: jumps between continuations, with the before and after thunks of dynamic-wind on the way.
import type { Frame, Machine, Resume } from './machine.ts'
import { bottom } from './nested.ts'
import { type Fn, fail } from './values.ts'

export interface Wind {
  readonly before: Fn
  readonly after: Fn
}

/** The frame of a dynamic-wind's body: on the normal way out `after` runs and the body's value stays. */
export const windFrame: Resume = (v, k, m) => {
  const { after } = k.x as Wind
  m.push(keep, k.e, v)
  return m.go(after.s.code, [after.e])
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
    if (base(m.k) !== base(target))
      fail("a continuation can't leave or enter a function that a primitive called")
  }
  if (!winding.has(m)) {
    m.k = target
    return then()
  }
  const inside = windsOf(target)
  const outside = windsOf(m.k)
  const steps: [Frame | undefined, Fn][] = [
    ...outside
      .filter(k => !inside.includes(k))
      .map((k): [Frame | undefined, Fn] => [k.n, (k.x as Wind).after]),
    ...inside
      .filter(k => !outside.includes(k))
      .reverse()
      .map((k): [Frame | undefined, Fn] => [k.n, (k.x as Wind).before]),
  ]
  const next = (i: number): unknown => {
    const step = steps[i]
    if (step === undefined) {
      m.k = target
      return then()
    }
    const [k, thunk] = step
    m.k = k
    m.push(() => next(i + 1), thunk.e)
    return m.go(thunk.s.code, [thunk.e])
  }
  return next(0)
}
