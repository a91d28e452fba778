// Upstream's canonical text and its content-id, for people who come from SX's own tools. Our identity is the CID.
import { sha3_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { atom, depthLimit, unprintable } from './atoms.ts'
import { isPlainKeyword } from './names.ts'
import { compareCodePoints } from './order.ts'
import { isDict, isList, type Value } from './values.ts'

/**
 * The published rules: items joined by one space, dict keys by code point, no quote sugar, numbers without trailing
 * zeros. Seen nowhere, so ours: strings escape `" \ \n \t \r` only; a key that is no keyword is a string; chars,
 * rationals and links as the printer writes them. Throws 'value-not-storable' as `print` does.
 */
export const canonicalText = (value: Value): string => {
  const out: string[] = []
  write(out, value, depthLimit)
  return out.join('')
}

/** SHA3-256 of the canonical text in UTF-8, 64 hexadecimal digits; the short id is the first 16. */
export const contentId = (value: Value): string => bytesToHex(sha3_256(utf8ToBytes(canonicalText(value))))

const write = (out: string[], value: Value, depth: number): void => {
  if (typeof value === 'string') {
    out.push(quoted(value))
    return
  }
  if (!isList(value) && !isDict(value)) {
    out.push(atom(value))
    return
  }
  if (depth === 0) throw unprintable(`a value nested deeper than ${depthLimit}`)
  out.push(isList(value) ? '(' : '{')
  let between = ''
  if (isList(value)) {
    for (const item of value) {
      out.push(between)
      write(out, item, depth - 1)
      between = ' '
    }
  } else {
    for (const key of [...value.keys()].sort(compareCodePoints)) {
      out.push(between, isPlainKeyword(key) ? `:${key}` : quoted(key), ' ')
      write(out, value.get(key)!, depth - 1)
      between = ' '
    }
  }
  out.push(isList(value) ? ')' : '}')
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
}

const quoted = (text: string): string => {
  if (!text.isWellFormed()) throw unprintable('a string with half a surrogate pair')
  return `"${text.replace(/["\\\n\t\r]/g, one => escapes[one]!)}"`
}
