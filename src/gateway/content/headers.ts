// Headers of content: who may read it, how long it may be kept, how it is to be shown.
import type { Asked } from './asked.ts'

/** https://specs.ipfs.tech/http-gateways/path-gateway/: anyone may read; no cookie is ever looked at. */
export const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': 'Content-Type, Range, User-Agent, X-Requested-With',
  'Access-Control-Expose-Headers':
    'Content-Length, Content-Range, Content-Location, ETag, X-Chunked-Output, X-Ipfs-Path, X-Ipfs-Roots, X-Stream-Output',
}

export const IMMUTABLE = 'public, max-age=29030400, immutable'
/** Pages that the gateway makes: what they show stays, how they show it may change. */
export const GENERATED = 'public, max-age=604800, stale-while-revalidate=2678400'

/** Below a name: as long as the name's answer may be kept, and never for ever. */
export const cacheControl = (seconds: number | undefined, own: string): string =>
  seconds === undefined ? own : `public, max-age=${seconds}`

/** The name that `?filename=` gives. Listings escape it twice, as other gateways' do. */
export const fileNameOf = (query: URLSearchParams): string | undefined => {
  const name = query.get('filename')
  if (name === null || name === '' || name.length > 1024) return undefined
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** RFC 6266 with both forms of the name where one can't hold it; no character of it can leave its quotes. */
export function disposition(how: 'inline' | 'attachment', name: string): string {
  const safe = name.isWellFormed() ? name : '�'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  const ascii = safe.replace(/[\u0000-\u001f"\\\u007f]/g, '_').replace(/[^\x20-\x7e]/gu, '_')
  if (ascii === safe) return `${how}; filename="${ascii}"`
  const encoded = encodeURIComponent(safe).replace(
    /['()*]/g,
    c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${how}; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

/** For forms that have a name of their own; `download=true` is always a download. */
export const dispositionOf = ({ query }: Asked, how: 'inline' | 'attachment', name: string): string =>
  disposition(query.get('download') === 'true' ? 'attachment' : how, fileNameOf(query) ?? name)
