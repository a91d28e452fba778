// The leaves of a file of two levels, as `files` of a build makes those between 1 MiB and 1 GiB: dag-pb (ipld.io, dag-pb
// specification) read for its links only. The block has been hashed.
import { cidText } from '../ipld/cid.ts'

/** CIDs of raw leaves in order. Throws for what is no such file. */
export const leavesOf = (block: Uint8Array): readonly string[] => {
  const leaves: string[] = []
  const fail = (): never => {
    throw Error('no file of raw leaves')
  }
  /** Calls back with each length-delimited field of a message (protobuf wire type 2); numbers are passed over. */
  const fields = (bytes: Uint8Array, each: (field: number, value: Uint8Array) => void): void => {
    let at = 0
    const varint = (): number => {
      let n = 0
      for (let shift = 0; shift < 56; shift += 7) {
        const byte = bytes[at++] ?? fail()
        n += (byte & 127) * 2 ** shift
        if (byte < 128) return n
      }
      return fail()
    }
    while (at < bytes.length) {
      const tag = varint()
      const n = varint()
      if ((tag & 7) === 0) continue
      if ((tag & 7) !== 2 || n > bytes.length - at) fail()
      each(tag >> 3, bytes.subarray(at, at + n))
      at += n
    }
  }
  fields(block, (field, link) => {
    if (field !== 2) return
    fields(link, (part, cid) => {
      // CIDv1, raw, sha2-256 of 32 bytes
      if (part === 1)
        leaves.push(cid.length === 36 && cid[0] === 1 && cid[1] === 0x55 ? cidText(cid) : fail())
    })
  })
  return leaves
}
