// The reader's rarer tokens: new words, numbers that are not short integers, chars, strings with escapes, links.
// Each takes the text and an offset and says where the token ends; what is wrong is thrown as a Fault.
import { Fault } from './fault.ts'
import { isSymbolName } from './names.ts'
import { Char, ExportLink, keyword, Link, MemberRef, Ratio, sym, type Value } from './values.ts'

const number = /^-?[0-9]+(?:(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\/[0-9]+)$/

/** A whole token that starts like a number (`-?digits[.digits][e±digits]`, `-?digits/digits`). */
export const readNumber = (token: string, at: number): number | Ratio => {
  const shown = token.length > 40 ? `${token.slice(0, 40)}…` : token
  if (!number.test(token)) throw new Fault(`${shown} is neither a number nor a name`, at, numberHint(token))
  const slash = token.indexOf('/')
  if (slash !== -1) return ratio(Number(token.slice(0, slash)), Number(token.slice(slash + 1)), shown, at)
  const value = Number(token)
  // Above 2^53 every float is integral, so one check serves integers, floats of integral value, and infinity.
  if (Number.isInteger(value) ? !Number.isSafeInteger(value) : !Number.isFinite(value))
    throw new Fault(`${shown} is too large: integers reach from −(2^53−1) to 2^53−1`, at)
  return value === 0 ? 0 : value
}

const numberHint = (token: string): string => {
  if (/^\+[0-9]/.test(token)) return `write ${token.slice(1, 41)}`
  if (/^[+-]?\.[0-9]/.test(token)) return 'write a digit before the point, as in 0.5'
  if (/^-?[0-9]+\.$/.test(token)) return 'write a digit after the point, as in 1.0'
  return 'names do not start with a digit'
}

const ratio = (num: number, den: number, shown: string, at: number): number | Ratio => {
  if (den === 0) throw new Fault(`${shown} divides by zero`, at)
  if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den))
    throw new Fault(`${shown} is too large: both parts of a rational are at most 2^53−1`, at)
  let [a, b] = [Math.abs(num), den]
  while (b !== 0) [a, b] = [b, a % b]
  const [top, bottom] = [num / a, den / a]
  return bottom === 1 ? top + 0 : new Ratio(top + 0, bottom)
}

/** A whole word that is no number: a keyword, a constant or a symbol. */
export const readWord = (token: string, from: number): Value => {
  if (token === 'true') return true
  if (token === 'false') return false
  if (token === 'nil') return null
  if (token.startsWith(':')) {
    if (token.length === 1) throw new Fault('expected a name after :', from)
    if (/^:\p{M}|#/u.test(token)) throw new Fault(`${token.slice(0, 40)} is no keyword`, from)
    return keyword(token.slice(1))
  }
  if (isSymbolName(token)) return sym(token)
  if (/^[+-]?\.?[0-9]/.test(token)) readNumber(token, from)
  const hint = token.includes('#') ? undefined : 'names do not start with a digit or an accent'
  throw new Fault(`${token.slice(0, 40)} is no name`, from, hint)
}

const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t', r: '\r' }

/** A string that holds escapes or surrogates; `at` is its opening quote. Returns where it ends. */
export const readString = (text: string, at: number): { value: string; end: number } => {
  let value = ''
  let from = at + 1
  for (let pos = from; ; ) {
    const unit = text.charCodeAt(pos)
    if (unit === 0x22) return { value: value + text.slice(from, pos), end: pos + 1 }
    if (pos >= text.length) throw new Fault('this string is never closed: expected "', at)
    if (unit === 0x5c) {
      value += text.slice(from, pos)
      const letter = text[pos + 1] ?? ''
      if (letter === 'u') {
        const point = readUnicode(text, pos)
        value += point
        pos += point.length * 6
      } else {
        const plain = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
        if (plain === undefined)
          throw new Fault(`unknown escape in a string: expected one of \\" \\\\ \\n \\t \\r \\uXXXX`, pos)
        value += plain
        pos += 2
      }
      from = pos
    } else if (unit >= 0xd800 && unit < 0xe000) pos += surrogatePair(text, pos)
    else pos++
  }
}

/** `\uXXXX` at `pos`, or two that are a surrogate pair. */
const readUnicode = (text: string, pos: number): string => {
  const unit = hex4(text, pos)
  if (unit < 0xd800 || unit >= 0xe000) return String.fromCharCode(unit)
  const low = unit < 0xdc00 && text.startsWith('\\u', pos + 6) ? hex4(text, pos + 6) : 0
  if (low < 0xdc00 || low >= 0xe000) throw new Fault('half a surrogate pair is no character', pos)
  return String.fromCharCode(unit, low)
}

const hex4 = (text: string, pos: number): number => {
  const digits = text.slice(pos + 2, pos + 6)
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Fault('expected four hexadecimal digits after \\u', pos)
  return Number.parseInt(digits, 16)
}

/** Units that the surrogate at `pos` and its other half take: always two. */
const surrogatePair = (text: string, pos: number): 2 => {
  const low = text.charCodeAt(pos + 1)
  if (text.charCodeAt(pos) >= 0xdc00 || !(low >= 0xdc00 && low < 0xe000))
    throw new Fault('half a surrogate pair is no character', pos)
  return 2
}

/** Names of chars, R7RS; the printer writes the first name of a char. */
export const charNames: ReadonlyMap<string, string> = new Map([
  ['space', ' '],
  ['newline', '\n'],
  ['tab', '\t'],
  ['return', '\r'],
  ['null', '\0'],
  ['alarm', '\x07'],
  ['backspace', '\b'],
  ['escape', '\x1b'],
  ['delete', '\x7f'],
])

/** What follows `#\`: one code point, a name, or `x` and hexadecimal digits. `at` is the `#`. */
export const readChar = (token: string, at: number): Char => {
  if ([...token].length === 1) return new Char(token)
  const named = charNames.get(token)
  if (named !== undefined) return new Char(named)
  if (/^x[0-9a-fA-F]{1,6}$/.test(token)) {
    const point = Number.parseInt(token.slice(1), 16)
    if (point <= 0x10ffff && (point < 0xd800 || point >= 0xe000)) return new Char(String.fromCodePoint(point))
    throw new Fault(`#\\${token} is no Unicode character`, at)
  }
  const shown = token.length > 40 ? `${token.slice(0, 40)}…` : token
  throw new Fault(
    `#\\${shown} is no character: expected one character, ${[...charNames.keys()].join(', ')}, or x and hexadecimal digits`,
    at,
  )
}

const link = /@(?:h:(b[a-z2-7]+)|x:(b[a-z2-7]+)#([^\s()[\]{}"';`,@\\|$]+)|m:(0|[1-9][0-9]{0,8}))/y

/** `@h:<cid>`, `@x:<cid>#name`, `@m:index` at `at`; whether the CID is one is for those who follow it. */
export const readLink = (text: string, at: number): { value: Link | ExportLink | MemberRef; end: number } => {
  link.lastIndex = at
  const found = link.exec(text)
  if (found === null)
    throw new Fault('expected @h:<cid>, @x:<cid>#name or @m:index after @', at, '(deref x) has no short form')
  const [, cid, library, name, index] = found
  const end = link.lastIndex
  if (cid !== undefined) return { value: new Link(cid), end }
  if (index !== undefined) return { value: new MemberRef(Number(index)), end }
  if (!isSymbolName(name!) || name!.includes('#'))
    throw new Fault('expected a name after the library’s # ', at)
  return { value: new ExportLink(library!, name!), end }
}
