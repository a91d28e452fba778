// Escaping for HTML text and double-quoted attributes: a parser reads the same characters back. NUL can't be written in
// HTML; a carriage return only as a reference.
const special = /[&<>"\r\0]/

/** Most text has nothing to escape: it is looked at once, and kept. */
export const escapeHtml = (s: string): string => {
  const first = s.search(special)
  if (first < 0) return s
  let out = ''
  let from = 0
  for (let i = first; i < s.length; i++) {
    const c = s.charCodeAt(i)
    const to =
      c === 38
        ? '&amp;'
        : c === 60
          ? '&lt;'
          : c === 62
            ? '&gt;'
            : c === 34
              ? '&quot;'
              : c === 13
                ? '&#13;'
                : c === 0
                  ? ''
                  : undefined
    if (to === undefined) continue
    out += s.slice(from, i) + to
    from = i + 1
  }
  return out + s.slice(from)
}
