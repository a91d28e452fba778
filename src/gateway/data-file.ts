// Files that evaluation reads whole: JSON that answers queries (`data/<name>.json`), and WebAssembly modules.
import { SxError } from '../errors.ts'
import type { FileReader } from './gateway-port.ts'
import type { Site } from './sites.ts'

const MOST = 4 * 2 ** 20
/** A WebAssembly module that SX can call is not larger. */
const MOST_WASM = 8 * 2 ** 20

const whole = async (
  files: FileReader,
  cid: string,
  what: string,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of files.read(cid)) {
    size += part.byteLength
    if (size > most) throw new SxError('block-too-large', `${what} is larger than ${most} bytes`)
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** The bytes of a WebAssembly module. */
export const readWasmBytes = (files: FileReader, cid: string): Promise<Uint8Array<ArrayBuffer>> =>
  whole(files, cid, 'a WebAssembly module', MOST_WASM)

/** undefined: the site has none of that name. */
export const readDataFile = async (
  files: FileReader,
  site: Site,
  name: string,
): Promise<string | undefined> => {
  if (name.split('/').some(part => part === '' || part === '.' || part === '..')) return undefined
  const entry = await files.resolve(site.node.files.cid, `data/${name}.json`)
  if (entry?.kind !== 'file') return undefined
  return new TextDecoder().decode(await whole(files, entry.cid, `data/${name}.json`, MOST))
}
