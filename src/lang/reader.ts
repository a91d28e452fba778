// SX text → values (reference: the language's reader). One pass over one string, no recursion, no patterns on the
// hot path; foreign text of any shape gives values or an SxError.
import { type Place, SxError } from '../errors.ts'
import { commentAbove, isClient } from './comments.ts'
import { isSymbolName, isWordPoint } from './names.ts'
import { compareKeys } from './order.ts'
import { createPlaces, type Offsets, placesOf } from './place.ts'
import { Fault, readChar, readLink, readNumber, readString } from './tokens.ts'
import { isDict, isList, Keyword, keyword, type List, Sym, sym, type Value } from './values.ts'

export interface ReadLimits {
  /** lists, dicts and quotes inside each other; default 512 */
  readonly depth?: number
  /** UTF-16 units of text; default 16 Mi */
  readonly size?: number
  /** `#name form` → its value, by name; what it throws becomes a 'read-syntax' error with a place */
  readonly readerMacros?: ReadonlyMap<string, (form: Value) => Value>
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
  const opaque = new Set<object>()
  const offsets: Offsets = { starts, written, opaque }
  const spans: number[] = []
  const forms = readForms(text, limits, { starts, written, opaque, spans }, placeAt)
  return {
    file,
    text,
    forms,
    placeOf: createPlaces(placeAt, forms, offsets),
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

// What a character starts or is, for ASCII (0: it has no meaning there); anything above is `wide`.
const space = 1
const wordChar = 2
const digit = 3
const signOrDot = 4 // in words, and it may start a number
const colon = 5
const open = 6
const close = 7
const quoteMark = 8
const prefix = 9 // ' ` ,
const hash = 10
const at = 11
const semicolon = 12
const wide = 13
/** Inside a word: wordChar, digit, signOrDot or colon. */
const isWord = (kind: number): boolean => kind >= wordChar && kind <= colon

const kinds = new Uint8Array(128)
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

/** What is being read: a kind of bracket, or a prefix that takes one form. */
type Opened = '' | '(' | '[' | '{' | 'quote' | '#;' | '#name'

interface Frame {
  readonly opened: Opened
  readonly items: Value[]
  /** offset of its first character */
  readonly at: number
  /** its index in `starts` */
  readonly slot: number
}

interface Record {
  readonly starts: number[]
  readonly written: Map<object, readonly string[]>
  readonly opaque: Set<object>
  /** start and end of each top-level form, flat */
  readonly spans: number[]
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
  record: Record,
  placeAt: (offset: number) => Place,
): List => {
  const { starts, spans } = record
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
          value = opened === '{' ? dict(frame, record) : frame.items
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
            value = word(text.slice(from, end), from)
          } else if (kind === colon) {
            const cached = keywordCache[slot]!
            if (
              cached.name.length === end - from - 1 &&
              text.startsWith(cached.name, from + 1) &&
              end > from + 1
            )
              value = cached
            else {
              value = word(text.slice(from, end), from)
              if (value instanceof Keyword) keywordCache[slot] = value
            }
          } else {
            const cached = symbolCache[slot]!
            if (cached.name.length === end - from && text.startsWith(cached.name, from)) value = cached
            else {
              value = word(text.slice(from, end), from)
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
            opened: 'quote',
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
          if (pos < size && !isDelimiter(text.charCodeAt(pos))) wordEnd(text, pos, 'link')
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
            frame = { opened: 'quote', items: [prefixes["'"]!], at: from, slot }
            starts.push(from, from)
            pos += 2
          } else {
            pos = wordEnd(text, pos + 1)
            const name = text.slice(from + 1, pos)
            if (!limits.readerMacros?.has(name)) throw unknownMacro(name, from)
            frame = { opened: '#name', items: [name], at: from, slot }
            starts.push(from)
          }
          continue
        }

        default:
          if (kind !== wide) throw stray(text, pos)
          pos = wordEnd(text, pos)
          value = word(text.slice(from, pos), from)
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
        if (opened === 'quote') value = frame.items
        else if (opened === '#name') value = callReaderMacro(frame, limits, record, placeAt)
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

const isDelimiter = (unit: number): boolean => {
  const kind = unit < 128 ? kinds[unit]! : wide
  return kind === space || (kind >= open && kind <= quoteMark) || kind === semicolon
}

/** From inside a word to its end, whatever script it is in; `x#3` is one word. What follows must delimit it. */
const wordEnd = (text: string, from: number, what = 'word'): number => {
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
const charEnd = (text: string, from: number): number => {
  const first = text.codePointAt(from)
  if (first === undefined || /\s/.test(String.fromCodePoint(first)))
    throw new Fault('expected a character after #\\', from - 2, 'a space is #\\space, a line end #\\newline')
  if (first >= 0xd800 && first < 0xe000) throw new Fault('half a surrogate pair is no character', from)
  const next = from + (first > 0xffff ? 2 : 1)
  return next < text.length && !isDelimiter(text.charCodeAt(next))
    ? wordEnd(text, next, 'character’s name')
    : next
}

/** A word that is no number: a keyword, a constant or a symbol. */
const word = (token: string, from: number): Value => {
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

/** The Map of a closed dict, in canonical key order whatever the order in the text. */
const dict = (frame: Frame, record: Record): Value => {
  const { items } = frame
  const keys: string[] = []
  const entries = new Map<string, Value>()
  let sorted = true
  for (let i = 0; i < items.length; i += 2) {
    const item = items[i]
    const key = item instanceof Keyword ? item.name : item
    if (typeof key !== 'string')
      throw new Fault('expected a keyword or a constant string as a key', itemStart(frame, i, record))
    if (i + 1 === items.length) throw new Fault(`the key ${key} has no value`, itemStart(frame, i, record))
    if (entries.has(key))
      throw new Fault(`the key ${key} stands twice in one dict`, itemStart(frame, i, record))
    if (sorted && i > 0 && compareKeys(keys[keys.length - 1]!, key) > 0) sorted = false
    keys.push(key)
    entries.set(key, items[i + 1]!)
  }
  if (sorted) return entries
  const value: ReadonlyMap<string, Value> = new Map([...entries].sort(([a], [b]) => compareKeys(a, b)))
  record.written.set(value, keys)
  return value
}

/** Offset of an item of a dict that is being closed; for errors, so it may take its time. */
const itemStart = (frame: Frame, index: number, record: Record): number => {
  let slot = frame.slot + 1
  const pending = frame.items.slice(0, index)
  for (let form = pending.pop(); form !== undefined; form = pending.pop()) {
    slot++
    if (record.opaque.has(form as object)) continue
    if (isList(form)) for (const one of form) pending.push(one)
    else if (isDict(form)) for (const [key, one] of form) pending.push(key, one)
  }
  return record.starts[slot]!
}

const callReaderMacro = (
  frame: Frame,
  limits: ReadLimits,
  record: Record,
  placeAt: (offset: number) => Place,
): Value => {
  const [name, form] = frame.items as [string, Value]
  record.starts.length = frame.slot + 1
  let value: Value
  try {
    value = limits.readerMacros!.get(name)!(form)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SxError('read-syntax', `#${name}: ${why}`, { place: placeAt(frame.at) }, error)
  }
  if (isList(value) || isDict(value)) record.opaque.add(value)
  return value
}

const unknownMacro = (name: string, at: number): Fault =>
  name === ''
    ? new Fault("expected ; | \\ ' or a reader macro’s name after #", at)
    : new Fault(`there is no reader macro #${name.slice(0, 40)}`, at)

const tooDeep = (depth: number, place: Place): SxError =>
  new SxError('read-limit', `forms stand deeper than ${depth} inside each other`, { limit: depth, place })

const closers: Readonly<{ [opened in Opened]?: string }> = { '(': ')', '[': ']', '{': '}' }

const mismatch = (found: string, frame: Frame, from: number, placeAt: (offset: number) => Place): SxError => {
  const place = placeAt(from)
  if (frame.opened === '') return new SxError('read-syntax', `${found} closes nothing`, { place })
  const expected = closers[frame.opened]
  const related = [
    { note: expected ? 'the bracket to close' : 'what waits for a form', place: placeAt(frame.at) },
  ]
  return new SxError('read-syntax', `expected ${expected ?? 'a form'}, found ${found}`, { place, related })
}

const unclosed = (
  text: string,
  outermost: Frame,
  frame: Frame,
  placeAt: (offset: number) => Place,
): SxError => {
  const place = placeAt(frame.at)
  const expected = closers[frame.opened]
  if (expected === undefined)
    return new SxError('read-syntax', 'the text ends where a form is expected', { place })
  const related = [{ note: `the text ends without ${expected}`, place: placeAt(text.trimEnd().length) }]
  // Top-level forms begin lines; one that seems to lie inside a list shows where the bracket was forgotten.
  const next = text.indexOf('\n(', outermost.at)
  if (next !== -1) related.unshift({ note: 'is it missing before this line?', place: placeAt(next + 1) })
  return new SxError('read-syntax', `this ${frame.opened} is never closed: expected ${expected}`, {
    place,
    related,
  })
}

const stray = (text: string, pos: number): Fault => {
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
