// Dates, in UTC and without a locale, so that a page is the same wherever it is built.
import { fail, show } from '../values.ts'
import type { Row } from './table.ts'

const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const months = 'January February March April May June July August September October November December'.split(
  ' ',
)

const iso =
  /^(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/

const time = (v: unknown): number | undefined => {
  if (typeof v === 'number') return Math.abs(v) <= 8.64e15 ? v : undefined
  const m = typeof v === 'string' ? iso.exec(v.trim()) : null
  if (!m) return undefined
  const [, y, mo, d = '1', h = '0', mi = '0', s = '0', ms = '0', zone = 'Z'] = m
  const off =
    zone === 'Z' ? 0 : (zone[0] === '-' ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)))
  const date = new Date(0)
  // Unlike Date.UTC this takes the years before 100 as they are.
  date.setUTCFullYear(Number(y), Number(mo) - 1, Number(d))
  const isDay = date.getUTCMonth() === Number(mo) - 1 && date.getUTCDate() === Number(d)
  if (!isDay || Number(h) > 23 || Number(mi) > 59 || Number(s) > 59) return undefined
  return date.setUTCHours(Number(h), Number(mi) - off, Number(s), Number(ms.padEnd(3, '0')))
}

const two = (n: number, fill = '0'): string => String(n).padStart(2, fill)

const parts: Record<string, (d: Date) => string | number> = {
  Y: d => d.getUTCFullYear(),
  y: d => two(d.getUTCFullYear() % 100),
  m: d => two(d.getUTCMonth() + 1),
  d: d => two(d.getUTCDate()),
  e: d => two(d.getUTCDate(), ' '),
  '-d': d => d.getUTCDate(),
  '-m': d => d.getUTCMonth() + 1,
  H: d => two(d.getUTCHours()),
  '-H': d => d.getUTCHours(),
  I: d => two(d.getUTCHours() % 12 || 12),
  '-I': d => d.getUTCHours() % 12 || 12,
  M: d => two(d.getUTCMinutes()),
  S: d => two(d.getUTCSeconds()),
  p: d => (d.getUTCHours() < 12 ? 'AM' : 'PM'),
  A: d => days[d.getUTCDay()]!,
  a: d => days[d.getUTCDay()]!.slice(0, 3),
  B: d => months[d.getUTCMonth()]!,
  b: d => months[d.getUTCMonth()]!.slice(0, 3),
  j: d =>
    String(Math.floor((d.getTime() - Date.UTC(d.getUTCFullYear(), 0)) / 86_400_000) + 1).padStart(3, '0'),
  F: d => d.toISOString().slice(0, 10),
  T: d => d.toISOString().slice(11, 19),
  '%': () => '%',
}

export const dateRows: readonly Row[] = [
  // strftime's letters; the date is ISO 8601 text or milliseconds since 1970.
  [
    'format-date',
    'as?',
    (v: unknown, format = '%Y-%m-%d') => {
      if (v === null) return ''
      const at = time(v) ?? fail(`format-date takes a date like "2026-04-09", not ${show(v)}`)
      const date = new Date(at)
      return format.replace(/%(-?[A-Za-z%])/g, (all, letter) =>
        Object.hasOwn(parts, letter) ? String(parts[letter]!(date)) : all,
      )
    },
  ],
  // ISO 8601 in UTC, to the second; nil for what is no date.
  [
    'parse-datetime',
    'a',
    (v: unknown) => {
      const at = time(v)
      return at === undefined ? null : new Date(at).toISOString().replace('.000', '')
    },
  ],
]
