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
export const canonicalText = (value: Value): string => textOf(value, depthLimit)

/** SHA3-256 of the canonical text in UTF-8, 64 hexadecimal digits; the short id is the first 16. */
export const contentId = (value: Value): string => bytesToHex(sha3_256(utf8ToBytes(canonicalText(value))))

const textOf = (value: Value, depth: number): string => {
  if (typeof value === 'string') return quoted(value)
  if (!isList(value) && !isDict(value)) return atom(value)
  if (depth === 0) throw unprintable(`a value nested deeper than ${depthLimit}`)
  let text = ''
  if (isList(value)) {
    for (const item of value) text += text === '' ? textOf(item, depth - 1) : ` ${textOf(item, depth - 1)}`
    return `(${text})`
  }
  for (const key of [...value.keys()].sort(compareCodePoints)) {
    const entry = `${isPlainKeyword(key) ? `:${key}` : quoted(key)} ${textOf(value.get(key)!, depth - 1)}`
    text += text === '' ? entry : ` ${entry}`
  }
  return `{${text}}`
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
