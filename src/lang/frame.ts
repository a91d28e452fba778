// What is open while the reader reads: how it is closed, and what is said when it can't be.
import { type Place, SxError } from '../errors.ts'
import { Fault } from './fault.ts'
import { compareKeys } from './order.ts'
import { readWord } from './tokens.ts'
import { isDict, isList, Keyword, Sym, type Value } from './values.ts'

/** What is being read: a kind of bracket, or a prefix that takes one form. */
export type Opened = '' | '(' | '[' | '{' | 'prefix' | '#;'

export interface Frame {
  readonly opened: Opened
  readonly items: Value[]
  /** offset of its first character */
  readonly at: number
  /** its index in `starts` */
  readonly slot: number
}

export interface Notes {
  readonly starts: number[]
  readonly written: Map<object, readonly string[]>
  /** start and end of each top-level form, flat */
  readonly spans: number[]
}

/** The Map of a closed dict, in canonical key order whatever the order in the text. */
export const dict = (frame: Frame, notes: Notes): Value => {
  const { items } = frame
  const keys: string[] = []
  const entries = new Map<string, Value>()
  let sorted = true
  for (let i = 0; i < items.length; i += 2) {
    const item = items[i]
    const key = item instanceof Keyword ? item.name : item
    if (typeof key !== 'string')
      throw new Fault('expected a keyword or a constant string as a key', itemStart(frame, i, notes))
    if (i + 1 === items.length)
      throw new Fault(`the key ${key.slice(0, 40)} has no value`, itemStart(frame, i, notes))
    if (entries.has(key))
      throw new Fault(`the key ${key.slice(0, 40)} stands twice in one dict`, itemStart(frame, i, notes))
    if (sorted && i > 0 && compareKeys(keys[keys.length - 1]!, key) > 0) sorted = false
    keys.push(key)
    entries.set(key, items[i + 1]!)
  }
  if (sorted) return entries
  const value: ReadonlyMap<string, Value> = new Map([...entries].sort(([a], [b]) => compareKeys(a, b)))
  notes.written.set(value, keys)
  return value
}

/** Offset of an item of a dict that is being closed; for errors, so it may take its time. */
const itemStart = (frame: Frame, index: number, notes: Notes): number => {
  let slot = frame.slot + 1
  const pending = frame.items.slice(0, index)
  for (let form = pending.pop(); form !== undefined; form = pending.pop()) {
    slot++
    if (isList(form)) for (const one of form) pending.push(one)
    else if (isDict(form)) for (const [key, one] of form) pending.push(key, one)
  }
  return notes.starts[slot]!
}

/** The name after `#`, which is called with the form that follows: `#name form` is `(name form)`. */
export const taggedName = (name: string, at: number): Sym => {
  if (name === '') throw new Fault("expected ; | \\ ' or a name after #", at)
  if (/^(?:t|f|true|false)$/.test(name))
    throw new Fault(`#${name} is no value here`, at, `write ${name[0] === 't' ? 'true' : 'false'}`)
  const word = readWord(name, at + 1)
  if (word instanceof Sym) return word
  throw new Fault(`#${name.slice(0, 40)} calls nothing`, at)
}

export const tooDeep = (depth: number, place: Place): SxError =>
  new SxError('read-limit', `forms stand deeper than ${depth} inside each other`, { limit: depth, place })

const closers: Readonly<{ [opened in Opened]?: string }> = { '(': ')', '[': ']', '{': '}' }

export const mismatch = (
  found: string,
  frame: Frame,
  from: number,
  placeAt: (offset: number) => Place,
): SxError => {
  const place = placeAt(from)
  if (frame.opened === '') return new SxError('read-syntax', `${found} closes nothing`, { place })
  const expected = closers[frame.opened]
  const related = [
    { note: expected ? 'the bracket to close' : 'what waits for a form', place: placeAt(frame.at) },
  ]
  return new SxError('read-syntax', `expected ${expected ?? 'a form'}, found ${found}`, { place, related })
}

export const unclosed = (
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
