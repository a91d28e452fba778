// The site's JSON files that answer queries (`data/<name>.json`), as text.
import { SxError } from '../errors.ts'
import type { FileReader } from './gateway-port.ts'
import type { Site } from './sites.ts'

const MOST = 4 * 2 ** 20

/** undefined: the site has none of that name. */
export const readDataFile = async (
  files: FileReader,
  site: Site,
  name: string,
): Promise<string | undefined> => {
  if (name.split('/').some(part => part === '' || part === '.' || part === '..')) return undefined
  const entry = await files.resolve(site.node.files.cid, `data/${name}.json`)
  if (entry?.kind !== 'file') return undefined
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of files.read(entry.cid)) {
    size += part.byteLength
    if (size > MOST) throw new SxError('block-too-large', `data/${name}.json is larger than ${MOST} bytes`)
    parts.push(part)
  }
  return new TextDecoder().decode(Buffer.concat(parts))
}
