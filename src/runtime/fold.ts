// Markup that never changes is made into text once; and the wrapping that lets the machine start any markup.
import { type Code, code } from './code.ts'
import { createHtmlSink } from './html.ts'
import { GO, Machine } from './machine.ts'

/** Framed: may be started by the machine itself, whatever its level. */
const linked = (c: Code): Code =>
  c.level === 2 ? c : code(2, (env, m) => (c(env, m) === GO ? m.link() : undefined))

export const fixed = (c: Code): Code => {
  c.fixed = true
  return c
}

/** Fixed markup as text; a sink that takes no text gets the calls. */
export const folded = (c: Code): Code => {
  // HTML text of svg's insides differs from that of HTML (void elements): one text for each.
  const texts = new Map<string, string>()
  return fixed(
    code(c.level!, (env, m) => {
      if (!m.sink.fixed) return c(env, m)
      let html = texts.get(m.ns)
      if (html === undefined) {
        const sink = createHtmlSink()
        const own = new Machine(m.limits, undefined, (_m, error) => {
          throw error
        })
        own.sink = sink
        own.ns = m.ns
        own.go(linked(c), [null, ''])
        own.run()
        texts.set(m.ns, (html = sink.take()))
      }
      m.sink.fixed(html)
      return undefined
    }),
  )
}

/** Markup as it is started by the machine. */
export const started = (c: Code): Code => linked(c.fixed ? folded(c) : c)
