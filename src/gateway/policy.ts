// A page's own Content-Security-Policy, found in its HTML so that it can go out as a header too.

export interface PagePolicy {
  readonly value: string
  /** of the attribute's value in the text, escaped as it stands there */
  readonly start: number
  readonly end: number
}

/** Policies stand in the head: what comes later is not looked at. */
const HEAD = 65536

const meta = /<meta\s[^>]*http-equiv\s*=\s*["']?content-security-policy["']?[^>]*>/i
const content = /\scontent\s*=\s*(?:"([^"]*)"|'([^']*)')/i

/** undefined: the page has none, or one that could not stand in a header. */
export function findPolicy(html: string): PagePolicy | undefined {
  const found = meta.exec(html.slice(0, HEAD))
  const attribute = found === null ? null : content.exec(found[0])
  if (found === null || attribute === null) return undefined
  const escaped = attribute[1] ?? attribute[2]!
  const start = found.index + attribute.index + attribute[0].length - 1 - escaped.length
  const value = unescaped(escaped).replace(/\s+/g, ' ').trim()
  // only visible ASCII may go into a header: one stray line break would be a header of its own
  return value === '' || !/^[\x20-\x7e]*$/.test(value)
    ? undefined
    : { value, start, end: start + escaped.length }
}

const unescaped = (text: string): string =>
  text.replace(
    /&(#39|#x27|quot|amp|lt|gt|apos);/g,
    (_, name: string) =>
      ({ '#39': "'", '#x27': "'", apos: "'", quot: '"', amp: '&', lt: '<', gt: '>' })[name]!,
  )

/** Directives that a `<meta>` may not carry, added to the header: no other site may put the page in a frame. */
export const headerPolicy = (value: string): string =>
  /(^|;)\s*frame-ancestors\b/i.test(value) ? value : `${value.replace(/;\s*$/, '')}; frame-ancestors 'self'`

/** The same policy with one more source in a directive; a directive that is missing or `'none'` is made. */
export function allow(policy: string, directive: string, source: string): string {
  const parts = policy
    .split(';')
    .map(part => part.trim())
    .filter(part => part !== '')
  const at = parts.findIndex(part => part.split(' ', 1)[0]!.toLowerCase() === directive)
  if (at < 0) parts.push(`${directive} ${source}`)
  else {
    const [name, ...sources] = parts[at]!.split(/\s+/)
    if (!sources.includes(source))
      parts[at] = [name, ...sources.filter(each => each !== "'none'"), source].join(' ')
  }
  return parts.join('; ')
}
