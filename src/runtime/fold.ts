// Markup that never changes is handed to the sink as a whole; and the wrapping that lets the machine start any markup.
import { type Code, code } from './code.ts'
import { GO } from './machine.ts'

/** Framed: may be started by the machine itself, whatever its level. */
export const linked = (c: Code): Code =>
  c.level === 2 ? c : code(2, (env, m) => (c(env, m) === GO ? m.link() : undefined))

export const fixed = (c: Code): Code => {
  c.fixed = true
  return c
}

/** Fixed markup: a sink that can keeps what it came to the first time. */
export const folded = (c: Code): Code =>
  fixed(code(c.level!, (env, m) => (m.sink.fixed ? m.sink.fixed(c, m) : c(env, m))))

/** Markup as it is started by the machine. */
export const started = (c: Code): Code => linked(c.fixed ? folded(c) : c)
