// SX data → JSON, as `json-encode` and an island's state write it.
import { Ratio } from '../lang/values.ts'
import { exceeded, keysOf, nameOf, spend } from './values.ts'

const noData = Symbol()

const text = (v: unknown, depth: number): string => {
  if (depth > 500) exceeded('nesting', 500)
  spend(1)
  if (Array.isArray(v)) return `[${v.map(item => text(item, depth + 1))}]`
  if (v instanceof Map)
    return `{${keysOf(v).map(key => `${JSON.stringify(key)}:${text(v.get(key), depth + 1)}`)}}`
  const plain = v instanceof Ratio ? v.num / v.den : v && typeof v === 'object' ? nameOf(v) : (v ?? null)
  if (plain === undefined) throw noData
  return JSON.stringify(plain)
}

/** JSON text; undefined when something in it is no data (a function, markup). Keywords and symbols become their names. */
export const toJson = (v: unknown): string | undefined => {
  try {
    return text(v, 0)
  } catch (error) {
    if (error === noData) return undefined
    throw error
  }
}
