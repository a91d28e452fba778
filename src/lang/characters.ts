// The reader's alphabet: what each character starts or is, and where words end.
import { Fault } from './fault.ts'
import { isWordPoint } from './names.ts'

// What a character starts or is, for ASCII (0: it has no meaning there); anything above is `wide`.
export const space = 1
export const wordChar = 2
export const digit = 3
export const signOrDot = 4 // in words, and it may start a number
export const colon = 5
export const open = 6
export const close = 7
export const quoteMark = 8
export const prefix = 9 // ' ` ,
export const hash = 10
export const at = 11
export const semicolon = 12
export const wide = 13
/** Inside a word: wordChar, digit, signOrDot or colon. */
export const isWord = (kind: number): boolean => kind >= wordChar && kind <= colon

export const kinds = new Uint8Array(128)
const mark = (characters: string, kind: number) => {
  for (const one of characters) kinds[one.charCodeAt(0)] = kind
}
mark(' \t\n\f', space)
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ~/?!*<>=_%&^', wordChar)
mark('0123456789', digit)
mark('+-.', signOrDot)
mark(':', colon)
mark('([{', open)
mark(')]}', close)
mark('"', quoteMark)
mark("'`,", prefix)
mark('#', hash)
mark('@', at)
mark(';', semicolon)

export const isDelimiter = (unit: number): boolean => {
  const kind = unit < 128 ? kinds[unit]! : wide
  return kind === space || (kind >= open && kind <= quoteMark) || kind === semicolon
}

/** From inside a word to its end, whatever script it is in; `x#3` is one word. What follows must delimit it. */
export const wordEnd = (text: string, from: number, what = 'word'): number => {
  let pos = from
  while (pos < text.length) {
    const unit = text.charCodeAt(pos)
    if (unit < 128) {
      if (!isWord(kinds[unit]!) && !(unit === 0x23 && isDigit(text.charCodeAt(pos + 1)))) break
      pos++
    } else {
      const point = String.fromCodePoint(text.codePointAt(pos)!)
      if (!isWordPoint(point)) break
      pos += point.length
    }
  }
  if (pos < text.length && !isDelimiter(text.charCodeAt(pos))) {
    const fault = stray(text, pos)
    throw new Fault(`${fault.message} in a ${what}`, pos, fault.hint)
  }
  return pos
}

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57

/** After `#\\`: one code point of any kind but white space, and the rest of the word that it may begin. */
export const charEnd = (text: string, from: number): number => {
  const first = text.codePointAt(from)
  if (first === undefined || /\s/.test(String.fromCodePoint(first)))
    throw new Fault('expected a character after #\\', from - 2, 'a space is #\\space, a line end #\\newline')
  if (first >= 0xd800 && first < 0xe000) throw new Fault('half a surrogate pair is no character', from)
  const next = from + (first > 0xffff ? 2 : 1)
  return next < text.length && !isDelimiter(text.charCodeAt(next))
    ? wordEnd(text, next, 'character’s name')
    : next
}

export const stray = (text: string, pos: number): Fault => {
  const point = text.codePointAt(pos)!
  if (point >= 0xd800 && point < 0xe000) return new Fault('half a surrogate pair is no character', pos)
  const shown = String.fromCodePoint(point)
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
  const visible = /[^\p{C}\p{Z}\p{M}]/u.test(shown) ? `${shown} (${code})` : code
  const hint =
    point < 128 && kinds[point] === prefix
      ? 'a space separates forms; the comma is unquote'
      : /\s/.test(shown)
        ? 'use a plain space'
        : undefined
  return new Fault(`unexpected ${visible}`, pos, hint)
}
