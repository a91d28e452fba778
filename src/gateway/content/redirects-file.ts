// `_redirects` at the root of content that has an origin of its own (https://specs.ipfs.tech/http-gateways/web-redirects-file/).
import { SxError } from '../../errors.ts'

/** Bytes of the file. */
export const MAX_SIZE = 65_536
const MAX_RULES = 2000
const statuses = new Set([200, 301, 302, 303, 307, 308, 404, 410, 451])

export interface Rule {
  readonly from: readonly string[]
  /** `from` ended in `/*` */
  readonly splat: boolean
  readonly to: string
  readonly status: number
}

export interface Match {
  /** an address, of this host (`/…`) or another */
  readonly to: string
  readonly status: number
}

const invalid = (what: string): SxError =>
  new SxError('redirects-invalid', `could not parse _redirects: ${what}`)

/** Throws 'redirects-invalid' for the first line that is no rule. */
export function parseRedirects(bytes: Uint8Array): readonly Rule[] {
  if (bytes.byteLength > MAX_SIZE) throw invalid(`redirects file size cannot exceed ${MAX_SIZE} bytes`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid('it is no UTF-8')
  }
  const rules: Rule[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    if (rules.length >= MAX_RULES) throw invalid(`more than ${MAX_RULES} rules`)
    rules.push(readRule(line, index + 1))
  }
  return rules
}

function readRule(line: string, number: number): Rule {
  const [from = '', to = '', code, ...more] = line.split(/[ \t]+/)
  const wrong = (what: string): SxError => invalid(`line ${number}: ${what}`)
  if (to === '' || more.length > 0) throw wrong('it must read «from to [status]»')
  if (!from.startsWith('/')) throw wrong('«from» must begin with /')
  // what is not one of this host's own addresses must say its scheme: `//host` would leave the host unseen
  if (!/^(?:\/(?![/\\])|https?:\/\/)[^\\]*$/.test(to) && to !== '/')
    throw wrong('«to» must be a path or an http address')
  if (code !== undefined && !/^\d{3}$/.test(code)) throw wrong(`invalid redirect status ${code.slice(0, 20)}`)
  const status = code === undefined ? 301 : Number(code)
  if (!statuses.has(status)) throw wrong(`unsupported redirect status ${status}`)
  if (!to.startsWith('/') && ![301, 302, 303, 307, 308].includes(status))
    throw wrong('only a redirect may lead to another host')
  const parts = from.split('/').slice(1)
  const splat = parts.at(-1) === '*'
  if (splat) parts.pop()
  if (parts.some(part => part.includes('*'))) throw wrong('* may stand at the end only')
  const names = parts.filter(part => part.startsWith(':'))
  if (new Set(names).size < names.length) throw wrong('a placeholder is used twice')
  return { from: parts, splat, to, status }
}

/** The first rule that fits `segments` (decoded). `search`: the visitor's own, with its `?`, or ''. */
export function matchRedirect(
  rules: readonly Rule[],
  segments: readonly string[],
  search: string,
  encode: (segment: string) => string,
): Match | undefined {
  for (const { from, splat, to, status } of rules) {
    const parts = from.at(-1) === '' ? from.slice(0, -1) : from
    if (splat ? segments.length < parts.length : segments.length !== parts.length) continue
    const values = new Map<string, string>()
    const fits = parts.every((part, i) => {
      const segment = segments[i]!
      if (!part.startsWith(':')) return part === segment || part === encode(segment)
      values.set(part.slice(1), encode(segment))
      return true
    })
    if (!fits) continue
    if (splat) values.set('splat', segments.slice(parts.length).map(encode).join('/'))
    const filled = to.replace(/:([A-Za-z_]\w*)/g, (all, name: string) => values.get(name) ?? all)
    // a placeholder at the start must not make a path into the name of another host
    const safe = to.startsWith('/') ? filled.replace(/^\/+/, '/') : filled
    return { to: status < 300 || status >= 400 ? safe : withQuery(safe, search), status }
  }
  return undefined
}

/** The rule's own parameters, and the visitor's, which count more. */
function withQuery(to: string, search: string): string {
  if (search.length < 2) return to
  const [, path = '', own = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/.exec(to)!
  const given = new URLSearchParams(search)
  const kept = [...new URLSearchParams(own)].filter(([name]) => !given.has(name))
  return `${path}?${new URLSearchParams([...kept, ...given])}${fragment}`
}
