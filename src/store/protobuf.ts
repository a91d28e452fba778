// The fields of a protobuf message, as spans of its bytes: all that dag-pb and UnixFS need of protobuf.
import { SxError } from '../errors.ts'

/** A number has `value`; a length-delimited field has `end`. */
export interface Field {
  readonly field: number
  readonly start: number
  readonly end: number | undefined
  readonly value: number | undefined
}

const malformed = (what: string): SxError =>
  new SxError('block-malformed', `A dag-pb block is malformed: ${what}`)

/** Yields the fields between `start` and `end`, in order. Throws 'block-malformed'; wire types 1 and 5 (fixed) too. */
export function* fields(b: Buffer, start: number, end: number): Generator<Field> {
  let at = start
  const varint = (): number => {
    let value = 0
    // Seven bytes hold 49 bits: more than any size that fits here, and exact in a JavaScript number.
    for (let scale = 1; scale <= 2 ** 42; scale *= 128) {
      if (at >= end) throw malformed('a number is cut off')
      const byte = b[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw malformed('a number is too large')
  }
  while (at < end) {
    const key = varint()
    const wire = key & 7
    if (wire !== 0 && wire !== 2) throw malformed('a wire type that dag-pb and UnixFS do not use')
    const value = varint()
    if (wire === 0) yield { field: key >> 3, start: at, end: undefined, value }
    else {
      if (at + value > end) throw malformed('a field is cut off')
      yield { field: key >> 3, start: at, end: at + value, value: undefined }
      at += value
    }
  }
}
