// SX data → JSON, as `json-encode` and an island's state write it.
import { Char, Keyword, Ratio, Sym } from '../lang/values.ts'
import { exceeded, keysOf } from './values.ts'

/** JSON text; undefined when something in it is no data (a function, markup). Keywords and symbols become their names. */
export const toJson = (v: unknown, depth = 0): string | undefined => {
  if (depth > 500) exceeded('nesting', 500)
  if (v === null || typeof v !== 'object') return JSON.stringify(v)
  if (v instanceof Keyword || v instanceof Sym) return JSON.stringify(v.name)
  if (v instanceof Char) return JSON.stringify(v.text)
  if (v instanceof Ratio) return String(v.num / v.den)
  const parts: string[] = []
  if (Array.isArray(v)) {
    for (const item of v) {
      const part = toJson(item, depth + 1)
      if (part === undefined) return undefined
      parts.push(part)
    }
    return `[${parts.join(',')}]`
  }
  if (!(v instanceof Map)) return undefined
  for (const key of keysOf(v)) {
    const part = toJson(v.get(key), depth + 1)
    if (part === undefined) return undefined
    parts.push(JSON.stringify(key) + ':' + part)
  }
  return `{${parts.join(',')}}`
}
