// The sink that writes HTML text.
import type { Code } from './code.ts'
import { escapeHtml } from './escape.ts'
import { linked } from './fold.ts'
import { Machine } from './machine.ts'
import { isVoid, type Sink } from './sink.ts'

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
    const own = new Machine(m.limits, undefined, m.onRaise)
    own.sink = sink
    own.ns = m.ns
    own.go(linked(c), [null, ''])
    own.run()
    html = sink.take()
    byNs.set(m.ns, html)
  }
  return html
}

export interface HtmlSink extends Sink {
  /** what was written since the last take */
  take(): string
  /** how much `take` would give */
  waiting(): number
}

export const createHtmlSink = (): HtmlSink => {
  let out = ''
  let taken = 0
  // A parser drops the first line feed in these: it is written twice.
  let eatsLine = false
  return {
    open(tag, attributes, ns) {
      let s = '<' + tag
      for (const [name, value] of attributes) s += ` ${name}="${escapeHtml(value)}"`
      out += s + '>'
      eatsLine = ns === '' && (tag === 'pre' || tag === 'textarea')
    },
    close(tag, ns) {
      if (ns !== '' || !isVoid(tag)) out += `</${tag}>`
      eatsLine = false
    },
    text(text) {
      out += eatsLine && text[0] === '\n' ? '\n' + escapeHtml(text) : escapeHtml(text)
      eatsLine = false
    },
    raw(html) {
      out += html
      eatsLine = false
    },
    data(text) {
      out += text
    },
    fixed(c, m) {
      const html = textOf(c, m)
      out += eatsLine && html[0] === '\n' ? '\n' + html : html
      eatsLine &&= html === ''
    },
    size: () => taken + out.length,
    waiting: () => out.length,
    take() {
      const s = out
      taken += s.length
      out = ''
      return s
    },
  }
}
