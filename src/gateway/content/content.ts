// Which content a request means, by its host and its path, and on which address it belongs.
import type { IncomingHttpHeaders } from 'node:http'
import type { CID } from 'multiformats/cid'
import { SxError } from '../../errors.ts'
import { base36Of, findAnyCid, readAnyCid, textOfCid } from '../../ipld/any-cid.ts'
import { type Answer, answer, headers } from '../answer.ts'
import { createHosts, defaultHosts, type HostMeaning, inlined } from '../hosts.ts'
import { type Target, targetOf } from '../request-path.ts'
import { type Asked, addressOf, encodeSegment, type Header, segmentsOf } from './asked.ts'
import { createFollow, type FollowOptions } from './follow.ts'
import { verifiable, wantedOf } from './format.ts'
import { cors } from './headers.ts'

const LABEL = 63

type PathMode = 'path' | 'subdomain' | 'trustless'

export interface ContentRequest {
  readonly method: string
  readonly url: string
  readonly header: Header
  readonly encrypted: boolean
  readonly signal: AbortSignal | undefined
  /** called when it is a matter of content, before anything is done. Throws for who asks too often. */
  admit(): void
}

export interface Content {
  /** undefined: the request is no matter of content, but of the site */
  answer(request: ContentRequest): Promise<Answer | undefined> | undefined
  /** has the host of these headers content by path, whoever asks? Never throws. */
  isOrdinary(headers: IncomingHttpHeaders): boolean
  /** may a proxy's client ask for a tunnel to `host`? Only to what this gateway is itself. */
  isOwnHost(host: string): boolean
}

export function createContent(
  o: FollowOptions & { readonly limits: FollowOptions['limits'] & { readonly url: number } },
): Content {
  const { names } = o
  const hosts = createHosts(o.hosts ?? defaultHosts)
  const follow = createFollow(o)

  /** `/ipfs/{root}/…` or `/ipns/{root}/…` on a host that has them. */
  const byPath = async (
    target: Target,
    namespace: 'ipfs' | 'ipns',
    mode: PathMode,
    host: string,
    request: ContentRequest,
  ): Promise<Answer> => {
    const query = new URLSearchParams(target.query)
    const uri = query.get('uri')
    const [, , first = '', ...rest] = target.path.split('/')
    if (first === '' && uri !== null) return handedOver(uri)
    let root: string
    try {
      root = decodeURIComponent(first)
    } catch (cause) {
      throw new SxError('request-invalid', 'the address has a broken percent-escape', {}, cause)
    }
    if (namespace === 'ipfs' && findAnyCid(root) === undefined)
      throw new SxError('cid-malformed', `invalid path "${target.path}": ${root.slice(0, 80)} is no CID`)
    const below = segmentsOf(`/${rest.join('/')}`)
    const asked: Asked = {
      ...askedOf(request, query, target.query),
      namespace,
      root,
      segments: below.segments,
      slash: rest.length > 0 && below.slash,
      mount: { kind: 'path' },
    }
    const { format } = asked.wanted
    if (mode === 'trustless') {
      if (format === undefined && request.header('accept') === undefined)
        throw new SxError('request-invalid', 'this host serves what can be verified: say in which form', {
          hint: 'format=raw, format=car or format=ipns-record',
        })
      if (format === undefined || !verifiable.has(format))
        throw new SxError('not-acceptable', 'this host serves blocks, CARs and IPNS records only')
    }
    // what a client verifies by itself needs no origin of its own, and the way to it costs a request
    if (mode === 'subdomain' && (format === undefined || !verifiable.has(format)))
      return toSubdomain(asked, host, request)
    const canonical = namespace === 'ipns' ? names.canonical(root) : undefined
    if (canonical !== undefined && canonical !== root)
      return moved(302, `${addressOf({ ...asked, root: canonical }, asked.segments)}${tail(asked)}`)
    return follow(asked)
  }

  const askedOf = (
    request: ContentRequest,
    query: URLSearchParams,
    search: string,
  ): Pick<Asked, 'method' | 'query' | 'search' | 'wanted' | 'header' | 'signal'> => ({
    method: request.method === 'HEAD' ? 'HEAD' : 'GET',
    query,
    search,
    wanted: wantedOf(query, request.header('accept')),
    header: request.header,
    signal: request.signal,
  })

  const toSubdomain = (asked: Asked, host: string, { header, encrypted }: ContentRequest): Answer => {
    const scheme = hosts.schemeOf(header, encrypted)
    const label = asked.namespace === 'ipfs' ? cidLabel(readAnyCid(asked.root)) : nameLabel(asked.root)
    const path = asked.segments.map(segment => `/${encodeSegment(segment)}`).join('')
    return moved(
      301,
      `${scheme}://${label}.${asked.namespace}.${host}${path}${path === '' || asked.slash ? '/' : ''}${asked.search}`,
    )
  }

  const nameLabel = (name: string): string => {
    const key = names.canonical(name)
    return key ?? inlined(name.toLowerCase().replace(/\.$/, ''))
  }

  /** `{root}.ipfs.{host}` and `{name}.ipns.{host}`. */
  const bySubdomain = async (
    target: Target,
    host: HostMeaning & { mode: 'content' },
    request: ContentRequest,
  ): Promise<Answer> => {
    const query = new URLSearchParams(target.query)
    const below = segmentsOf(target.path)
    const asked: Asked = {
      ...askedOf(request, query, target.query),
      namespace: host.namespace,
      root: host.root,
      segments: below.segments,
      slash: below.slash,
      mount: { kind: 'subdomain', gateway: host.host },
    }
    const scheme = hosts.schemeOf(request.header, request.encrypted)
    const label = host.namespace === 'ipfs' ? cidLabel(readAnyCid(host.root)) : names.canonical(host.root)
    if (label !== undefined && label !== host.root)
      return moved(
        301,
        `${scheme}://${label}.${host.namespace}.${host.host}${addressOf(asked, asked.segments)}${tail(asked)}`,
      )
    return follow(asked)
  }

  const byDnslink = async (
    target: Target,
    host: string,
    name: string,
    request: ContentRequest,
  ): Promise<Answer> => {
    const below = segmentsOf(target.path)
    return follow({
      ...askedOf(request, new URLSearchParams(target.query), target.query),
      namespace: 'ipns',
      root: name,
      segments: below.segments,
      slash: below.slash,
      mount: { kind: 'dnslink', host },
    })
  }

  /** A host with the namespaces; what is in neither is the site's, where there is one. */
  const ordinary = (
    target: Target,
    mode: PathMode,
    host: string,
    request: ContentRequest,
  ): Promise<Answer> | undefined => {
    const namespace = /^\/(ipfs|ipns)(?:\/|$)/.exec(target.path)?.[1] as 'ipfs' | 'ipns' | undefined
    if (namespace !== undefined) return read(request, () => byPath(target, namespace, mode, host, request))
    if (target.path === '/healthz' || (mode !== 'trustless' && o.only !== true)) return undefined
    return read(request, () =>
      Promise.reject(new SxError('not-found', 'there is nothing but /ipfs/ and /ipns/ on this host')),
    )
  }

  return {
    isOrdinary: ({ host = 'localhost', 'x-forwarded-host': forwarded }) => {
      if (forwarded !== undefined && o.hosts?.forwarded === true) return false
      try {
        const { mode } = hosts.meaning(host)
        return mode === 'path' || mode === 'subdomain' || mode === 'trustless'
      } catch {
        return false
      }
    },
    isOwnHost: host => {
      try {
        const { mode } = hosts.meaning(host)
        return mode === 'content' || mode === 'subdomain'
      } catch {
        return false
      }
    },
    answer: request => {
      const host = hosts.meaning(hostOf(request, hosts.hostOf(request.header)))
      if (host.mode === 'site') return undefined
      const target = targetOf(request.url, o.limits.url)
      if (host.mode === 'content') return read(request, () => bySubdomain(target, host, request))
      if (host.mode !== 'dnslink') return ordinary(target, host.mode, host.host, request)
      const own = (): Promise<Answer> => read(request, () => byDnslink(target, host.host, host.name, request))
      if (!host.maybe) return own()
      // a name that nobody listed: its own content when it has a DNSLink, a host like any other when not
      return names
        .hasLink(host.name)
        .then(has => (has ? own() : ordinary(target, 'path', host.host, request)))
    },
  }
}

