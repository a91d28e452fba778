// Who may change something: pages of this origin. Browsers say where a request comes from; forms repeat a token too.
import { SxError } from '../errors.ts'

export const cookieName = 'sx-csrf'
export const fieldName = '_csrf'
export const tokenHeader = 'x-csrf-token'

const refuse = (why: string): never => {
  throw new SxError('forbidden', why, { hint: 'send it from a page of this site' })
}

export type Header = (name: string) => string | undefined

/** Throws 'forbidden' for a request that another site made. A client that says nothing is no browser. */
export const checkOrigin = (header: Header): void => {
  const site = header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin') refuse('another site may not ask for that')
  const origin = header('origin')
  if (origin === undefined) return
  // `null` is a sandboxed frame's, and some redirect's: nobody's own page.
  const host = URL.parse(origin)?.host
  if (host === undefined || host !== header('host')?.toLowerCase())
    refuse('another site may not ask for that')
}

const shape = /^[A-Za-z0-9_-]{22,64}$/

/** The token that the browser keeps; undefined: none, or none of ours. */
export const tokenOf = (header: Header): string | undefined => {
  for (const part of (header('cookie') ?? '').slice(0, 8192).split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === cookieName && value !== undefined && shape.test(value)) return value
  }
  return undefined
}

const same = (a: string, b: string): boolean => {
  let other = a.length ^ b.length
  for (let i = 0; i < a.length; i++) other |= a.charCodeAt(i) ^ b.charCodeAt(i % Math.max(1, b.length))
  return other === 0
}

/** Throws 'forbidden' unless the form, or a header, repeats the cookie's token (double submit). */
export const checkToken = (header: Header, field: string | null): void => {
  const kept = tokenOf(header)
  const sent = header(tokenHeader) ?? field ?? undefined
  if (kept === undefined || sent === undefined || !same(kept, sent))
    throw new SxError('forbidden', 'the form has no valid token', {
      hint: `put (csrf-token) into a field named ${fieldName}`,
    })
}

/** `secure`: the request came over TLS. Scripts of the page read it, for forms of pages that were built. */
export const tokenCookie = (token: string, secure: boolean): string =>
  `${cookieName}=${token}; Path=/; SameSite=Strict${secure ? '; Secure' : ''}`
