// A bare HTTP server for browser tests: handmade pages by path, blocks by CID, and faults on purpose.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong when a CID is asked for. */
export type Fault =
  | { readonly kind: 'lie'; readonly with: Uint8Array }
  | { readonly kind: 'flip'; readonly at?: number }
  | { readonly kind: 'truncate' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'long' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'type' }
  /** wrong once, right from then on, and cached for a year */
  | { readonly kind: 'flip-once' }

export interface PageServer {
  readonly url: string
  readonly port: number
  readonly blocks: Map<string, Uint8Array>
  readonly pages: Map<string, string>
  readonly faults: Map<string, Fault>
  /** CIDs in the order in which they were asked for, whatever the answer */
  readonly asked: string[]
  stop(): Promise<void>
}

const flipped = (bytes: Uint8Array, at = bytes.length >> 1): Uint8Array =>
  bytes.map((b, i) => (i === at ? b ^ 1 : b))

const prefix = '/_sx/b/'

/** Listens on loopback, any free port. Blocks are at `/_sx/b/{cid}`, below any directory. */
export async function startPageServer(): Promise<PageServer> {
  const blocks = new Map<string, Uint8Array>()
  const pages = new Map<string, string>()
  const faults = new Map<string, Fault>()
  const asked: string[] = []

  const sendBlock = (response: ServerResponse, cid: string): void => {
    asked.push(cid)
    const right = blocks.get(cid)
    if (right === undefined)
      return void response.writeHead(404, { 'access-control-allow-origin': '*' }).end('not here')
    const headers = {
      'content-type': 'application/octet-stream',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    }
    const fault = faults.get(cid)
    switch (fault?.kind) {
      case 'hang':
        return
      case 'status':
        return void response.writeHead(fault.status, { 'access-control-allow-origin': '*' }).end('no')
      case 'lie':
        return void response.writeHead(200, headers).end(fault.with)
      case 'flip':
        return void response.writeHead(200, headers).end(flipped(right, fault.at))
      case 'flip-once':
        faults.delete(cid)
        return void response.writeHead(200, headers).end(flipped(right))
      case 'truncate':
        return void response.writeHead(200, headers).end(right.subarray(0, right.length >> 1))
      case 'cut':
        response.writeHead(200, { ...headers, 'content-length': right.length })
        response.write(right.subarray(0, right.length >> 1), () => response.destroy())
        return
      case 'long':
        response.writeHead(200, headers)
        response.write(right)
        return void response.end(new Uint8Array(2 << 20))
      case 'type':
        return void response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end(right)
      default:
        response.writeHead(200, headers).end(right)
    }
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const [, cid] = path.split(prefix)
    if (cid !== undefined) return sendBlock(response, cid)
    // Chromium asks by itself, and a 404 would stand in the console.
    if (path === '/favicon.ico') return void response.writeHead(204).end()
    const html = pages.get(path) ?? pages.get('404')
    if (html === undefined) return void response.writeHead(404).end()
    response
      .writeHead(pages.has(path) ? 200 : 404, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
      })
      .end(html)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    blocks,
    pages,
    faults,
    asked,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}
