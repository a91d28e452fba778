// Compressed forms of files, made once per CID and coding and shared by all who ask meanwhile.
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { ByteCache } from './byte-cache.ts'

const br = promisify(brotliCompress)
const gz = promisify(gzip)

/** Below this a compressed form saves nothing that a packet would notice. */
export const WORTH = 512

export interface Compressor {
  /** `key` names the bytes for ever (a CID). Undefined when it would not be smaller. `best`: for what everybody loads. */
  compress(
    key: string,
    bytes: Uint8Array,
    coding: 'br' | 'gzip',
    best?: boolean,
  ): Promise<Uint8Array | undefined>
}

export function createCompressor(cache: ByteCache<Uint8Array>): Compressor {
  const running = new Map<string, Promise<Uint8Array>>()
  return {
    compress: async (key, bytes, coding, best = false) => {
      const id = `${key}.${coding}`
      const known = cache.get(id)
      let made = known
      if (made === undefined) {
        let work = running.get(id)
        if (work === undefined) {
          work =
            coding === 'br'
              ? br(bytes, brotliOptions(bytes.byteLength, best))
              : gz(bytes, { level: best ? 9 : 6 })
          running.set(id, work)
          void work.finally(() => running.delete(id)).catch(() => {})
        }
        made = await work
        // one that is no smaller is kept as its absence, so that it is not tried at each request
        cache.set(id, made.byteLength < bytes.byteLength ? made : EMPTY, made.byteLength)
      }
      return made.byteLength > 0 && made.byteLength < bytes.byteLength ? made : undefined
    },
  }
}

const EMPTY = new Uint8Array(0)

/** Quality 9 while it costs milliseconds, 5 beyond 512 KB; the result is kept, so it is paid once. */
const brotliOptions = (size: number, best: boolean) => ({
  params: {
    [constants.BROTLI_PARAM_QUALITY]: best ? 11 : size > 512 * 1024 ? 5 : 9,
    [constants.BROTLI_PARAM_SIZE_HINT]: size,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
  },
})
