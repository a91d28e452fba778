// A cursor over strictly canonical dag-cbor: what both decoders stand on. It goes to the browser (dag-cbor specification, strictness).
import { SxError } from '../errors.ts'
import { compareKeys } from '../lang/order.ts'
import { Link } from '../lang/values.ts'
import { cidText, readCid } from './cid.ts'
import { MAX_BLOCK, MAX_DEPTH } from './limits.ts'
import { startsWithMark } from './node.ts'

export interface Reader {
  /** Throws 'block-malformed' with the place. */
  readonly fail: (why: string) => never
  /** major type of the next item; 7 also at the end */
  readonly peek: () => number
  /** the number of a head of this major type, which must come next */
  readonly head: (major: number) => number
  readonly text: () => string
  /** text that nobody looks at, nor checks */
  readonly skipText: () => void
  readonly bytes: () => Uint8Array
  readonly link: () => Link
  /** null, a boolean or a float64 */
  readonly simple: () => null | boolean | number
  readonly int: () => number
  /** The length of a list or map that begins here; depth is checked first. Its `close` must follow. */
  readonly open: (major: number) => number
  readonly close: () => void
  /** Runs `each` for every key, which comes as stored, in checked order. */
  readonly eachKey: (each: (key: string) => void) => void
}

// A byte order mark that begins a text is kept, so that it can be refused.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const latin1 = new TextDecoder('latin1')

const large = (limit: number, what: string): never => {
  throw new SxError('block-too-large', `a block of more than ${limit} ${what}`, { limit })
}

/**
 * Reads one item and nothing after it. Throws 'block-malformed' (anything not canonical, and where) or 'block-too-large'
 * (over 1 MiB or 512 levels).
 */
export const readBlock = <T>(block: Uint8Array, whole: (reader: Reader) => T): T => {
  if (block.length > MAX_BLOCK) large(MAX_BLOCK, 'bytes')
  // Most texts are short and ASCII: slices of one string are had sooner than a string for each.
  let ascii: string | undefined
  let at = 0
  let depth = 0
  const fail = (why: string): never => {
    throw new SxError('block-malformed', `${why}, at byte ${at} of a block`, { at })
  }
  const need = (count: number): number => {
    at += count
    return at > block.length ? fail('it ends early') : at - count
  }
  const peek = (): number => (block[at] ?? 255) >> 5
  const head = (major: number): number => {
    const first = block[need(1)] as number
    if (first >> 5 !== major) fail(`major type ${first >> 5} where ${major} should be`)
    const size = first & 31
    if (size < 24) return size
    if (size > 27) fail('an indefinite length')
    const length = 1 << (size - 24)
    let n = 0
    for (let left = length; left; left--) n = n * 256 + (block[need(1)] as number)
    // The next shorter form ends where this one begins.
    if (n < (length > 1 ? 256 ** (length / 2) : 24) || n > Number.MAX_SAFE_INTEGER)
      fail('a number not in its shortest form')
    return n
  }
  const bytes = (major: number): Uint8Array => {
    const from = need(head(major))
    return block.subarray(from, at)
  }
  const text = (): string => {
    const from = need(head(3))
    for (let i = from; i < at; i++) {
      if ((block[i] as number) > 127) {
        let found: string
        try {
          found = utf8.decode(block.subarray(from, at))
        } catch {
          return fail('text that is not UTF-8')
        }
        return startsWithMark(found) ? fail('text that begins with a byte order mark') : found
      }
    }
    ascii ??= latin1.decode(block)
    return ascii.slice(from, at)
  }
  const open = (major: number): number => {
    if (++depth > MAX_DEPTH) large(MAX_DEPTH, 'levels')
    return head(major)
  }
  const reader: Reader = {
    fail,
    peek,
    head,
    text,
    skipText: () => {
      need(head(3))
    },
    bytes: () => bytes(2),
    link: () => {
      if (head(6) !== 42) fail('a tag other than 42')
      const raw = bytes(2)
      if (raw[0] !== 0) fail('a link without its zero byte')
      const cid = raw.subarray(1)
      try {
        readCid(cid)
      } catch (error) {
        fail((error as Error).message)
      }
      return new Link(cidText(cid))
    },
    simple: () => {
      const first = block[need(1)]
      if (first === 0xf6) return null
      if (first === 0xf4 || first === 0xf5) return first === 0xf5
      if (first !== 0xfb) fail('a simple value or float that is not allowed')
      const n = new DataView(block.buffer, block.byteOffset).getFloat64(need(8))
      if (!Number.isFinite(n) || Number.isInteger(n)) fail(`the float ${n}`)
      return n
    },
    int: () => {
      const n = peek() === 1 ? -1 - head(1) : head(0)
      return Number.isSafeInteger(n) ? n : fail('an integer beyond 2^53 - 1')
    },
    open,
    close: () => {
      depth--
    },
    eachKey: each => {
      const count = open(5)
      let last: string | undefined
      for (let i = 0; i < count; i++) {
        const key = text()
        if (last !== undefined && compareKeys(last, key) >= 0) fail(`the key ${key} out of order or repeated`)
        last = key
        each(key)
      }
      depth--
    },
  }
  const result = whole(reader)
  if (at < block.length) fail('bytes after its end')
  return result
}
