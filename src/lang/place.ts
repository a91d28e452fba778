// Where forms stand in their text, and how an error shows it on a terminal.
import { type Place, SxError } from '../errors.ts'
import { isDict, isList, type Value } from './values.ts'

/** Offsets in one text → places. Line and column from 1; columns count UTF-16 units, as editors and `slice` do. */
export const placesOf = (file: string, text: string): ((offset: number) => Place) => {
  let lines: number[] | undefined
  return offset => {
    if (lines === undefined) {
      lines = [0]
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.push(at + 1)
    }
    let low = 0
    let high = lines.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (lines[middle]! <= offset) low = middle
      else high = middle - 1
    }
    const start = lines[low]!
    const end = text.indexOf('\n', start)
    return {
      file,
      line: low + 1,
      column: offset - start + 1,
      excerpt: text.slice(start, end === -1 ? text.length : end),
    }
  }
}

/**
 * What the reader writes down while it reads, one number a form: the offset of every form in pre-order, the list of
 * top-level forms first. A dict's keys have a number each. Nothing else is kept, so positions cost nothing until
 * somebody asks.
 */
export interface Offsets {
  readonly starts: readonly number[]
  /** dicts whose keys were not written in canonical order → keys as written */
  readonly written: ReadonlyMap<object, readonly string[]>
}

/** From forms to their index in `Offsets.starts`, made by one walk at the first question. */
export const createPlaces = (placeAt: (offset: number) => Place, root: Value, offsets: Offsets) => {
  let index: Map<object, number> | undefined
  let ends: Int32Array | undefined

  const build = () => {
    index = new Map()
    ends = new Int32Array(offsets.starts.length)
    let next = 0
    const open: { at: number; rest: Iterator<Value> }[] = []
    const enter = (form: Value, isKey = false) => {
      const at = next++
      ends![at] = next
      if (typeof form !== 'object' || form === null || isKey) return
      const inside = isList(form) ? form : isDict(form) ? dictForms(form, offsets.written) : undefined
      if (inside === undefined) return
      index!.set(form, at)
      open.push({ at, rest: inside[Symbol.iterator]() })
    }
    enter(root)
    while (open.length > 0) {
      const top = open[open.length - 1]!
      const step = top.rest.next()
      if (step.done) {
        ends[top.at] = next
        open.pop()
      } else enter(step.value)
    }
  }

  /** Of a list or dict by identity, or of its element (a dict: the value) number `child`, keys in canonical order. */
  return (form: Value, child?: number): Place | undefined => {
    if (!isList(form) && !isDict(form)) return undefined
    if (index === undefined) build()
    const at = index!.get(form)
    if (at === undefined) return undefined
    if (child === undefined) return placeAt(offsets.starts[at]!)
    let slot = at + 1
    if (isList(form)) {
      if (child < 0 || child >= form.length) return undefined
      for (let i = 0; i < child; i++) slot = ends![slot]!
    } else {
      const key = [...form.keys()][child]
      if (key === undefined) return undefined
      slot++
      for (const other of offsets.written.get(form) ?? form.keys()) {
        if (other === key) break
        slot = ends![slot]! + 1
      }
    }
    return placeAt(offsets.starts[slot]!)
  }
}

/** A dict's keys and values in the order in which they were written. */
function* dictForms(form: ReadonlyMap<string, Value>, written: Offsets['written']): Generator<Value> {
  for (const key of written.get(form) ?? form.keys()) {
    yield key
    yield form.get(key)!
  }
}

/** Longer source lines are shown as a window around the column. */
const window = 100

const showPlace = (place: Place, note: string): string[] => {
  const head = `${place.file}:${place.line}:${place.column}: ${note}`
  const column = Math.max(0, Math.min(place.column - 1, place.excerpt.length))
  if (place.excerpt.trim() === '') return [head]
  const from = place.excerpt.length > window ? Math.max(0, column - window / 2) : 0
  const shown = place.excerpt.slice(from, from + window)
  const before = (from > 0 ? '…' : '') + clean(shown.slice(0, column - from))
  return [
    head,
    `  ${before}${clean(shown.slice(column - from))}${from + window < place.excerpt.length ? '…' : ''}`,
    `  ${padding(before)}^`,
  ]
}

/** Sources are foreign text: no control or direction characters reach the terminal. */
const clean = (text: string): string => text.replace(/[^\P{C}\t\n]/gu, '\ufffd')

/** As wide as the text is on a terminal: tabs stay tabs, marks have no width, East Asian letters and emoji two. */
const padding = (text: string): string =>
  text
    .replace(/\p{M}/gu, '')
    .replace(
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g,
      '  ',
    )
    .replace(/[\u{1f000}-\u{3ffff}]/gu, '  ')
    .replace(/[^\t ]/gu, ' ')

/**
 * An error as lines for a terminal, without colours: message, place with a caret, related places, hint. Any thrown
 * thing is taken.
 */
export const showError = (error: unknown): string => {
  if (!(error instanceof SxError)) return error instanceof Error ? error.message : String(error)
  const { place, related = [], hint, call, expansion } = error.detail
  const lines = place === undefined ? [clean(error.message)] : showPlace(place, clean(error.message))
  const isHere = (at: Place): boolean =>
    at.file === place?.file && at.line === place.line && at.column === place.column
  for (const one of related)
    lines.push(...(isHere(one.place) ? [`  ${clean(one.note)}`] : showPlace(one.place, clean(one.note))))
  if (typeof call === 'string') lines.push(`  the call    ${clean(call)}`)
  if (typeof expansion === 'string') lines.push(`  expands to  ${clean(expansion)}`)
  if (hint !== undefined) lines.push(`  hint: ${clean(hint)}`)
  return lines.join('\n')
}
