// For forms that look at the continuation, or change it, once they have a value.
import type { Code, Env } from './code.ts'
import { bind, type Machine } from './machine.ts'

/** Runs `c`, then `use` with its value as a step. */
export const bindStep = (c: Code, use: (v: unknown, env: Env, m: Machine) => unknown): Code =>
  bind(c, (v, env, m) => m.step((env, m) => use(v, env, m), env))
