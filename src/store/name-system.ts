// Names to content paths: IPNS records that lie here, DNSLink TXT records (https://dnslink.dev), one through the other.
import type { CID } from 'multiformats/cid'
import { SxError } from '../errors.ts'
import type { Clock, NameRecords, NameSystem, ResolvedName, Sha256 } from '../ports.ts'
import { findIpnsName, type IpnsRecord, ipnsNameText, readIpnsRecord } from './ipns-record.ts'

/** A name may lead to a name; a loop is an error, not a wait. */
const MAX_STEPS = 8
/** What the resolver does not tell: how long a TXT record may be kept. */
const DNS_SECONDS = 60
/** A year, as the gateway specification has it for what never changes. */
const LONGEST = 29_030_400
const MAX_NAMES = 1000

export interface NameSystemOptions {
  readonly records: NameRecords
  readonly clock: Clock
  readonly sha256: Sha256
  /** the TXT records of a domain, each whole; [] when there are none. Without it no domain resolves. */
  readonly txt?: ((domain: string) => Promise<readonly string[]>) | undefined
}

const notFound = (what: string, cause?: unknown): SxError => new SxError('name-not-found', what, {}, cause)

/** One label after the other, letters, digits, hyphens, underscores: what may be asked of the DNS. */
export const isDomain = (text: string): boolean =>
  text.length < 254 &&
  /^(?=.*[a-z])(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\.?$/i.test(text)

export function createNameSystem({ records, clock, sha256, txt }: NameSystemOptions): NameSystem {
  const domains = new Map<string, { readonly until: number; readonly path: Promise<string | undefined> }>()

  const ask = async (domain: string): Promise<string | undefined> => {
    for (const name of [`_dnslink.${domain}`, domain]) {
      let found: readonly string[]
      try {
        found = (await txt?.(name)) ?? []
      } catch (cause) {
        throw notFound(`the DNS does not answer for ${domain}`, cause)
      }
      // where there are several, the first in order counts, so that everybody takes the same (DNSLink specification)
      const links = found
        .filter(record => /^dnslink=\/(?:ipfs|ipns)\/[^\s]+$/.test(record))
        .map(record => record.slice('dnslink='.length))
        .sort()
      if (links[0] !== undefined) return links[0]
    }
    return undefined
  }

  const dnslink = (domain: string): Promise<string | undefined> => {
    const name = domain.toLowerCase().replace(/\.$/, '')
    const known = domains.get(name)
    if (known !== undefined && known.until > clock()) return known.path
    domains.delete(name)
    if (domains.size >= MAX_NAMES) domains.delete(domains.keys().next().value!)
    const path = ask(name)
    domains.set(name, { until: clock() + DNS_SECONDS * 1000, path })
    path.catch(() => domains.delete(name))
    return path
  }

  const recordOf = (name: CID): { record: IpnsRecord; bytes: Uint8Array } => {
    const bytes = records.get(name)
    if (bytes === undefined) throw notFound(`there is no record of ${ipnsNameText(name)} here`)
    return { record: readIpnsRecord(name, bytes, clock(), sha256), bytes }
  }

  const secondsOf = ({ ttl, validUntil }: IpnsRecord): number =>
    Math.max(0, Math.min(LONGEST, Math.floor(Math.min(ttl, validUntil - clock()) / 1000)))

  const step = async (name: string): Promise<{ path: string; seconds: number }> => {
    const key = findIpnsName(name)
    if (key !== undefined) {
      const { record } = recordOf(key)
      return { path: record.value, seconds: secondsOf(record) }
    }
    const path = isDomain(name) && txt !== undefined ? await dnslink(name) : undefined
    if (path === undefined) throw notFound(`${name.slice(0, 100)} has no DNSLink`)
    return { path, seconds: DNS_SECONDS }
  }

  return {
    canonical: text => {
      const key = findIpnsName(text)
      return key === undefined ? undefined : ipnsNameText(key)
    },
    record: text => {
      const key = findIpnsName(text)
      if (key === undefined) throw new SxError('cid-malformed', `${text.slice(0, 100)} is no IPNS name`)
      const { record, bytes } = recordOf(key)
      return { bytes, seconds: secondsOf(record) }
    },
    resolve: async (name): Promise<ResolvedName> => {
      let at = name
      let rest = ''
      let seconds = LONGEST
      for (let steps = 0; steps < MAX_STEPS; steps++) {
        const found = await step(at)
        seconds = Math.min(seconds, found.seconds)
        const [, namespace, root = '', ...segments] = found.path.split('/')
        rest = [...segments, rest].filter(text => text !== '').join('/')
        if (namespace === 'ipfs') return { root, rest, seconds }
        at = root
      }
      throw notFound(`${name.slice(0, 100)} leads from name to name more than ${MAX_STEPS} times`)
    },
    hasLink: async domain =>
      isDomain(domain) && txt !== undefined && (await dnslink(domain).catch(() => undefined)) !== undefined,
  }
}
