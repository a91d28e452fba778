// The HTTP gateway: definitions by CID, pages and files by path, out of one store. Fastify carries it; answers are data.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { errorCodes, SxError } from '../errors.ts'
import { type Answer, answer, write } from './answer.ts'
import { clientOf } from './client-address.ts'
import { attachContent } from './content/attach.ts'
import { createContent } from './content/content.ts'
import { cors } from './content/headers.ts'
import type { PlainRequest } from './content/hot.ts'
import { readDataFile } from './data-file.ts'
import { createDevEvents, createDevPage, eventsPath } from './dev.ts'
import { errorResponse, toSxError } from './error-response.ts'
import { defaultLimits, type Gateway, type GatewayOptions } from './gateway-port.ts'
import { createHosts, defaultHosts } from './hosts.ts'
import { createShell } from './html.ts'
import { createRateLimiter } from './limiter.ts'
import { createLog } from './log.ts'
import { wantsHtml, wantsSx } from './negotiate.ts'
import { readFilePath, type Target, targetOf } from './request-path.ts'
import { BODY, createActions, WrongMethod } from './routes/action.ts'
import { createDefinitions, prefix, preflight } from './routes/definition.ts'
import { createFiles } from './routes/file.ts'
import { createPatches, patchPrefix } from './routes/patch.ts'
import { createReleaseFiles, releasePrefix } from './routes/release.ts'
import { createWirePages } from './routes/wire.ts'
import { createSites, type Site } from './sites.ts'

const READ = 'GET, HEAD, OPTIONS'

