// Conditional and range requests (RFC 9110 §13, §14), over ETags that are content addresses.

/**
 * Does If-None-Match name one of these tags (without quotes)? Weak comparison; `*` matches anything. A file's codings
 * change together with its CID, so a file passes all of its tags; a view has one.
 */
export function noneMatch(header: string | undefined, ...tags: readonly string[]): boolean {
  if (header === undefined || header.length > 8192) return false
  if (header.trim() === '*') return true
  for (const [, tag] of header.matchAll(/(?:W\/)?"([^"]*)"/g)) if (tags.includes(tag!)) return true
  return false
}

export interface Range {
  readonly offset: number
  readonly length: number
}

/**
 * One byte range of `size` bytes. undefined: serve the whole (no header, another unit, several ranges, malformed);
 * 'unsatisfiable': 416.
 */
export function readRange(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
  const match = header === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim())
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return undefined
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { offset: size - length, length }
  }
  const offset = Number(first)
  if (last !== '' && Number(last) < offset) return undefined
  if (offset >= size) return 'unsatisfiable'
  return { offset, length: Math.min(last === '' ? size : Number(last) + 1, size) - offset }
}

/** If-Range: may the range be served? Strong comparison; we send no dates, so a date never matches. */
export const ifRange = (header: string | undefined, tag: string): boolean =>
  header === undefined || header.trim() === `"${tag}"`
