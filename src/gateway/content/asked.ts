// A request for content, taken apart: which content path, in which form, and how addresses around it are written.
import { SxError } from '../../errors.ts'
import type { Wanted } from './format.ts'

export type Header = (name: string) => string | undefined

/** How the content's root is reached: it decides how links are written and whether `_redirects` counts. */
export type Mount =
  /** `/ipfs/{cid}/…` on a host that has other things too */
  | { readonly kind: 'path' }
  /** `{cid}.ipfs.{gateway}`: an origin of its own */
  | { readonly kind: 'subdomain'; readonly gateway: string }
  /** a domain of its own */
  | { readonly kind: 'dnslink'; readonly host: string }

export interface Asked {
  readonly method: 'GET' | 'HEAD'
  readonly namespace: 'ipfs' | 'ipns'
  /** a CID, an IPNS name or a domain, as it was written */
  readonly root: string
  /** decoded, none empty */
  readonly segments: readonly string[]
  /** a directory is meant: the path ended in `/` */
  readonly slash: boolean
  readonly query: URLSearchParams
  /** with its `?`, as sent, or '' */
  readonly search: string
  readonly wanted: Wanted
  readonly mount: Mount
  readonly header: Header
  readonly signal: AbortSignal | undefined
}

/** Decodes the segments of a path; empty ones fall away. Throws 'request-invalid' for a broken escape. */
export function segmentsOf(path: string): { readonly segments: string[]; readonly slash: boolean } {
  const parts = path.split('/').filter(part => part !== '')
  try {
    return { segments: parts.map(decodeURIComponent), slash: path.endsWith('/') || parts.length === 0 }
  } catch (cause) {
    throw new SxError('request-invalid', 'the address has a broken percent-escape', {}, cause)
  }
}

/** As Go's and browsers' encoders write a segment: what may stand in a path stands. */
export const encodeSegment = (text: string): string =>
  encodeURIComponent(text.isWellFormed() ? text : '�').replace(
    /%(?:24|26|2B|2C|3A|3B|3D|40)/g,
    decodeURIComponent,
  )

const below = (segments: readonly string[]): string =>
  segments.map(segment => `/${encodeSegment(segment)}`).join('')

/** The address of `segments` below the content's root, on the host that was asked. */
export const addressOf = ({ mount, namespace, root }: Asked, segments: readonly string[]): string =>
  mount.kind === 'path' ? `/${namespace}/${root}${below(segments)}` : below(segments) || '/'

/** `X-Ipfs-Path`. */
export const contentPath = ({ namespace, root, segments, slash }: Asked): string =>
  `/${namespace}/${root}${below(segments)}${slash && segments.length > 0 ? '/' : ''}`

/** The address with the format that `Accept` chose, so that caches keep forms apart (IPIP-523). */
export function locationOf(asked: Asked): string | undefined {
  const { wanted, query, segments, slash } = asked
  if (wanted.location === undefined) return undefined
  const all = new URLSearchParams(query)
  all.set('format', wanted.location)
  if (wanted.format === 'car') {
    const { version, order, dups } = wanted.car
    for (const [name, value] of [
      ['car-version', version],
      ['car-order', order],
      ['car-dups', dups],
    ] as const)
      if (value !== undefined && value !== '') all.set(name, value)
  }
  return `${addressOf(asked, segments)}${slash && segments.length > 0 ? '/' : ''}?${all}`
}
