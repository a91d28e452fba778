// The sink that writes HTML text.
import { escapeHtml } from './escape.ts'
import { openIsland } from './island-element.ts'
import { isVoid, type Sink } from './sink.ts'

export interface HtmlSink extends Sink {
  /** what was written since the last take */
  take(): string
  /** how much that is; `size` counts what was taken too */
  waiting(): number
}

export const createHtmlSink = (): HtmlSink => {
  let out = ''
  let taken = 0
  // A parser drops the first line feed in these: it is written twice.
  let eatsLine = false
  return {
    open(tag, attributes, ns) {
      out += '<' + tag
      for (const [name, value] of attributes) out += ` ${name}="${escapeHtml(value)}"`
      out += '>'
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
    html(text) {
      out += text
      if (text) eatsLine = false
    },
    island: openIsland,
    mark() {
      const was = { out, taken, eatsLine }
      return () => {
        out = was.out.slice(Math.max(0, taken - was.taken))
        eatsLine = was.eatsLine
      }
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
