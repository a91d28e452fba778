// Bytes of packs and patches, read in order and within bounds (format §6): numbers are unsigned LEB128 in their shortest
// form. It goes to the browser.
import { SxError } from '../errors.ts'

/** Throws 'block-malformed' unless `fine`: for packs and patches, whose readers need to know no more. */
export const check = (fine: unknown): void => {
  if (!fine) throw new SxError('block-malformed', 'no pack of this page')
}

export interface Cursor {
  /** a number below 2^28 */
  number(): number
  /** a view of the next `count` bytes */
  take(count: number): Uint8Array
  /** bytes that are left */
  left(): number
}

export const createCursor = (bytes: Uint8Array): Cursor => {
  let at = 0
  const take = (count: number): Uint8Array => {
    at += count
    check(at <= bytes.length)
    return bytes.subarray(at - count, at)
  }
  return {
    take,
    left: () => bytes.length - at,
    number() {
      let n = 0
      let shift = 0
      let byte: number
      do {
        // Behind the end it is no number.
        byte = bytes[at++]!
        n |= (byte & 127) << shift
        shift += 7
      } while (byte > 127 && shift < 28)
      check(byte < 128 && (byte || shift < 8))
      return n
    },
  }
}
