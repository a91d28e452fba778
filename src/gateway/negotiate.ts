// What a client accepts (RFC 9110 §12): media types and content codings, with their weights.

interface Weighted {
  readonly value: string
  readonly q: number
}

const MOST = 64

function parse(header: string): Weighted[] {
  return header
    .slice(0, 4096)
    .split(',', MOST)
    .map(part => {
      const [value = '', ...parameters] = part.split(';')
      const q = parameters
        .map(p => /^\s*q\s*=\s*([\d.]{1,5})\s*$/i.exec(p)?.[1])
        .find(found => found !== undefined)
      const weight = q === undefined ? 1 : Number(q)
      return { value: value.trim().toLowerCase(), q: Number.isFinite(weight) ? Math.min(weight, 1) : 0 }
    })
}

/** Does the client name text/html itself, and not refuse it? A wildcard is no wish for HTML: programs send it. */
export function wantsHtml(accept: string | undefined): boolean {
  // the common cases of programs first
  if (accept === undefined || accept === '*/*') return false
  return parse(accept).some(
    ({ value, q }) => (value === 'text/html' || value === 'application/xhtml+xml') && q > 0,
  )
}

export type Coding = 'br' | 'gzip' | 'identity'

/** The best coding that we have; brotli before gzip at equal weight. */
export function chooseCoding(acceptEncoding: string | undefined): Coding {
  if (acceptEncoding === undefined) return 'identity'
  const list = parse(acceptEncoding)
  const weight = (name: string): number =>
    (list.find(({ value }) => value === name) ?? list.find(({ value }) => value === '*'))?.q ?? 0
  const br = weight('br')
  const gzip = weight('gzip')
  if (br === 0 && gzip === 0) return 'identity'
  return br >= gzip ? 'br' : 'gzip'
}
