// Markup that depends on a value: where the document lives, it is made again when what the value read has changed.
import { type Code, code, type Env } from './code.ts'
import { bind, bindAll, type Machine, now } from './machine.ts'
import type { Region } from './region.ts'

/** `region`: what is made, in a document that lives. */
export type Use = (v: unknown, env: Env, m: Machine, d: number, region?: Region) => unknown

/** Whether a new value makes the same markup as the one before. */
export type Same = (before: unknown, v: unknown) => boolean

/** As `bind`. `same` undefined: any list or dict may make other markup than before, atoms do when they are others. */
export const watched = (c: Code, use: Use, _level?: 0 | 1 | 2, same?: Same): Code => {
  const plain = bind(c, use)
  if (c.still) return plain
  const whole = now(c)
  whole.level ??= c.level!
  return code(2, (env, m, d) => (m.sink.watch ? m.sink.watch(whole, use, env, m, d, same) : plain(env, m, d)))
}

/** The same for a list of codes, whose values `use` gets as a new list each time. */
export const watchedAll = (
  codes: readonly Code[],
  use: (vs: unknown[], env: Env, m: Machine, d: number, region?: Region) => unknown,
  _level?: 0 | 1 | 2,
  same?: Same,
): Code => {
  const all = bindAll(codes, vs => vs, 0)
  all.still = codes.every(c => c.still)
  return watched(all, use as Use, 2, same)
}
