// What a client accepts (RFC 9110 §12): media types and content codings, with their weights.
import { SxError } from '../errors.ts'

interface Weighted {
  readonly value: string
  readonly q: number
  /** `name=value`, as sent, `q` among them */
  readonly parameters: readonly string[]
}

const MOST = 64

export function parse(header: string): Weighted[] {
  return header
    .slice(0, 4096)
    .split(',', MOST)
    .map(part => {
      const [value = '', ...parameters] = part.split(';')
      const q = parameters
        .map(p => /^\s*q\s*=\s*([\d.]{1,5})\s*$/i.exec(p)?.[1])
        .find(found => found !== undefined)
      const weight = q === undefined ? 1 : Number(q)
      return {
        value: value.trim().toLowerCase(),
        q: Number.isFinite(weight) ? Math.min(weight, 1) : 0,
        parameters,
      }
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

/**
 * The one of `types` that the client likes best, the first of equals. Throws 'not-acceptable' when it takes none.
 */
export function preferred(accept: string | undefined, types: readonly [string, ...string[]]): string {
  if (accept === undefined || accept.trim() === '') return types[0]
  const list = parse(accept)
  const weight = (type: string): number =>
    (
      list.find(({ value }) => value === type) ??
      list.find(({ value }) => value === `${type.split('/', 1)[0]}/*`) ??
      list.find(({ value }) => value === '*/*')
    )?.q ?? 0
  let best = types[0]
  for (const type of types) if (weight(type) > weight(best)) best = type
  if (weight(best) === 0) throw new SxError('not-acceptable', `it can be had as ${types.join(', ')} only`)
  return best
}

/** Does the client name text/sx itself, and like it no less than HTML? */
export function wantsSx(accept: string | undefined): boolean {
  if (accept === undefined || !accept.includes('text/sx')) return false
  const list = parse(accept)
  const weight = (name: string): number => list.find(({ value }) => value === name)?.q ?? 0
  return weight('text/sx') > 0 && weight('text/sx') >= weight('text/html')
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
