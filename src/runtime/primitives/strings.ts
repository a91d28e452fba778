// Strings. Positions and lengths count UTF-16 units.
import { Char, Keyword, Ratio, Sym } from '../../lang/values.ts'
import { escapeHtml } from '../html.ts'
import { Raw, Signal, show } from '../values.ts'
import type { Row } from './table.ts'

/** As `str` joins it: nil is empty, text is itself, data is SX text. */
export const stringOf = (v: unknown): string => {
  if (typeof v === 'string') return v
  if (v === null || v === undefined) return ''
  if (v instanceof Char) return v.text
  if (v instanceof Sym || v instanceof Keyword) return v.name
  if (v instanceof Raw) return v.html
  if (v instanceof Signal) return stringOf(v.v)
  return v instanceof Ratio || typeof v === 'object' ? show(v) : String(v)
}

const upper = (s: string): string => s.toUpperCase()
const lower = (s: string): string => s.toLowerCase()
const contains = (s: string, part: string): boolean => s.includes(part)

export const stringRows: readonly Row[] = [
  ['str', 'a*', (...vs: unknown[]) => vs.map(stringOf).join('')],
  ['upper', 's', upper],
  ['lower', 's', lower],
  ['upcase', 's', upper],
  ['downcase', 's', lower],
  ['trim', 's', (s: string) => s.trim()],
  ['trim-right', 's', (s: string) => s.trimEnd()],
  ['char-from-code', 'n', (n: number) => String.fromCodePoint(n)],
  ['string-length', 's', (s: string) => s.length],
  ['substring', 'snn?', (s: string, from: number, to?: number) => s.slice(from, to)],
  ['string-contains?', 'ss', contains],
  ['starts-with?', 'ss', (s: string, part: string) => s.startsWith(part)],
  ['ends-with?', 'ss', (s: string, part: string) => s.endsWith(part)],
  ['split', 'ss?', (s: string, by = ' ') => s.split(by)],
  ['join', 'al', (by: unknown, list: unknown[]) => list.map(stringOf).join(stringOf(by))],
  ['replace', 'sss', (s: string, from: string, to: string) => (from === '' ? s : s.split(from).join(to))],
  // As templates have it: the ending that fits the number.
  ['pluralize', 'ns?s?', (n: number, one = '', more = 's') => (n === 1 ? one : more)],
  ['escape', 'a', (v: unknown) => escapeHtml(stringOf(v))],
  ['strip-tags', 's', (s: string) => s.replace(/<[^>]*>/g, '')],
]
