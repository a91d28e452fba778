// Bytes of packs and patches, read in order and within bounds (format §6): numbers are unsigned LEB128 in their shortest form.
import { SxError } from '../errors.ts'

export interface Cursor {
  /** a number below 2^28 */
  number(): number
  /** a view of the next `count` bytes */
  take(count: number): Uint8Array
  /** bytes that are left */
  left(): number
  /** Throws 'block-malformed' unless `fine`. */
  check(fine: unknown, why: string): void
}

export const createCursor = (bytes: Uint8Array): Cursor => {
  let at = 0
  const check = (fine: unknown, why: string): void => {
    if (!fine) throw new SxError('block-malformed', `${why}, at byte ${at} of a pack or patch`, { at })
  }
  const take = (count: number): Uint8Array => {
    at += count
    check(at <= bytes.length, 'it ends early')
    return bytes.subarray(at - count, at)
  }
  return {
    check,
    take,
    left: () => bytes.length - at,
    number: () => {
      let n = 0
      for (let shift = 0; shift < 28; shift += 7) {
        const byte = take(1)[0]!
        n |= (byte & 127) << shift
        if (byte < 128) {
          check(byte || !shift, 'a number not in its shortest form')
          return n
        }
      }
      check(false, 'a number of more than 28 bits')
      return n
    },
  }
}

/** A cursor's counterpart: grows as it is written. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0
  /** `expected` bytes fit without growing */
  constructor(expected = 1024) {
    this.#bytes = new Uint8Array(expected)
  }

  get length(): number {
    return this.#length
  }
  #need(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
  }
  number(n: number): void {
    this.#need(4)
    for (; n > 127; n >>>= 7) this.#bytes[this.#length++] = (n & 127) | 128
    this.#bytes[this.#length++] = n
  }
  put(bytes: Uint8Array): void {
    this.#need(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }
  /** a view of what was written so far */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }
}
