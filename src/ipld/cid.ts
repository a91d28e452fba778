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

const malformed = (why: string): never => {
  throw new SxError('cid-malformed', `not a CID: ${why}`)
}

type Refuse = (what: 'version' | 'codec' | 'hash', code: number) => never
const refuse: Refuse = (what, code) => {
  throw new SxError('cid-unsupported', `CID ${what} 0x${code.toString(16)}`)
}

// The multicodec table's names of what people do ask for. Text that people write is refused by name; links in blocks,
// which the browser reads too, by number.
const refuseByName: Refuse = (what, code) => {
  const names: Readonly<Record<number, string>> =
    what === 'version'
      ? {}
      : {
          0: 'identity',
          17: 'sha1',
          19: 'sha2-512',
          22: 'sha3-256',
          27: 'keccak-256',
          30: 'blake3',
          81: 'cbor',
          114: 'libp2p-key',
          120: 'git-raw',
          133: 'dag-jose',
          297: 'dag-json',
          512: 'json',
          514: 'car',
          45600: 'blake2b-256',
        }
  const name = names[code] ?? (what === 'version' ? `${code}` : `0x${code.toString(16)}`)
  throw new SxError('cid-unsupported', `this CID has the ${what} ${name}, which is not used here`, {
    [what]: code,
    hint: 'this format uses CIDv1 with dag-cbor, raw or dag-pb and sha2-256',
  })
}

/**
 * The parts of a binary CID (CID specification: version, codec and multihash as unsigned varints).
 * Throws 'cid-malformed', or 'cid-unsupported' for another version, codec or hash. Nothing depends on its length.
 */
export const readCid = (bytes: Uint8Array, unsupported: Refuse = refuse): Cid => {
  let at = 0
  const varint = (): number => {
    const first = bytes[at++] ?? malformed('it ends early')
    if (first < 128) return first
    let value = first & 127
    // Four bytes at most: 28 bits hold every code of the multicodec table that has a use.
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = bytes[at++] ?? malformed('it ends early')
      value |= (byte & 127) << shift
      if (byte < 128) return byte ? value : malformed('a varint of it')
    }
    return malformed('a varint of it')
  }
  // 0x12 0x20 begins a bare multihash, which is what a CID of version 0 is.
  const version = varint()
  if (version !== 1) unsupported('version', version === SHA2_256 ? 0 : version)
  const codec = varint()
  if (codec !== DAG_CBOR && codec !== RAW && codec !== DAG_PB) unsupported('codec', codec)
  const hash = varint()
  if (hash !== SHA2_256) unsupported('hash', hash)
  if (varint() !== 32 || bytes.length !== at + 32) malformed('its digest')
  return { codec, hash, digest: bytes.subarray(at) }
}

/** Multibase base32 text (RFC 4648 lower case, no padding, prefix `b`) of a CID's bytes, at most a few hundred. */
export const cidText = (bytes: Uint8Array): string => {
  const codes = [98]
  let bits = 0
  let held = 0
  const push = (digit: number): unknown => codes.push(digit + (digit < 26 ? 97 : 24))
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits > 4) {
      bits -= 5
      push((held >> bits) & 31)
    }
  }
  if (bits) push((held << (5 - bits)) & 31)
  return String.fromCharCode.apply(null, codes)
}

// ASCII code → base32 digit, 255 for what is none. Marked pure so that a bundle that parses no CID text leaves it out.
const digits = /* @__PURE__ */ Uint8Array.from({ length: 128 }, (_, code) =>
  code > 96 && code < 123 ? code - 97 : code > 49 && code < 56 ? code - 24 : 255,
)

/**
 * Decodes the base32 text of a CID to `out` from `at`, and answers where it ends; the parts are not looked at. `out` must
 * have room for 5/8 of the text. Throws 'cid-malformed'.
 */
export const base32Into = (text: string, out: Uint8Array, at: number): number => {
  let bits = 0
  let held = 0
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const digit = code < 128 ? (digits[code] as number) : 255
    if (digit > 31) malformed(`"${text[i]}" is no base32 digit`)
    held = (held << 5) | digit
    bits += 5
    if (bits > 7) {
      bits -= 8
      out[at++] = held >> bits
    }
  }
  // Left-over bits must be zero and fewer than a digit, or two texts would name one CID.
  if (bits > 4 || held & ((1 << bits) - 1)) malformed('its last digit is not canonical')
  return at
}

/**
 * The bytes of a CID's text, its parts checked. Throws 'cid-malformed', or 'cid-unsupported' also for other bases:
 * one CID has one text, so that texts may be compared.
 */
export const cidBytes = (text: string): Uint8Array => {
  if (text[0] !== 'b') {
    if (!/^(Qm|[zBkKuUmMfF9])\w/.test(text)) malformed('it does not begin with "b"')
    throw new SxError('cid-unsupported', 'only CIDs in base32 (they begin with "b") are used here', {
      hint: text[0] === 'Q' ? 'a CID that begins with Qm is version 0' : 'convert it: ipfs cid base32 <cid>',
    })
  }
  // 1 KB is far beyond every hash of the multicodec table.
  if (text.length > 1024) malformed('it is too long')
  const bytes = new Uint8Array(((text.length - 1) * 5) >> 3)
  base32Into(text, bytes, 0)
  readCid(bytes, refuseByName)
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
