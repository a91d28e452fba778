// Load on an HTTP server over plain sockets: one request after another on each connection, answers counted to their end.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const READ = 524_288

export async function connectAll(url: string, connections: number): Promise<readonly Socket[]> {
  const { hostname, port } = new URL(url)
  return Promise.all(
    Array.from({ length: connections }, async () => {
      // one buffer for all that a connection reads: the load must not be what is measured
      const buffer = Buffer.allocUnsafe(READ)
      const socket: Socket = connect({
        port: Number(port),
        host: hostname,
        onread: {
          buffer,
          callback: size => {
            socket.emit('bytes', buffer.subarray(0, size))
            return true
          },
        },
      })
      socket.setNoDelay(true)
      await once(socket, 'connect')
      return socket
    }),
  )
}

const NOTHING: Buffer = Buffer.alloc(0)

/** Takes an answer's bytes as they come; `take` says when it is whole. Throws when its status is not the one that is wanted. */
function reader(status: number): { take(chunk: Buffer): boolean } {
  let head = NOTHING
  /** bytes of body still to come; undefined: the head is not whole yet; -1: chunked, its end not seen */
  let left: number | undefined
  let tail = NOTHING
  const body = (chunk: Buffer): boolean => {
    if (left === -1) {
      tail = Buffer.concat([tail, chunk]).subarray(-7)
      return tail.subarray(-5).toString('latin1') === '0\r\n\r\n'
    }
    left! -= chunk.length
    return left! <= 0
  }
  return {
    take: chunk => {
      if (left !== undefined) return body(chunk)
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return false
      const text = head.toString('latin1', 0, end)
      if (!text.startsWith(`HTTP/1.1 ${status}`)) throw new Error(text.slice(0, 300))
      const length = /^content-length: (\d+)/im.exec(text)?.[1]
      left = length !== undefined ? Number(length) : /^transfer-encoding: chunked/im.test(text) ? -1 : 0
      const rest = head.subarray(end + 4)
      return left === 0 || (rest.length > 0 && body(rest))
    },
  }
}

export interface Request {
  readonly target: string
  readonly headers?: string
}

/** Milliseconds that `requests` of them took. */
export async function load(
  sockets: readonly Socket[],
  requests: number,
  request: (i: number) => Request,
  status = 200,
): Promise<number> {
  let next = 0
  const from = performance.now()
  await Promise.all(
    sockets.map(
      socket =>
        new Promise<void>((resolve, reject) => {
          let answer = reader(status)
          const send = (): boolean => {
            if (next >= requests) return false
            const { target, headers = '' } = request(next++)
            socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n${headers}\r\n`)
            return true
          }
          const take = (chunk: Buffer): void => {
            try {
              if (!answer.take(chunk)) return
            } catch (error) {
              reject(error)
              return
            }
            answer = reader(status)
            if (!send()) {
              socket.off('bytes', take)
              resolve()
            }
          }
          socket.on('bytes', take)
          if (!send()) {
            socket.off('bytes', take)
            resolve()
          }
        }),
    ),
  )
  return performance.now() - from
}

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!
