// Canonical CBOR into one growing, reused buffer (RFC 8949 §4.2; dag-cbor specification, strictness).
import { SxError } from '../errors.ts'
import { base32Into, cidBytes } from './cid.ts'
import { startsWithMark } from './node.ts'

const utf8 = new TextEncoder()

// Symbols made of these alone, starting with a letter, need no further check: a part of what names.ts allows, taken
// while the bytes are copied. 1 may start a name, 2 may follow.
const plain = new Uint8Array(128)
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ~') plain[c.charCodeAt(0)] = 3
for (const c of '0123456789-/?!*=<>') plain[c.charCodeAt(0)] = 2

/** `limit` is the most bytes that `finish` hands out. */
export class Writer {
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)
  #at = 0
  readonly limit: number
  constructor(limit: number) {
    this.limit = limit
  }

  /** Room for `more` bytes; refuses to go beyond the limit by more than a head. */
  #need(more: number): void {
    const end = this.#at + more
    if (end <= this.#bytes.length) return
    if (this.#at > this.limit) this.#tooLarge()
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, end))
    bytes.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
  #tooLarge(): never {
    throw new SxError('definition-too-large', `it takes more than ${this.limit} bytes as a block`, {
      limit: this.limit,
      hint: 'split it into several definitions, or carry the data as a file',
    })
  }

  byte(byte: number): void {
    this.#need(1)
    this.#bytes[this.#at++] = byte
  }

  /** A head: major type and the shortest form of its number (up to 2^53 − 1). */
  head(major: number, n: number): void {
    this.#need(9)
    const type = major << 5
    const bytes = this.#bytes
    if (n < 24) bytes[this.#at++] = type | n
    else if (n < 0x100) {
      bytes[this.#at++] = type | 24
      bytes[this.#at++] = n
    } else if (n < 0x10000) {
      bytes[this.#at++] = type | 25
      bytes[this.#at++] = n >> 8
      bytes[this.#at++] = n
    } else if (n < 0x100000000) {
      bytes[this.#at] = type | 26
      this.#view.setUint32(this.#at + 1, n)
      this.#at += 5
    } else {
      bytes[this.#at] = type | 27
      this.#view.setUint32(this.#at + 1, n / 0x100000000)
      this.#view.setUint32(this.#at + 5, n % 0x100000000)
      this.#at += 9
    }
  }

  /** A safe integer. */
  int(n: number): void {
    if (n < 0) this.head(1, -1 - n)
    else this.head(0, n)
  }

  float(n: number): void {
    this.#need(9)
    this.#bytes[this.#at] = 0xfb
    this.#view.setFloat64(this.#at + 1, n)
    this.#at += 9
  }

  /**
   * Text, with one ASCII character before it if `prefix` is not 0. False, and nothing written, for a lone surrogate and
   * for text that begins with a byte order mark. Major type 2 writes the same bytes as a byte string, where the mark may stand.
   */
  text(value: string, prefix = 0, major = 3): boolean {
    const extra = prefix === 0 ? 0 : 1
    if (value.length > this.limit) this.#tooLarge()
    const start = this.#at
    this.head(major, value.length + extra)
    this.#need(value.length + extra)
    const bytes = this.#bytes
    let at = this.#at
    if (extra) bytes[at++] = prefix
    if (value.length > 40) {
      // Long texts are copied by the platform. As many bytes as characters hold them all only if they are ASCII.
      const { read } = utf8.encodeInto(value, bytes.subarray(at, at + value.length))
      if (read === value.length) {
        this.#at = at + value.length
        return true
      }
      this.#at = start
      return this.#wideText(value, prefix, major)
    }
    for (let i = 0; i < value.length; i++) {
      const c = value.charCodeAt(i)
      if (c > 127) {
        this.#at = start
        return this.#wideText(value, prefix, major)
      }
      bytes[at++] = c
    }
    this.#at = at
    return true
  }
  #wideText(value: string, prefix: number, major: number): boolean {
    if (!value.isWellFormed() || (major === 3 && prefix === 0 && startsWithMark(value))) return false
    const encoded = utf8.encode(value)
    this.head(major, encoded.length + (prefix === 0 ? 0 : 1))
    if (prefix !== 0) this.byte(prefix)
    this.#raw(encoded)
    return true
  }

  /**
   * Writes a symbol, or a keyword after its colon (`prefix`), if it is a name beyond doubt; false, and nothing written, if
   * somebody must look closer.
   */
  plainName(name: string, prefix = 0): boolean {
    const length = name.length
    const first = name.charCodeAt(0)
    if (length === 0 || length > 40 || first > 127 || ((plain[first] ?? 0) & 1) === 0) return false
    if (prefix === 0 && (name === 'nil' || name === 'true' || name === 'false')) return false
    const start = this.#at
    const extra = prefix === 0 ? 0 : 1
    this.head(3, length + extra)
    this.#need(length + extra)
    const bytes = this.#bytes
    let at = this.#at
    if (extra) bytes[at++] = prefix
    for (let i = 0; i < length; i++) {
      const c = name.charCodeAt(i)
      if (c > 127 || plain[c] === 0) {
        this.#at = start
        return false
      }
      bytes[at++] = c
    }
    this.#at = at
    return true
  }

  #raw(bytes: Uint8Array): void {
    this.#need(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length > this.limit) this.#tooLarge()
    this.head(2, bytes.length)
    this.#raw(bytes)
  }

  /**
   * Tag 42 over the CID of this text (dag-cbor specification, links: a zero byte stands before it). Throws 'cid-malformed'
   * or 'cid-unsupported'.
   */
  link(cid: string): void {
    this.#need(100)
    const bytes = this.#bytes
    const at = this.#at
    bytes[at] = 0xd8
    bytes[at + 1] = 42
    // The CIDs that this format uses have 59 digits, of which the first say so; any other goes the long way.
    if (cid.length === 59 && /^b(afyrei|afkrei|afybei)[a-h]/.test(cid)) {
      bytes[at + 2] = 0x58
      bytes[at + 3] = 37
      bytes[at + 4] = 0
      this.#at = base32Into(cid, bytes, at + 5)
    } else {
      const binary = cidBytes(cid)
      this.#at += 2
      this.head(2, binary.length + 1)
      this.byte(0)
      this.#raw(binary)
    }
  }

  /** A copy of what was written; the writer starts again. Throws 'definition-too-large' beyond the limit. */
  finish(): Uint8Array {
    if (this.#at > this.limit) this.#tooLarge()
    const bytes = this.#bytes.slice(0, this.#at)
    this.reset()
    return bytes
  }
  reset(): void {
    this.#at = 0
  }
}
