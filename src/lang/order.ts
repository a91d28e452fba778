// The two orders of strings that identity depends on. Neither is JavaScript's own (UTF-16 units).
import type { Dict, Value } from './values.ts'

/** Bytes of the text in UTF-8; a lone surrogate counts three. */
export const utf8Length = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    // Each half of a surrogate pair is two of the four bytes.
    const next = text.charCodeAt(i + 1)
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
      bytes += 2
      i++
    } else bytes += unit < 0x800 ? 1 : 2
  }
  return bytes
}

/** By code point, which is also the order of UTF-8 bytes. */
export const compareCodePoints = (a: string, b: string): number => {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // Surrogates stand for points above U+FFFF, though their units are below U+E000.
    const xHigh = x >= 0xd800 && x < 0xe000
    const yHigh = y >= 0xd800 && y < 0xe000
    return xHigh === yHigh ? x - y : xHigh ? 1 : -1
  }
  return a.length - b.length
}

/** Canonical order of map keys: UTF-8 length, then bytes (format §1). */
export const compareKeys = (a: string, b: string): number =>
  utf8Length(a) - utf8Length(b) || compareCodePoints(a, b)

/** A dict in canonical order; of two entries with one key the later stays. */
export const dictOf = (entries: Iterable<readonly [string, Value]>): Dict =>
  new Map([...new Map(entries)].sort(([a], [b]) => compareKeys(a, b)))
