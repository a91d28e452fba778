// Small blocks that were asked for before, ready to be written: past routes, hooks and everything that is decided anew.
import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from '../answer.ts'
import { createByteCache } from '../byte-cache.ts'
import type { Denylist } from '../denylist.ts'

export interface PlainRequest {
  readonly method: string | undefined
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

export interface Ready {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: Uint8Array | undefined
}

export interface HotBlocks {
  /** undefined: it takes the long way. Never throws. */
  find(request: PlainRequest): Ready | undefined
  /** The answer that the long way gave. */
  keep(request: PlainRequest, answer: Answer): void
}

interface Held {
  readonly etag: string
  readonly whole: Ready
  readonly unchanged: Ready
}

/** `/ipfs/{cid}?format=raw`, asked as programs ask: nothing in it but the address decides what the answer is. */
const isPlain = ({ method, url, headers }: PlainRequest): boolean =>
  method === 'GET' &&
  url.startsWith('/ipfs/') &&
  url.endsWith('?format=raw') &&
  url.indexOf('/', 6) < 0 &&
  headers.range === undefined &&
  headers['cache-control'] === undefined &&
  headers['service-worker'] === undefined &&
  (headers.accept === undefined || headers.accept === '*/*' || headers.accept === 'application/vnd.ipld.raw')

/** `isOrdinary`: the request's host has content by path. */
export function createHotBlocks(o: {
  readonly bytes: number
  readonly isOrdinary: (headers: IncomingHttpHeaders) => boolean
  readonly denied: (() => Denylist) | undefined
}): HotBlocks {
  let cache = createByteCache<Held>(o.bytes)
  let list = o.denied?.()
  const current = (): typeof cache => {
    const now = o.denied?.()
    if (now !== list) {
      list = now
      cache = createByteCache<Held>(o.bytes)
    }
    return cache
  }
  return {
    find: request => {
      if (!isPlain(request) || !o.isOrdinary(request.headers)) return undefined
      const held = current().get(request.url)
      if (held === undefined) return undefined
      const match = request.headers['if-none-match']
      if (match === undefined) return held.whole
      return match === held.etag ? held.unchanged : undefined
    },
    keep: (request, { status, headers, body }) => {
      if (status !== 200 || !(body instanceof Uint8Array) || !isPlain(request)) return
      if (!o.isOrdinary(request.headers)) return
      const at = headers.indexOf('ETag')
      const etag = headers[at + 1]
      if (at < 0 || etag === undefined) return
      const kept = ['Content-Type', 'Content-Disposition', 'Content-Length', 'Accept-Ranges']
      const unchanged: string[] = []
      for (let i = 0; i < headers.length; i += 2)
        if (!kept.includes(headers[i]!)) unchanged.push(headers[i]!, headers[i + 1]!)
      current().set(
        request.url,
        {
          etag,
          whole: { status: 200, headers, body },
          unchanged: { status: 304, headers: unchanged, body: undefined },
        },
        body.byteLength,
      )
    },
  }
}
