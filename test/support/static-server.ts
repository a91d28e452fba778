// A server that knows nothing but files: what any static host is.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

export interface StaticServer {
  /** ends with `/` */
  readonly url: string
  /** paths in the order in which they were asked for */
  readonly asked: string[]
  stop(): Promise<void>
}

/** Serves `folder` below `prefix`, on loopback, any free port. */
export async function startStaticServer(folder: string, prefix = '/'): Promise<StaticServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    asked.push(path)
    let file = path.startsWith(prefix) ? join(folder, normalize(`/${path.slice(prefix.length)}`)) : ''
    if (file !== '' && existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html')
    if (file === '' || !existsSync(file)) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' })
    createReadStream(file).pipe(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    asked,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
