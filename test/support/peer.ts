// A peer's HTTP API on loopback, answering as a test says: for the answers that a real one gives only when something is wrong.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  /** decoded, without query */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** objects become JSON */
  readonly body?: string | Uint8Array | object
  /** the connection is cut after so many bytes of the body */
  readonly cut?: number
}

export interface Peer {
  /** without a slash at its end */
  readonly url: string
  readonly asked: Asked[]
  stop(): Promise<void>
}

export async function startPeer(answer: (asked: Asked) => Reply | Promise<Reply>): Promise<Peer> {
  const asked: Asked[] = []
  const send = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const url = new URL(request.url ?? '/', 'http://localhost')
    const one = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(parts),
    }
    asked.push(one)
    const { status = 200, headers = {}, body = '', cut } = await answer(one)
    const bytes =
      typeof body === 'string' || body instanceof Uint8Array
        ? Buffer.from(body)
        : Buffer.from(JSON.stringify(body))
    response.writeHead(status, { 'content-length': bytes.length, ...headers })
    if (cut === undefined) return void response.end(bytes)
    response.write(bytes.subarray(0, cut), () => response.destroy())
  }
  const server = createServer(
    (request, response) => void send(request, response).catch(() => response.destroy()),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
