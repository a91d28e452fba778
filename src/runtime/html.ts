// The sink that writes HTML text.
import { isVoid, type Sink } from './sink.ts'

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\0': '',
}
const special = /[&<>"\r\0]/
const specials = /[&<>"\r\0]/g

/** For text and for quoted attribute values alike. A carriage return would become a line feed, NUL can't stand in HTML. */
export const escapeHtml = (text: string): string =>
  special.test(text) ? text.replace(specials, c => entities[c]!) : text

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
    fixed(html) {
      out += html
      eatsLine = false
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
