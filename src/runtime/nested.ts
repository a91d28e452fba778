// Functions that a primitive calls (what `sort` sorts by): the one place where the machine stands on JavaScript's stack.
import { apply } from './call.ts'
import { bottom, type Machine, PAUSED, Wait } from './machine.ts'
import { exceeded, Fn } from './values.ts'

/** Bounded; may throw Wait, and the primitive is then called again. */
export const callNow = (m: Machine, f: unknown, args: unknown[]): unknown => {
  if (f instanceof Fn && f.s.n === args.length && f.s.code.level === 0) return f.s.code([f.e, ...args], m, 0)
  if (++m.nested > 50) exceeded('nesting', 50)
  const { k, code, env, slice } = m
  m.push(bottom, env)
  const base = m.k
  try {
    const v = m.run(Number.POSITIVE_INFINITY, apply(m, f, args), base)
    if (v === PAUSED) throw new Wait(m.waiting!)
    return v
  } finally {
    m.nested--
    m.k = k
    m.code = code
    m.env = env
    m.slice = slice
  }
}
