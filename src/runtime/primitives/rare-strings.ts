// Strings that few pages need. Positions and lengths count UTF-16 units.
import { escapeHtml } from '../escape.ts'
import { fail, made } from '../values.ts'
import { stringOf } from './strings.ts'
import type { Row } from './table.ts'

export const rareStringRows: readonly Row[] = [
  ['upper', '!s', (s: string) => s.toUpperCase()],
  ['lower', '!s', (s: string) => s.toLowerCase()],
  ['trim', '!s', (s: string) => s.trim()],
  ['starts-with?', 'ss', (s: string, part: string) => s.startsWith(part)],
  ['split', '!ss?', (s: string, by = ' ') => (by === '' ? [...s] : s.split(by)).map(made)],
  ['join', '!al', (by: unknown, list: unknown[]) => list.map(stringOf).join(stringOf(by))],
  ['upcase', '!s', (s: string) => s.toUpperCase()],
  ['downcase', '!s', (s: string) => s.toLowerCase()],
  ['trim-right', '!s', (s: string) => s.trimEnd()],
  [
    'char-from-code',
    'n',
    (n: number) =>
      Number.isInteger(n) && n >= 0 && n <= 0x10ffff && (n < 0xd800 || n >= 0xe000)
        ? String.fromCodePoint(n)
        : fail(`${n} is no Unicode character`),
  ],
  ['string-length', 's', (s: string) => s.length],
  ['substring', '!snn?', (s: string, from: number, to?: number) => s.slice(from, to)],
  ['string-contains?', 'ss', (s: string, part: string) => s.includes(part)],
  ['ends-with?', 'ss', (s: string, part: string) => s.endsWith(part)],
  [
    'replace',
    '!sss',
    (s: string, from: string, to: string) => (from === '' ? s : s.replaceAll(from, () => to)),
  ],
  // As templates have it: the ending that fits the number.
  ['pluralize', 'ns?s?', (n: number, one = '', more = 's') => (n === 1 ? one : more)],
  ['escape', '!a', (v: unknown) => escapeHtml(stringOf(v))],
  ['strip-tags', '!s', (s: string) => s.replace(/<[/!?a-z][^<>]*>/gi, '')],
]
