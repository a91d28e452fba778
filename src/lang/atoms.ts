// The text of single values, shared by the one-line, the laid-out and the canonical printer.
import { SxError } from '../errors.ts'
import { isPlainKeyword, isSymbolName } from './names.ts'
import { compareKeys } from './order.ts'
import { charNames } from './tokens.ts'
import {
  Char,
  type Dict,
  ExportLink,
  Keyword,
  Link,
  type List,
  MemberRef,
  Ratio,
  Ref,
  Sym,
  type Value,
} from './values.ts'

/** As deep as the reader reads by default, and as a block may nest. */
export const depthLimit = 512

export const unprintable = (what: string): SxError =>
  new SxError('value-not-storable', `${what} can not be written as text`)

/** Canonical order; the Map itself when it has it already, as what the reader made does. */
export const keysOf = (dict: Dict): Iterable<string> => {
  let last: string | undefined
  for (const key of dict.keys()) {
    if (last !== undefined && compareKeys(last, key) > 0) return [...dict.keys()].sort(compareKeys)
    last = key
  }
  return dict.keys()
}

export const keyText = (key: string): string => (isPlainKeyword(key) ? `:${key}` : stringText(key))

const sugars: ReadonlyMap<string, string> = new Map([
  ['quote', "'"],
  ['quasiquote', '`'],
  ['unquote', ','],
  ['splice-unquote', ',@'],
])

/** `'` and its kin, where the text after it can't be mistaken: `,@h:…` would be splice-unquote. */
export const sugarOf = (list: List): string | undefined => {
  const head = list[0]
  if (list.length !== 2 || !(head instanceof Sym) || head.mark !== 0) return undefined
  const inner = list[1]
  if (inner instanceof Link || inner instanceof ExportLink || inner instanceof MemberRef)
    return head.name === 'quote' || head.name === 'quasiquote' ? sugars.get(head.name) : undefined
  // `,@h:x` is refused by the reader, so a spliced name `h:x` takes the long form too.
  if (head.name === 'splice-unquote' && inner instanceof Sym && /^[hxm]:/.test(inner.name)) return undefined
  return sugars.get(head.name)
}

/** Symbols whose names were looked at: most stand in a text many times. */
const sound = new WeakSet<Sym>()

/** The text of anything but a list or a dict. */
export const atom = (value: Exclude<Value, List | Dict>): string => {
  switch (typeof value) {
    case 'string':
      return stringText(value)
    case 'number':
      return numberText(value)
    case 'boolean':
      return value ? 'true' : 'false'
  }
  if (value === null) return 'nil'
  if (value instanceof Sym) {
    if (value.mark !== 0) throw unprintable(`the symbol ${value.name} of an unfinished expansion`)
    if (!sound.has(value)) {
      if (!isSymbolName(value.name)) throw unprintable(`a symbol named ${JSON.stringify(value.name)}`)
      sound.add(value)
    }
    return value.name
  }
  if (value instanceof Keyword) {
    if (!isPlainKeyword(value.name)) throw unprintable(`a keyword named ${JSON.stringify(value.name)}`)
    return `:${value.name}`
  }
  if (value instanceof Char) return charText(value.text)
  if (value instanceof Ratio) return ratioText(value)
  if (value instanceof Link && isCid(value.cid)) return `@h:${value.cid}`
  if (value instanceof ExportLink && isCid(value.cid)) {
    if (isSymbolName(value.export) && !value.export.includes('#')) return `@x:${value.cid}#${value.export}`
    throw unprintable(`an export named ${JSON.stringify(value.export)}`)
  }
  if (value instanceof MemberRef && value.index >= 0 && value.index < 1e9 && Number.isInteger(value.index))
    return `@m:${value.index}`
  if (value instanceof Ref) throw unprintable(`the reference to ${value.name}, which has no CID yet,`)
  throw unprintable('this value')
}

export const isCid = (cid: string): boolean => /^b[a-z2-7]+$/.test(cid)

/** Shortest text that reads as the number; −0 is 0. */
export const numberText = (value: number): string => {
  if (Number.isInteger(value) ? !Number.isSafeInteger(value) : !Number.isFinite(value))
    throw unprintable(`the number ${value}`)
  return value === 0 ? '0' : String(value)
}

export const ratioText = ({ num, den }: Ratio): string => {
  let [a, b] = [Math.abs(num), den]
  while (b !== 0 && !Number.isNaN(b)) [a, b] = [b, a % b]
  if (!(Number.isSafeInteger(num) && Number.isSafeInteger(den) && den >= 2 && a === 1))
    throw unprintable(`the rational ${num}/${den}, which is not reduced,`)
  return `${num}/${den}`
}

const nameOfChar: ReadonlyMap<string, string> = new Map([...charNames].map(([name, text]) => [text, name]))

export const charText = (text: string): string => {
  const point = text.codePointAt(0)
  if (point === undefined || String.fromCodePoint(point) !== text || !text.isWellFormed())
    throw unprintable(`the char ${JSON.stringify(text)}, which is not one character,`)
  const name = nameOfChar.get(text)
  if (name !== undefined) return `#\\${name}`
  // ASCII and letters show themselves; what can't be seen or sticks to its neighbour is a number.
  return (point > 0x20 && point < 0x7f) || /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(text)
    ? `#\\${text}`
    : `#\\x${point.toString(16)}`
}

// Controls, and what is invisible or changes the direction of the text around it.
const special = /["\\\p{Cc}\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu
const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
])

export const stringText = (text: string): string => {
  if (!text.isWellFormed()) throw unprintable('a string with half a surrogate pair')
  return `"${text.replace(special, one => escapes.get(one) ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
}
