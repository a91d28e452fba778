// The links of a stored block, straight from its bytes: no values are built, nothing recurses.
import { SxError } from '../errors.ts'
import { DAG_CBOR, DAG_PB, RAW } from '../ipld/cid.ts'
import { fields } from './protobuf.ts'

/** A sha2-256 digest as a 32-character latin1 string: what maps are keyed with. */
export type DigestKey = string

export const digestKey = (digest: Uint8Array): DigestKey =>
  Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('latin1')

export const digestOf = (key: DigestKey): Buffer => Buffer.from(key, 'latin1')

type Visit = (digest: DigestKey, codec: number) => void
/** A link's CID lies in `b` from `start` to `end`. */
export type VisitSpan = (b: Buffer, start: number, end: number) => void

/**
 * Calls `visit` for each link in `bytes`, in order, repeats included; identity links (they carry their own bytes) are
 * passed over. Throws 'block-malformed' when the bytes end early or are no `codec` at all, 'cid-unsupported' for a
 * link that this store could not hold (another codec or hash function).
 */
export function eachLink(codec: number, bytes: Uint8Array, visit: Visit): void {
  if (codec === RAW) return
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const span: VisitSpan = (b, start, end) => cidLink(b, start, end, visit)
  if (codec === DAG_CBOR) cborLinks(view, span)
  else if (codec === DAG_PB) protobufLinks(view, span)
  else throw new SxError('cid-unsupported', `Blocks of codec 0x${codec.toString(16)} cannot be pinned here`)
}

export const malformed = (what: string): SxError =>
  new SxError('block-malformed', `A stored block is malformed: ${what}`)

/** CBOR is a flat run of heads (RFC 8949 §3), so links are found without following its nesting. */
export function cborLinks(b: Buffer, visit: VisitSpan): void {
  let at = 0
  let tagged = false
  while (at < b.length) {
    const head = b[at++]!
    const major = head >> 5
    let argument = head & 31
    if (argument > 23) {
      const size = 1 << (argument - 24)
      if (argument > 27 || at + size > b.length) throw malformed('a CBOR head is cut off')
      argument =
        size === 1
          ? b[at]!
          : size === 2
            ? b.readUInt16BE(at)
            : size === 4
              ? b.readUInt32BE(at)
              : Number(b.readBigUInt64BE(at))
      at += size
    }
    if (major === 2 || major === 3) {
      if (at + argument > b.length) throw malformed('a CBOR string is cut off')
      if (tagged) {
        if (major !== 2 || b[at] !== 0) throw malformed('tag 42 must hold a CID')
        visit(b, at + 1, at + argument)
      }
      at += argument
    } else if (tagged) throw malformed('tag 42 must hold a CID')
    tagged = major === 6 && argument === 42
  }
  if (tagged) throw malformed('a link is cut off')
}

/** PBNode.Links (field 2), PBLink.Hash (field 1): https://ipld.io/specs/codecs/dag-pb/spec/ */
export function protobufLinks(b: Buffer, visit: VisitSpan): void {
  for (const link of fields(b, 0, b.length)) {
    if (link.field !== 2 || link.end === undefined) continue
    for (const part of fields(b, link.start, link.end))
      if (part.field === 1 && part.end !== undefined) visit(b, part.start, part.end)
  }
}

function cidLink(b: Buffer, start: number, end: number, visit: Visit): void {
  const size = end - start
  if (size === 36 && b[start] === 1 && b[start + 2] === 0x12 && b[start + 3] === 32)
    visit(b.toString('latin1', start + 4, end), b[start + 1]!)
  else if (size === 34 && b[start] === 0x12 && b[start + 1] === 32)
    visit(b.toString('latin1', start + 2, end), DAG_PB)
  else if (size < 4 || b[start] !== 1 || b[start + 1]! > 127 || b[start + 2] !== 0)
    throw new SxError(
      'cid-unsupported',
      'A link has a codec or hash function that this store does not hold',
      {
        link: b.toString('hex', start, Math.min(end, start + 64)),
      },
    )
}
