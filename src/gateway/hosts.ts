// Which host name means what. Only names that the configuration lists are more than a name; forwarded ones count only
// where it says that a proxy in front may be believed.
import { SxError } from '../errors.ts'

/**
 * - `path` (any host that is not named): the site, and content at `/ipfs/…` and `/ipns/…`
 * - `subdomain`: the site, and content at `{cid}.ipfs.{host}` and `{name}.ipns.{host}`, where paths are sent on to
 * - `trustless`: nothing but blocks, CARs and IPNS records at `/ipfs/…` and `/ipns/…`
 * - `dnslink`: the content that the name's own DNSLink leads to
 * - `site`: the site alone
 */
export type HostMode = 'path' | 'subdomain' | 'trustless' | 'dnslink' | 'site'

export interface HostRules {
  /** host names, lower case, with a port or without */
  readonly hosts: Readonly<Record<string, HostMode>>
  /** a host that is not named shows what its DNSLink leads to, where it has one */
  readonly dnslink: boolean
  /** `X-Forwarded-Host`, `X-Forwarded-Proto` and `X-Forwarded-For` come from a proxy of ours */
  readonly forwarded: boolean
}

export const defaultHosts: HostRules = { hosts: { localhost: 'subdomain' }, dnslink: false, forwarded: false }

export type HostMeaning =
  | { readonly mode: Exclude<HostMode, 'dnslink'>; readonly host: string }
  /** `maybe`: it was not named; without a DNSLink it is an ordinary host */
  | { readonly mode: 'dnslink'; readonly host: string; readonly name: string; readonly maybe: boolean }
  | {
      readonly mode: 'content'
      readonly namespace: 'ipfs' | 'ipns'
      /** CID, IPNS name or domain (hyphens undone); as the host has it, in lower case */
      readonly root: string
      /** the gateway's own host, with the port that the client used */
      readonly host: string
    }

export interface Hosts {
  /** of the `Host` header (or its forwarded form) */
  meaning(host: string): HostMeaning
  /** the header's text that counts for this request */
  hostOf(header: (name: string) => string | undefined): string
  /** `http` or `https`, as the client sees it */
  schemeOf(header: (name: string) => string | undefined, encrypted: boolean): 'http' | 'https'
}

const KEPT = 1000
const allowed = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/

export function createHosts({ hosts, dnslink, forwarded }: HostRules): Hosts {
  const named = new Map(Object.entries(hosts).map(([name, mode]) => [name.toLowerCase(), mode]))
  const known = new Map<string, HostMeaning>()

  const read = (text: string): HostMeaning => {
    if (text.length > 300 || !allowed.test(text))
      throw new SxError('request-invalid', 'the host of the request is no host name')
    const bare = text.replace(/:\d+$/, '').replace(/\.$/, '')
    const own = named.get(text) ?? named.get(bare)
    if (own !== undefined && own !== 'dnslink') return { mode: own, host: text }
    if (own === 'dnslink') return { mode: 'dnslink', host: text, name: bare, maybe: false }
    for (const [name, mode] of named) {
      if (mode !== 'subdomain') continue
      const whole = name.includes(':') ? text : bare
      for (const namespace of ['ipfs', 'ipns'] as const) {
        const ending = `.${namespace}.${name}`
        if (!whole.endsWith(ending)) continue
        const root = whole.slice(0, -ending.length)
        const host = text.slice(root.length + namespace.length + 2)
        return { mode: 'content', namespace, root: namespace === 'ipns' ? uninlined(root) : root, host }
      }
    }
    return dnslink && bare.includes('.') && !/^[\d.]+$/.test(bare)
      ? { mode: 'dnslink', host: text, name: bare, maybe: true }
      : { mode: 'path', host: text }
  }

  const forwardedValue = (value: string | undefined): string | undefined =>
    forwarded ? value?.split(',', 1)[0]?.trim() : undefined

  return {
    meaning: host => {
      let found = known.get(host)
      if (found === undefined) {
        found = read(host.toLowerCase())
        if (known.size >= KEPT) known.clear()
        known.set(host, found)
      }
      return found
    },
    hostOf: header => forwardedValue(header('x-forwarded-host')) ?? (header('host') || 'localhost'),
    schemeOf: (header, encrypted) => {
      const told = forwardedValue(header('x-forwarded-proto'))
      return told === 'https' || told === 'http' ? told : encrypted ? 'https' : 'http'
    },
  }
}

/** A domain in one label, so that a wildcard certificate covers it: `en-wikipedia--on--ipfs-org` (subdomain specification). */
const uninlined = (label: string): string =>
  label.includes('.') || !label.includes('-')
    ? label
    : label.replaceAll('--', '\0').replaceAll('-', '.').replaceAll('\0', '-')

export const inlined = (domain: string): string => domain.replaceAll('-', '--').replaceAll('.', '-')
