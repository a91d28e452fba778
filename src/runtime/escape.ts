// Escaping for HTML.
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
