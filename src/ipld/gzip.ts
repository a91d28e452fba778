// How packs and patches are compressed (format §6): the same bytes on every machine, for ever. Not for the browser.
import { gzipSync } from 'fflate'

/**
 * Gzip by the pinned fflate: its output is part of a pack's CID, and a system's zlib has another one each year. The header
 * names no time and, byte 9, no operating system.
 */
export const gzip = (bytes: Uint8Array): Uint8Array => {
  // `mem: 4`: its tables for large inputs take four times as long to clear as a pack takes to compress.
  const zipped = gzipSync(bytes, { mtime: 0, level: 8, mem: 4 })
  zipped[9] = 255
  return zipped
}
