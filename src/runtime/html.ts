// The sink that writes HTML text.
import { escapeHtml } from './escape.ts'
import { isVoid, type Sink } from './sink.ts'

export interface HtmlSink extends Sink {
  /** what was written since the last take */
  take(): string
}

export const createHtmlSink = (): HtmlSink => {
  let out = ''
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
    size: () => out.length,
    take() {
      const s = out
      out = ''
      return s
    },
  }
}