export async function createGateway(o: GatewayOptions): Promise<Gateway> {
  const limits = { ...defaultLimits, ...o.limits }
  const log = createLog(o.log, o.clock)
  const shell = createShell(o.sha256)
  const sites = createSites(o.store, o.sha256, o.root ?? (() => o.store.roots(o.site)[0]?.root))
  const devPage = o.dev === undefined ? undefined : createDevPage(o.sha256)
  const devEvents = o.dev === undefined ? undefined : createDevEvents(o.dev, limits.listeners)
  const definitions = createDefinitions({ store: o.store, sites, shell, hotBytes: limits.hotBytes })
  const files = createFiles({
    files: o.files,
    fileBytes: limits.fileBytes,
    fileSize: limits.fileSize,
    dev: devPage,
  })

  const logged = (error: unknown): void =>
    log.write('error', 'evaluation failed', {
      code: error instanceof SxError ? error.code : undefined,
      message: error instanceof Error ? error.message : String(error),
      definition: error instanceof SxError ? error.detail.definition : undefined,
    })
  const dataFile = (site: Site, name: string) => readDataFile(o.files, site, name)
  const actions = createActions({
    store: o.store,
    files: o.files,
    sha256: o.sha256,
    clock: o.clock,
    random: o.random,
    user: o.user,
    dataFile,
    log: logged,
  })
  const wire = createWirePages({
    store: o.store,
    files: o.files,
    sha256: o.sha256,
    evaluations: actions.evaluations,
    dataFile,
    log: logged,
    bytes: limits.hotBytes / 4,
  })

  const patches = createPatches({ store: o.store, sha256: o.sha256, bytes: limits.hotBytes / 8 })
  const release = createReleaseFiles({
    store: o.store,
    files: o.files,
    definitions,
    root: () => sites.current()?.root,
    patches,
    directory: () => o.release?.(),
  })

  const server = fastify({
    logger: false,
    // requests that come while it stops are answered, on connections that close after them
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    keepAliveTimeout: 65_000,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: limits.url + 1, ignoreTrailingSlash: false, caseSensitive: true },
    exposeHeadRoutes: false,
    // a target that the router can't read is a client's mistake like any other
    frameworkErrors: (error, request, reply) =>
      void fail(new SxError('request-invalid', 'the address can’t be read', {}, error), request, reply),
    clientErrorHandler: (_error, socket) => {
      if (socket.writable)
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      else socket.destroy()
    },
  })
  // nothing is ever read from a body
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })

  const respond = (request: FastifyRequest, reply: FastifyReply, what: Answer): Promise<void> => {
    reply.hijack()
    return write(reply.raw, what, request.raw.method === 'HEAD', limits.stall)
  }

  const fail = async (
    thrown: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    extra?: Record<string, string>,
    form?: 'text',
  ): Promise<void> => {
    const error = toSxError(thrown)
    const [status] = errorCodes[error.code]
    if (status >= 500)
      log.write('error', 'failed', {
        method: request.raw.method,
        url: request.raw.url,
        code: error.code,
        message: error.message,
        cause: error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : undefined,
      })
    // the answer had begun: it was cut, and there is no other
    if (reply.raw.headersSent) return
    await respond(request, reply, errorResponse(error, request.raw.headers.accept, shell, extra, form))
  }

  /** A handler that answers with data; whatever it throws becomes an answer too. */
  const handle =
    (handler: (request: FastifyRequest, reply: FastifyReply) => Answer | Promise<Answer>) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      try {
        await respond(request, reply, await handler(request, reply))
      } catch (thrown) {
        await fail(thrown, request, reply)
      }
      return reply
    }

  const headerOf =
    (request: FastifyRequest) =>
    (name: string): string | undefined => {
      const value = request.raw.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    }
  const fileOf = (site: Site, target: Target, request: FastifyRequest): Promise<Answer> =>
    files.answer(site, { target, method: request.raw.method!, header: headerOf(request) })

  const rules = o.content?.hosts ?? defaultHosts
  const { schemeOf } = createHosts(rules)
  /** It decides about `Secure` on our own cookies, nothing else. */
  const isSecure = (request: FastifyRequest): boolean =>
    schemeOf(headerOf(request), 'encrypted' in request.raw.socket) === 'https'
  const clientFrom = (request: FastifyRequest): string =>
    clientOf(request.raw.socket.remoteAddress, headerOf(request)('x-forwarded-for'), rules.forwarded)
  const runs = createRateLimiter(limits.runsPerMinute, o.clock)

  const hot =
    o.content === undefined
      ? undefined
      : attachContent(server, {
          content: createContent({ ...o.content, sha256: o.sha256, shell, limits }),
          denied: o.content.denied,
          clock: o.clock,
          limits,
          clientOf: clientFrom,
          respond,
          fail: (error, request, reply) => fail(error, request, reply, cors, 'text'),
        })

  const definition = handle(request => {
    const { path, query } = targetOf(request.raw.url!, limits.url)
    const { accept, 'accept-encoding': coding, 'if-none-match': ifNoneMatch } = request.raw.headers
    return definitions.answer({
      cid: path.slice(prefix.length),
      query,
      accept,
      acceptEncoding: typeof coding === 'string' ? coding : undefined,
      ifNoneMatch,
    })
  })

  server.route({
    method: ['GET', 'HEAD'],
    url: `${prefix}*`,
    handler: definition,
  })
  server.options(
    `${prefix}*`,
    handle(() => preflight),
  )

  server.route({
    method: ['GET', 'HEAD'],
    url: `${patchPrefix}*`,
    handler: handle(request =>
      patches.answer(
        targetOf(request.raw.url!, limits.url).path.slice(patchPrefix.length),
        request.raw.headers['if-none-match'],
      ),
    ),
  })

  server.route({
    method: ['GET', 'HEAD'],
    url: `${releasePrefix}*`,
    handler: handle(request => {
      const { path, query } = targetOf(request.raw.url!, limits.url)
      const { 'accept-encoding': coding, 'if-none-match': ifNoneMatch } = request.raw.headers
      return release.answer({
        path: readFilePath(path.slice(releasePrefix.length - 1)).path,
        query,
        acceptEncoding: typeof coding === 'string' ? coding : undefined,
        ifNoneMatch,
      })
    }),
  })
  server.options(
    `${releasePrefix}*`,
    handle(() => preflight),
  )

  server.route({
    method: ['GET', 'HEAD'],
    url: '/healthz',
    handler: handle(() => {
      const site = current()
      const broken = site instanceof SxError
      return answer(
        broken ? 503 : 200,
        {
          'Content-Type': 'application/json',
          'Cache-Control': 'no-store',
          'X-Content-Type-Options': 'nosniff',
        },
        JSON.stringify(broken ? { ok: false, error: site.code } : { ok: true, root: site?.root ?? null }) +
          '\n',
      )
    }),
  })

  if (devEvents !== undefined)
    server.get(eventsPath, (request, reply) => {
      reply.hijack()
      if (!devEvents.listen(reply.raw))
        void fail(new SxError('overloaded', 'too many browsers listen already'), request, reply)
    })

  server.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: handle(async request => {
      const target = targetOf(request.raw.url!, limits.url)
      const site = sites.current()
      if (site === undefined && devPage !== undefined) return devPage.waiting()
      if (site === undefined) throw new SxError('overloaded', 'nothing is published here yet')
      const { accept } = request.raw.headers
      if (wantsSx(accept)) {
        const found = await wire.answer(site, {
          path: target.path,
          ifNoneMatch: request.raw.headers['if-none-match'],
        })
        if (found !== undefined) return found
      }
      return fileOf(site, target, request)
    }),
  })

  // queries, actions and handlers: bodies are read here and nowhere else
  void server.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY }, (_request, body, done) =>
      done(null, body),
    )
    scope.setErrorHandler(async (error, request, reply) => {
      const { code } = error as { code?: string }
      await fail(
        code === 'FST_ERR_CTP_BODY_TOO_LARGE'
          ? new SxError('body-too-large', `a body may have ${BODY} bytes`)
          : code?.startsWith('FST_ERR_CTP_')
            ? new SxError('request-invalid', 'the body can’t be read', {}, error)
            : error,
        request,
        reply,
      )
      return reply
    })
    const kinds = { '/sx/q/': 'query', '/sx/a/': 'action', '/sx/x/': 'handler' } as const
    for (const [start, kind] of Object.entries(kinds))
      scope.route({
        method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url: `${start}*`,
        handler: async (request, reply) => {
          try {
            const target = targetOf(request.raw.url!, limits.url)
            const site = sites.current()
            runs.take(clientFrom(request))
            const found =
              site &&
              actions.answer(site, {
                kind,
                name: readFilePath(target.path.slice(start.length - 1)).path,
                method: request.raw.method!,
                path: target.path,
                query: target.query,
                header: headerOf(request),
                body: Buffer.isBuffer(request.body) ? request.body : undefined,
                secure: isSecure(request),
              })
            if (found !== undefined) await respond(request, reply, await found)
            else if (!READ.includes(request.raw.method!)) return await refuse(request, reply)
            else if (site === undefined) throw new SxError('overloaded', 'nothing is published here yet')
            else await respond(request, reply, await fileOf(site, target, request))
          } catch (thrown) {
            await fail(
              thrown,
              request,
              reply,
              thrown instanceof WrongMethod ? { Allow: thrown.allow } : undefined,
            )
          }
          return reply
        },
      })
    // with the slash that relative URLs get
    for (const address of ['/sx/csrf', '/sx/csrf/'])
      scope.get(
        address,
        handle(request => actions.token(headerOf(request), isSecure(request))),
      )
  })

  // GET and HEAD have a route for every path, so what comes here has another method
  const refuse = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const method = request.raw.method ?? ''
    const error = new SxError('method-not-allowed', `${method} means nothing here`, {
      hint: 'GET and HEAD read; nothing is written by HTTP',
    })
    await fail(error, request, reply, { Allow: READ })
    return reply
  }
  server.setNotFoundHandler(refuse)
  server.setErrorHandler(async (error, request, reply) => {
    if (!READ.includes(request.raw.method ?? '')) return refuse(request, reply)
    await fail(error, request, reply)
    return reply
  })

  if (o.log !== undefined)
    server.addHook('onResponse', (request, reply, done) => {
      log.write('info', 'request', {
        method: request.raw.method,
        url: request.raw.url,
        status: reply.raw.statusCode,
        ms: Math.round(reply.elapsedTime * 100) / 100,
      })
      done()
    })

  const current = () => {
    try {
      return sites.current()
    } catch (error) {
      return toSxError(error)
    }
  }

  server.server.maxConnections = limits.connections
  await server.ready()
  let url: string | undefined
  let stopping: Promise<void> | undefined

  /** What the runtime asks for thousands of times, a block by its CID, goes past routes and hooks: nothing else does. */
  const answerPlain = (request: IncomingMessage, response: ServerResponse): boolean => {
    const ready = stopping === undefined ? hot?.find(request as PlainRequest) : undefined
    if (ready !== undefined) {
      response.writeHead(ready.status, ready.headers as string[])
      response.end(ready.body)
      return true
    }
    const { accept, 'accept-encoding': coding, 'if-none-match': ifNoneMatch } = request.headers
    if (
      request.method !== 'GET' ||
      !request.url!.startsWith(prefix) ||
      ifNoneMatch !== undefined ||
      stopping !== undefined ||
      wantsHtml(accept)
    )
      return false
    const found = definitions.plain(request.url!.slice(prefix.length), coding as string | undefined)
    if (found === undefined) return false
    response.writeHead(200, found.headers as string[])
    response.end(found.body)
    return true
  }
  // with a log, every request takes the way on which it is logged
  if (o.log === undefined)
    for (const carry of server.server.listeners('request') as RequestListener[])
      server.server
        .off('request', carry)
        .on(
          'request',
          (request, response) => void (answerPlain(request, response) || carry(request, response)),
        )

  return {
    get url() {
      return url
    },
    listen: async (port, host = '127.0.0.1') => {
      await server.listen({ port, host })
      const address = server.server.address()
      const at = typeof address === 'object' && address !== null ? address.port : port
      const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
      url = `http://${name}:${at}/`
      log.write('info', 'listening', { url })
      return url
    },
    stop: () =>
      (stopping ??= (async () => {
        devEvents?.stop()
        // a client that reads too slowly, or never, does not keep the program from ending
        const cut = setTimeout(() => server.server.closeAllConnections(), limits.stop)
        await server.close()
        clearTimeout(cut)
        url = undefined
        log.write('info', 'stopped', {})
      })()),
    inject: async request => {
      const { statusCode, headers, rawPayload, payload } = await server.inject(request)
      return { statusCode, headers, rawPayload, payload }
    },
  }
}
