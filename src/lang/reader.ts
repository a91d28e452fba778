// SX text → values (reference: the language's reader). One pass over one string, no recursion, no patterns on the
// hot path; foreign text of any shape gives values or an SxError.
import { type Place, SxError } from '../errors.ts'
import {
  at,
  charEnd,
  close,
  colon,
  digit,
  hash,
  isDelimiter,
  isWord,
  kinds,
  open,
  prefix,
  quoteMark,
  semicolon,
  signOrDot,
  space,
  stray,
  wide,
  wordChar,
  wordEnd,
} from './characters.ts'
import { commentAbove, isClient } from './comments.ts'
import { Fault } from './fault.ts'
import { dict, type Frame, mismatch, type Notes, taggedName, tooDeep, unclosed } from './frame.ts'
import { createPlaces, type Offsets, placesOf } from './place.ts'
import { readChar, readLink, readNumber, readString, readWord } from './tokens.ts'
import { Keyword, type List, Sym, sym, type Value } from './values.ts'

export interface ReadLimits {
  /** lists, dicts and quotes inside each other; default 512 */
  readonly depth?: number
  /** UTF-16 units of text; default 16 Mi */
  readonly size?: number
}

/** A text that was read. Offsets and places count in `text`, which has no BOM and only LF. */
export interface Source {
  readonly file: string
  readonly text: string
  /** top-level forms */
  readonly forms: List
  /** place of a list or dict by identity, or of its child number `index` (`forms` itself is such a list) */
  placeOf(form: Value, index?: number): Place | undefined
  /** the comment lines directly above a top-level form, without `;`, or '' */
  commentAbove(formIndex: number): string
  /** the file's first line is `;; @client` */
  readonly client: boolean
}

/** Throws SxError 'read-syntax' or 'read-limit', with a place. */
export const read = (text: string, file = 'text.sx', limits: ReadLimits = {}): Source => {
  const size = limits.size ?? 16 * 1024 * 1024
  if (text.length > size)
    throw new SxError('read-limit', `the text is longer than ${size} characters`, {
      limit: size,
      place: { file, line: 1, column: 1, excerpt: '' },
    })
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1)
  if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n')
  const placeAt = placesOf(file, text)
  const starts: number[] = []
  const written = new Map<object, readonly string[]>()
  const offsets: Offsets = { starts, written }
  const spans: number[] = []
  const forms = readForms(text, limits, { starts, written, spans }, placeAt)
  const placeOf = createPlaces(placeAt, forms, offsets)
  return {
    file,
    text,
    forms,
    // A build asks where each definition stands: that much is known without the walk that finds all other forms.
    placeOf: (form, index) => {
      const began = form === forms && index !== undefined ? spans[2 * index] : undefined
      return began === undefined ? placeOf(form, index) : placeAt(began)
    },
    commentAbove: index => commentAbove(text, spans, index),
    client: isClient(text),
  }
}

/** The one form of a text. */
export const readOne = (text: string): Value => {
  const { forms, placeOf } = read(text)
  if (forms.length === 1) return forms[0]!
  const place = placeOf(forms, 1)
  throw new SxError('read-syntax', `expected one form, found ${forms.length}`, place && { place })
}

const prefixes: Readonly<{ [prefix: string]: Sym }> = {
  "'": sym('quote'),
  '`': sym('quasiquote'),
  ',': sym('unquote'),
  ',@': sym('splice-unquote'),
}

// The last symbol and keyword of each hash: most words of a text were seen before, and need no new string.
const cacheSize = 4096
const symbolCache: Sym[] = new Array<Sym>(cacheSize).fill(new Sym(''))
const keywordCache: Keyword[] = new Array<Keyword>(cacheSize).fill(new Keyword(''))

