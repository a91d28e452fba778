// Strings. Positions and lengths count UTF-16 units.
import { Char, Keyword, Ratio, Sym } from '../../lang/values.ts'
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

export const stringRows: readonly Row[] = [
  ['str', 'a*', (...vs: unknown[]) => vs.map(stringOf).join('')],
  ['upper', 's', (s: string) => s.toUpperCase()],
  ['lower', 's', (s: string) => s.toLowerCase()],
  ['trim', 's', (s: string) => s.trim()],
  ['starts-with?', 'ss', (s: string, part: string) => s.startsWith(part)],
  ['split', 'ss?', (s: string, by = ' ') => s.split(by)],
  ['join', 'al', (by: unknown, list: unknown[]) => list.map(stringOf).join(stringOf(by))],
]
