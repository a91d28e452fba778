// Requests to peers: retried with back-off where that can help, bounded in time and size, never with a secret in an error.
import { SxError } from '../errors.ts'

export interface HttpOptions {
  readonly fetch: typeof fetch
  /** resolves after so many milliseconds, rejects when the signal aborts */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  /** tries in all; default 4 */
  readonly attempts?: number
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** made anew for each try: a stream can be sent once only */
  readonly body?: () => BodyInit
  /** milliseconds for one try; default 60,000 */
  readonly timeout?: number
  /** statuses that are answers and no failures, besides 2xx */
  readonly accept?: readonly number[]
  readonly signal?: AbortSignal | undefined
}

export interface Http {
  /** Throws 'peer-failed' with `detail.status` where the peer answered. */
  ask(url: string, ask?: Ask): Promise<Response>
  /** the whole body as JSON */
  json(url: string, ask?: Ask): Promise<unknown>
  /** the whole body, of at most `most` bytes */
  bytes(url: string, most: number, ask?: Ask): Promise<Uint8Array>
}

/** A peer that is busy, or behind a proxy that is: another try may do. */
const MAY_PASS = new Set([408, 425, 429, 500, 502, 503, 504])
const FIRST_WAIT = 250
const LONGEST_WAIT = 10_000
const MOST_JSON = 16 * 2 ** 20
const MOST_WORDS = 300

/** Without query, user and password: what may be shown. */
const shown = (url: string): string => {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

export const createHttp = ({ fetch, sleep, attempts = 4 }: HttpOptions): Http => {
  const once = async (url: string, ask: Ask): Promise<Response> => {
    const limit = AbortSignal.timeout(ask.timeout ?? 60_000)
    const body = ask.body?.()
    const init: RequestInit & { duplex?: 'half' } = {
      method: ask.method ?? 'GET',
      headers: { ...ask.headers },
      redirect: 'follow',
      signal: ask.signal === undefined ? limit : AbortSignal.any([limit, ask.signal]),
      ...(body !== undefined && { body, duplex: 'half' }),
    }
    return fetch(url, init)
  }

  const ask = async (url: string, options: Ask = {}): Promise<Response> => {
    let wait = FIRST_WAIT
    for (let left = attempts - 1; ; left--) {
      let failure: SxError
      let after: number | undefined
      try {
        const response = await once(url, options)
        if (response.ok || options.accept?.includes(response.status)) return response
        const words = (await read(response, 4096, url).catch(() => new Uint8Array())).subarray(0, MOST_WORDS)
        failure = new SxError(
          'peer-failed',
          `${shown(url)} answered ${response.status}${words.length === 0 ? '' : `: ${oneLine(words)}`}`,
          { status: response.status },
        )
        if (!MAY_PASS.has(response.status)) throw failure
        after = retryAfter(response.headers.get('retry-after'))
      } catch (error) {
        if (options.signal?.aborted) throw options.signal.reason
        if (error instanceof SxError) throw error
        failure = new SxError('peer-failed', `${shown(url)} can't be reached: ${causeOf(error)}`, {}, error)
      }
      if (left <= 0) throw failure
      await sleep(Math.min(after ?? wait, LONGEST_WAIT), options.signal)
      wait *= 2
    }
  }
  const bytes = async (url: string, most: number, options?: Ask): Promise<Uint8Array> =>
    read(await ask(url, options), most, url)
  return {
    ask,
    bytes,
    json: async (url, options) => {
      const text = new TextDecoder().decode(await bytes(url, MOST_JSON, options))
      try {
        return JSON.parse(text)
      } catch (cause) {
        throw new SxError('peer-failed', `${shown(url)} answered something that is no JSON`, {}, cause)
      }
    },
  }
}

const oneLine = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(/\s+/g, ' ').trim()

/** What fetch hides behind "fetch failed". */
const causeOf = (error: unknown): string => {
  const { cause, message, name } = error as {
    cause?: { code?: string; message?: string }
    message?: string
    name?: string
  }
  if (name === 'TimeoutError') return 'no answer in time'
  return cause?.code ?? cause?.message ?? message ?? String(error)
}

const retryAfter = (header: string | null): number | undefined =>
  header !== null && /^\d{1,4}$/.test(header) ? Number(header) * 1000 : undefined

async function read(response: Response, most: number, url: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of response.body ?? []) {
      size += part.length
      if (size > most) throw new SxError('peer-failed', `${shown(url)} sends more than ${most} bytes`)
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof SxError) throw error
    throw new SxError('peer-failed', `${shown(url)} broke off: ${causeOf(error)}`, {}, error)
  }
  return new Uint8Array(Buffer.concat(parts))
}