const readForms = (
  text: string,
  limits: ReadLimits,
  notes: Notes,
  placeAt: (offset: number) => Place,
): List => {
  const { starts, spans } = notes
  const depth = limits.depth ?? 512
  const size = text.length
  const stack: Frame[] = []
  let frame: Frame = { opened: '', items: [], at: 0, slot: 0 }
  starts.push(0)
  let pos = 0

  try {
    for (;;) {
      if (pos >= size) {
        if (frame.opened === '') return frame.items
        throw unclosed(text, stack[1] ?? frame, frame, placeAt)
      }
      const from = pos
      const unit = text.charCodeAt(pos)
      const kind = unit < 128 ? kinds[unit]! : wide
      let value: Value
      // Where the form that was completed begins: a closed list began at its bracket.
      let began = from

      switch (kind) {
        case space:
          pos++
          continue

        case semicolon: {
          const line = text.indexOf('\n', pos)
          pos = line === -1 ? size : line + 1
          continue
        }

        case open: {
          if (stack.length >= depth) throw tooDeep(depth, placeAt(from))
          stack.push(frame)
          frame = {
            opened: unit === 0x28 ? '(' : unit === 0x5b ? '[' : '{',
            items: [],
            at: from,
            slot: starts.length,
          }
          starts.push(from)
          pos++
          continue
        }

        case close: {
          const { opened } = frame
          if (unit === 0x29 ? opened !== '(' : unit === 0x5d ? opened !== '[' : opened !== '{')
            throw mismatch(text[pos]!, frame, from, placeAt)
          value = opened === '{' ? dict(frame, notes) : frame.items
          began = frame.at
          frame = stack.pop()!
          pos++
          break
        }

        case wordChar:
        case signOrDot:
        case colon:
        case digit: {
          // A short integer; `-` counts when a digit follows.
          let sum = 0
          const first = unit === 0x2d ? pos + 1 : pos
          let end = first
          for (; end < size; end++) {
            const d = text.charCodeAt(end) - 48
            if (!(d >= 0 && d <= 9)) break
            sum = sum * 10 + d
          }
          if (end > first) {
            pos = end
            if (end < size && !isDelimiter(text.charCodeAt(end))) {
              pos = wordEnd(text, end)
              value = readNumber(text.slice(from, pos), from)
            } else if (end - first > 15) value = readNumber(text.slice(from, end), from)
            else value = unit === 0x2d && sum !== 0 ? -sum : sum
            starts.push(from)
            break
          }
          let sum31 = unit
          for (end = pos + 1; end < size; end++) {
            const next = text.charCodeAt(end)
            if (next >= 128 || !isWord(kinds[next]!)) break
            sum31 = (Math.imul(sum31, 31) + next) | 0
          }
          const slot = (sum31 ^ (sum31 >>> 12)) & (cacheSize - 1)
          if (end < size && !isDelimiter(text.charCodeAt(end))) {
            end = wordEnd(text, end)
            value = readWord(text.slice(from, end), from)
          } else if (kind === colon) {
            const cached = keywordCache[slot]!
            if (
              cached.name.length === end - from - 1 &&
              text.startsWith(cached.name, from + 1) &&
              end > from + 1
            )
              value = cached
            else {
              value = readWord(text.slice(from, end), from)
              if (value instanceof Keyword) keywordCache[slot] = value
            }
          } else {
            const cached = symbolCache[slot]!
            if (cached.name.length === end - from && text.startsWith(cached.name, from)) value = cached
            else {
              value = readWord(text.slice(from, end), from)
              if (value instanceof Sym) symbolCache[slot] = value
            }
          }
          starts.push(from)
          pos = end
          break
        }

        case quoteMark: {
          let end = pos + 1
          let next = 0
          for (; end < size; end++) {
            next = text.charCodeAt(end)
            if (next === 0x22 || next === 0x5c || (next >= 0xd800 && next < 0xe000)) break
          }
          if (next === 0x22 && end < size) {
            value = text.slice(pos + 1, end)
            pos = end + 1
          } else {
            const string = readString(text, pos)
            value = string.value
            pos = string.end
          }
          starts.push(from)
          break
        }

        case prefix: {
          if (stack.length >= depth) throw tooDeep(depth, placeAt(from))
          const splice = unit === 0x2c && text.charCodeAt(pos + 1) === 0x40
          if (splice && /^,@[hxm]:/.test(text.slice(pos, pos + 4)))
            throw new Fault(
              ',@ directly before a link is ambiguous',
              pos,
              'write (unquote @h:…) or (splice-unquote …)',
            )
          pos += splice ? 2 : 1
          stack.push(frame)
          frame = {
            opened: 'prefix',
            items: [prefixes[text.slice(from, pos)]!],
            at: from,
            slot: starts.length,
          }
          starts.push(from, from)
          continue
        }

        case at: {
          const link = readLink(text, pos)
          value = link.value
          pos = link.end
          if (pos < size && !isDelimiter(text.charCodeAt(pos))) throw stray(text, pos)
          starts.push(from)
          break
        }

        case hash: {
          const second = text.charCodeAt(pos + 1)
          if (second === 0x7c) {
            const end = text.indexOf('|', pos + 2)
            if (end === -1) throw new Fault('this raw string is never closed: expected |', pos)
            value = text.slice(pos + 2, end)
            if (!value.isWellFormed()) throw new Fault('half a surrogate pair is no character', pos)
            pos = end + 1
            starts.push(from)
            break
          }
          if (second === 0x5c) {
            pos = charEnd(text, pos + 2)
            value = readChar(text.slice(from + 2, pos), from)
            starts.push(from)
            break
          }
          if (stack.length >= depth) throw tooDeep(depth, placeAt(from))
          stack.push(frame)
          const slot = starts.length
          if (second === 0x3b) {
            frame = { opened: '#;', items: [], at: from, slot }
            pos += 2
          } else if (second === 0x27) {
            frame = { opened: 'prefix', items: [prefixes["'"]!], at: from, slot }
            starts.push(from, from)
            pos += 2
          } else {
            pos = wordEnd(text, pos + 1)
            frame = { opened: 'prefix', items: [taggedName(text.slice(from + 1, pos), from)], at: from, slot }
            starts.push(from, from + 1)
          }
          continue
        }

        default:
          if (kind !== wide) throw stray(text, pos)
          pos = wordEnd(text, pos)
          value = readWord(text.slice(from, pos), from)
          starts.push(from)
      }

      // The form goes into what is open; a prefix is complete with it and goes on into what was open before.
      for (;;) {
        frame.items.push(value)
        const { opened } = frame
        if (opened === '(' || opened === '[' || opened === '{') break
        if (opened === '') {
          spans.push(began, pos)
          break
        }
        if (opened === 'prefix') value = frame.items
        else starts.length = frame.slot
        began = frame.at
        frame = stack.pop()!
        if (opened === '#;') break
      }
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new SxError('read-syntax', error.message, {
      place: placeAt(error.at),
      ...(error.hint !== undefined && { hint: error.hint }),
    })
  }
}
