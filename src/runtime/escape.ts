// Escaping for HTML.
const entities: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', '\r': '#13' }

/** For text and for quoted attribute values alike. A carriage return would become a line feed, NUL can't stand in HTML. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"\r\0]/g, c => (c === '\0' ? '' : `&${entities[c]};`))
