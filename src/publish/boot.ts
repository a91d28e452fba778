// The client that every site carries: loader, kernel and platform, as this version of the product was built with.
import { existsSync, readFileSync } from 'node:fs'
import { SxError } from '../errors.ts'

export interface BootBytes {
  readonly loader: Uint8Array
  readonly kernel: Uint8Array
  readonly platform: Uint8Array
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
  return { loader: part('loader'), kernel: part('kernel'), platform: part('platform') }
}
