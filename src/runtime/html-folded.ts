// HTML text for a server: markup that never changes is made once.
import type { Code } from './code.ts'
import { createHtmlSink, type HtmlSink } from './html.ts'
import { Machine } from './machine.ts'

// HTML text of svg's insides differs from that of HTML (void elements): one text for each namespace.
const texts = new WeakMap<Code, Map<string, string>>()

const textOf = (c: Code, m: Machine): string => {
  let byNs = texts.get(c)
  if (byNs === undefined) {
    byNs = new Map()
    texts.set(c, byNs)
  }
  let html = byNs.get(m.ns)
  if (html === undefined) {
    const sink = createHtmlSink()
    const own = new Machine(m.limits, m.onRaise)
    own.sink = sink
    own.ns = m.ns
    own.step(c, [null, ''])
    own.run()
    html = sink.take()
    byNs.set(m.ns, html)
  }
  return html
}

export interface FoldingSink extends HtmlSink {
  /** how much `take` would give */
  waiting(): number
}

export const createFoldingSink = (): FoldingSink => {
  const sink = createHtmlSink()
  let taken = 0
  return {
    ...sink,
    fixed: (c, m) => sink.raw(textOf(c, m), m.ns),
    size: () => taken + sink.size(),
    waiting: () => sink.size(),
    take() {
      const html = sink.take()
      taken += html.length
      return html
    },
  }
}
