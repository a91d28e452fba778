// The client that every site carries: loader, kernel and platform, as this version of the product was built with.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { SxError } from '../errors.ts'

export interface BootBytes {
  readonly loader: Uint8Array
  readonly kernel: Uint8Array
  readonly platform: Uint8Array
  /** the service worker of sites that want one, and what takes it away */
  readonly worker?: Uint8Array
  readonly workerOff?: Uint8Array
  /** parts of the runtime that a page fetches when it uses their words */
  readonly modules: ReadonlyMap<string, Uint8Array>
  /** the words of each module, by its name; in this order a runtime takes them */
  readonly words?: Readonly<Record<string, string>>
}

/** Beside the compiled program, or, when the sources run as they are, in the checkout's dist. */
const places = ['../client/', '../../dist/client/']

/** Throws 'internal' when the client was never built. */
export function readBoot(): BootBytes {
  const folder = places
    .map(p => new URL(p, import.meta.url))
    .find(url => existsSync(new URL('kernel.js', url)))
  if (folder === undefined)
    throw new SxError('internal', 'The browser client has not been built', {
      hint: 'Run `npm run build:client`.',
    })
  const part = (name: string): Uint8Array => readFileSync(new URL(`${name}.js`, folder))
  const modules = readdirSync(new URL('modules/', folder))
    .filter(file => file.endsWith('.js'))
    .map(file => file.slice(0, -3))
    .sort()
  return {
    loader: part('loader'),
    kernel: part('kernel'),
    platform: part('platform'),
    worker: part('worker'),
    workerOff: part('worker-off'),
    modules: new Map(modules.map(name => [name, part(`modules/${name}`)])),
    words: JSON.parse(readFileSync(new URL('words.json', folder), 'utf8')),
  }
}
