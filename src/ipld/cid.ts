// CIDs as this format uses them: version 1, dag-cbor, raw or dag-pb, sha2-256, in base32 text. No library: it goes to the browser.
import { SxError } from '../errors.ts'

export const DAG_CBOR = 0x71
export const RAW = 0x55
export const DAG_PB = 0x70
export const SHA2_256 = 0x12

export interface Cid {
  readonly codec: number
  readonly hash: number
  /** 32 bytes */
  readonly digest: Uint8Array
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
// The multicodec table's names of what people do ask for (multicodec table.csv), to refuse it by name.
const names: Record<number, string> = {
  0: 'identity',
  17: 'sha1',
  19: 'sha2-512',
  22: 'sha3-256',
  30: 'blake3',
  81: 'cbor',
  114: 'libp2p-key',
  120: 'git-raw',
  297: 'dag-json',
  512: 'json',
  514: 'car',
  45600: 'blake2b-256',
}

const malformed = (why: string): never => {
  throw new SxError('cid-malformed', `not a CID: ${why}`)
}
const unsupported = (what: string, code: number, detail: object): never => {
  throw new SxError(
    'cid-unsupported',
    `${what} ${names[code] ?? '0x' + code.toString(16)} is not used here`,
    {
      hint: 'this format uses CIDv1 with dag-cbor, raw or dag-pb and sha2-256',
      ...detail,
    },
  )
}

/**
 * The parts of a binary CID (CID specification: version, codec and multihash as unsigned varints).
 * Throws 'cid-malformed', or 'cid-unsupported' for another version, codec or hash. Nothing depends on its length.
 */
export const readCid = (bytes: Uint8Array): Cid => {
  let at = 0
  const varint = (): number => {
    let value = 0
    // Seven bits a byte and four bytes at most: every code of the multicodec table that has a use fits in 28 bits.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at++] ?? malformed('it ends early')
      value |= (byte & 127) << shift
      if (byte < 128) return byte || !shift ? value : malformed('a varint is longer than it needs to be')
    }
    return malformed('a varint is too long')
  }
  // 0x12 0x20 is a bare sha2-256 multihash, which is what a version 0 CID is.
  if (bytes[0] === SHA2_256 && bytes[1] === 32 && bytes.length === 34)
    unsupported('CID version', 0, { version: 0 })
  const version = varint()
  if (version !== 1) unsupported('CID version', version, { version })
  const codec = varint()
  if (codec !== DAG_CBOR && codec !== RAW && codec !== DAG_PB) unsupported('codec', codec, { codec })
  const hash = varint()
  if (hash !== SHA2_256) unsupported('hash function', hash, { hash })
  if (varint() !== 32 || bytes.length !== at + 32) malformed('a sha2-256 digest is 32 bytes')
  return { codec, hash, digest: bytes.subarray(at) }
}

/** Multibase base32 text (RFC 4648 lower case, no padding, prefix `b`) of any bytes. */
export const cidText = (bytes: Uint8Array): string => {
  let text = 'b'
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held & 31) << 8) | byte
    for (bits += 8; bits > 4; ) text += alphabet[(held >> (bits -= 5)) & 31]
  }
  return bits ? text + alphabet[(held << (5 - bits)) & 31] : text
}

/**
 * The bytes of a CID's text, its parts checked. Throws 'cid-malformed', or 'cid-unsupported' also for other bases:
 * one CID has one text, so that text may be compared.
 */
export const cidBytes = (text: string): Uint8Array => {
  if (text[0] !== 'b') {
    if (/^(Qm|[zBkKuUmMfF])\w/.test(text)) {
      throw new SxError('cid-unsupported', 'only CIDs in base32 (they begin with "b") are used here', {
        hint:
          text[0] === 'Q' ? 'a CID that begins with Qm is version 0' : 'convert it: ipfs cid base32 <cid>',
      })
    }
    malformed('it does not begin with "b"')
  }
  // 1 KB of text is far beyond every hash in the multicodec table.
  if (text.length > 1024) malformed('it is too long')
  const bytes = new Uint8Array(((text.length - 1) * 5) >> 3)
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 1; i < text.length; i++) {
    const digit = alphabet.indexOf(text[i] as string)
    if (digit < 0) malformed(`"${text[i]}" is no base32 digit`)
    held = ((held & 127) << 5) | digit
    bits += 5
    if (bits > 7) bytes[at++] = held >> (bits -= 8)
  }
  // Left-over bits must be zero and fewer than a digit, or two texts would name one CID.
  if (bits > 4 || held & ((1 << bits) - 1)) malformed('its last digit is not canonical')
  readCid(bytes)
  return bytes
}

/** Parts of a CID's text. Throws 'cid-malformed' or 'cid-unsupported'. */
export const parseCid = (text: string): Cid => readCid(cidBytes(text))

/** CIDv1 text of a sha2-256 `digest` (32 bytes) under one of the three codecs. */
export const cidOf = (codec: number, digest: Uint8Array): string => {
  const bytes = new Uint8Array(36)
  bytes.set([1, codec, SHA2_256, 32])
  bytes.set(digest, 4)
  return cidText(bytes)
}
