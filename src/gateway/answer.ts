// An answer as plain data, and the one place that writes it to a response.
import type { ServerResponse } from 'node:http'

export interface Answer {
  readonly status: number
  /** name, value, name, value …: Node writes this form without another look */
  readonly headers: readonly string[]
  /** a stream's length must stand in its headers */
  readonly body?: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

export interface WholeAnswer extends Answer {
  readonly body?: Uint8Array
}

/** Pairs to the flat form, what is undefined left out. */
export function headers(pairs: Readonly<Record<string, string | undefined>>): string[] {
  const flat: string[] = []
  for (const [name, value] of Object.entries(pairs)) if (value !== undefined) flat.push(name, value)
  return flat
}

/** An answer with all of its body at hand. */
export function answer(
  status: number,
  pairs: Readonly<Record<string, string | undefined>>,
  body?: Uint8Array | string,
): WholeAnswer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const flat = headers(pairs)
  if (bytes === undefined) return { status, headers: flat }
  flat.push('Content-Length', String(bytes.byteLength))
  return { status, headers: flat, body: bytes }
}

/**
 * Writes it; for HEAD the headers only. A stream that fails after its first bytes is cut: a client that counts sees
 * it. Rejects with what went wrong before the first byte, so that the caller may still answer with an error. A reader who
 * takes nothing for `stall` milliseconds (0: any time) is cut too.
 */
export async function write(
  response: ServerResponse,
  { status, headers, body }: Answer,
  head: boolean,
  stall = 0,
): Promise<void> {
  if (body === undefined || body instanceof Uint8Array || head) {
    response.writeHead(status, headers as string[])
    response.end(head ? undefined : (body as Uint8Array | undefined))
    return
  }
  const chunks = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]()
  const first = await chunks.next()
  response.writeHead(status, headers as string[])
  try {
    for (let chunk = first; !chunk.done; chunk = await chunks.next()) {
      if (response.destroyed) return
      if (!response.write(chunk.value)) await drained(response, stall)
      await turn()
    }
    response.end()
  } catch (error) {
    response.destroy()
    throw error
  } finally {
    await chunks.return?.()
  }
}

/**
 * Everybody else's turn. A socket that takes all at once drains within this very turn of the event loop, so a stream of
 * blocks that are at hand would never let go of it.
 */
const turn = (): Promise<void> => new Promise(setImmediate)

const drained = (response: ServerResponse, stall: number): Promise<void> =>
  new Promise(resolve => {
    const timer = stall > 0 ? setTimeout(() => response.destroy(), stall) : undefined
    const done = (): void => {
      clearTimeout(timer)
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
