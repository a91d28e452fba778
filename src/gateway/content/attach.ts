// Content on a server: before any route, since on some hosts every path is content.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../ports.ts'
import type { Answer } from '../answer.ts'
import { createRateLimiter } from '../limiter.ts'
import type { Content } from './content.ts'
import type { ContentOptions } from './content-port.ts'
import { createHotBlocks, type HotBlocks, type PlainRequest } from './hot.ts'

export interface AttachOptions {
  readonly content: Content
  readonly denied: ContentOptions['denied']
  readonly clock: Clock
  readonly limits: { readonly perMinute: number; readonly hotBytes: number }
  /** the address to count requests by */
  clientOf(request: FastifyRequest): string
  respond(request: FastifyRequest, reply: FastifyReply, answer: Answer): Promise<void>
  fail(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void>
}

/** What is ready goes past this server's routes and hooks; undefined where each request must be counted. */
export function attachContent(server: FastifyInstance, o: AttachOptions): HotBlocks | undefined {
  const { content, limits } = o
  const rate = createRateLimiter(limits.perMinute, o.clock)
  const hot =
    limits.perMinute > 0
      ? undefined
      : createHotBlocks({ bytes: limits.hotBytes, isOrdinary: content.isOrdinary, denied: o.denied })

  server.addHook('onRequest', async (request, reply) => {
    const { raw } = request
    const header = (name: string): string | undefined => {
      const value = raw.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    }
    const gone = new AbortController()
    try {
      const found = content.answer({
        method: raw.method ?? '',
        url: raw.url!,
        header,
        encrypted: 'encrypted' in raw.socket,
        signal: gone.signal,
        admit: () => {
          reply.raw.on('close', () => gone.abort())
          rate.take(o.clientOf(request))
        },
      })
      const made = found === undefined ? undefined : await found
      if (made === undefined) return
      hot?.keep(raw as PlainRequest, made)
      await o.respond(request, reply, made)
    } catch (error) {
      // nobody is there to be told
      if (gone.signal.aborted) reply.hijack()
      else await o.fail(error, request, reply)
    }
    return reply
  })

  // a tunnel leads back here, so that a client which takes this gateway for a proxy finds its hosts; to no other place
  server.server.on('connect', (request, socket) => {
    const { localAddress, localPort } = request.socket
    const asked = request.url ?? ''
    if (asked !== `${localAddress}:${localPort}` && !content.isOwnHost(asked))
      return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    server.server.emit('connection', socket)
  })
  return hot
}
