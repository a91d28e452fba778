// Strings. Positions and lengths count UTF-16 units.
import { Raw, Signal, show } from '../values.ts'
import { textOf } from '../write.ts'
import type { Row } from './table.ts'

/** As `str` joins it: nil is empty, text is itself, data is SX text. */
export const stringOf = (v: unknown): string =>
  v instanceof Signal
    ? stringOf(v.v)
    : v instanceof Raw
      ? v.html
      : typeof v === 'boolean'
        ? String(v)
        : (textOf(v) ?? show(v))

export const stringRows: readonly Row[] = [
  ['str', 'a*', (...vs: unknown[]) => vs.map(stringOf).join('')],
  ['upper', 's', (s: string) => s.toUpperCase()],
  ['lower', 's', (s: string) => s.toLowerCase()],
  ['trim', 's', (s: string) => s.trim()],
  ['starts-with?', 'ss', (s: string, part: string) => s.startsWith(part)],
  ['split', 'ss?', (s: string, by = ' ') => s.split(by)],
  ['join', 'al', (by: unknown, list: unknown[]) => list.map(stringOf).join(stringOf(by))],
]