/** Only reading is possible; whoever asks what is possible is told. */
async function read(request: ContentRequest, handle: () => Promise<Answer>): Promise<Answer> {
  const { method } = request
  request.admit()
  if (method === 'OPTIONS') return preflight
  if (method === 'GET' || method === 'HEAD') return handle()
  throw new SxError('method-not-allowed', `${method.slice(0, 20)} means nothing here`, {
    hint: 'GET, HEAD and OPTIONS do',
    allow: 'GET, HEAD, OPTIONS',
  })
}

const preflight: Answer = { status: 204, headers: headers({ ...cors, 'Access-Control-Max-Age': '86400' }) }

const moved = (status: number, location: string): Answer =>
  answer(status, { ...cors, Location: location, 'Cache-Control': 'public, max-age=3600' }, '')

const tail = ({ slash, segments, search }: Asked): string =>
  `${slash && segments.length > 0 ? '/' : ''}${search}`

/** The name that fits a host name: base32, or base36 for what is a little too long. */
function cidLabel(cid: CID): string {
  const text = textOfCid(cid)
  if (text.length <= LABEL) return text
  const shorter = base36Of(cid)
  if (shorter.length <= LABEL) return shorter
  throw new SxError('request-invalid', `CID incompatible with DNS label length limit of 63: ${text}`)
}

/** `ipfs://…` links that a browser hands over as `?uri=`. */
function handedOver(uri: string): Answer {
  const match = /^(ipfs|ipns):\/\/([^/?#]+)([^?#]*)(\?[^#]*)?/.exec(uri)
  if (match === null || /[\s\p{Cc}\p{Cs}]/u.test(uri))
    throw new SxError('request-invalid', 'uri must be an ipfs:// or ipns:// address')
  const [, namespace, root = '', path = '', query = ''] = match
  const { segments, slash } = segmentsOf(path)
  const below = segments.map(segment => `/${encodeSegment(segment)}`).join('')
  const search = query.replace(/[^\x21-\x7e]/gu, encodeURIComponent)
  return moved(301, `/${namespace}/${encodeSegment(root)}${below}${slash && path !== '' ? '/' : ''}${search}`)
}

/** A proxy's client names the host in the request line itself (RFC 9112 §3.2.2). */
function hostOf({ url }: ContentRequest, header: string): string {
  if (url.startsWith('/')) return header
  const found = /^[a-z][a-z0-9+.-]*:\/\/([^/?#@]+)/i.exec(url)?.[1]
  return found ?? header
}
