// A host in front of another one, with a network that can go away: connections are refused, or requests get no answer.
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SwitchedFront {
  readonly url: string
  /** Connections end and are refused, until `mend`. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** Requests for these get no answer any more. The promise is there with the first of them. */
  hold(wanted: (path: string) => boolean): Promise<void>
  stop(): Promise<void>
}

/** `target`: an address `http://host:port/`. */
export const createSwitchedFront = async (target: string): Promise<SwitchedFront> => {
  const { hostname, port } = new URL(target)
  let held: (path: string) => boolean = () => false
  let heldOne = (): void => {}
  const server: Server = createServer((asked, answer) => {
    if (held(asked.url!)) {
      heldOne()
      return
    }
    const { method, url: path, headers } = asked
    const onward = request({ hostname, port, method, path, headers }, got => {
      answer.writeHead(got.statusCode!, got.headers)
      got.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
    asked.pipe(onward)
  })
  const listen = (at: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject).listen(at, '127.0.0.1', resolve)
    })
  const cut = (): Promise<void> =>
    new Promise(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  await listen(0)
  const own = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${own}/`,
    cut,
    mend: () => {
      held = () => false
      return server.listening ? Promise.resolve() : listen(own)
    },
    hold: wanted => {
      held = wanted
      return new Promise(resolve => {
        heldOne = resolve
      })
    },
    stop: () => (server.listening ? cut() : Promise.resolve()),
  }
}
