// SX data → JSON, as `json-encode` and an island's state write it.
import { Ratio } from '../lang/values.ts'
import { isPlain, keysOf, nameOf } from './values.ts'

const plain = (_key: string, v: unknown): unknown => {
  if (v instanceof Map) return Object.fromEntries(keysOf(v).map(key => [key, v.get(key)]))
  if (v instanceof Ratio) return v.num / v.den
  if (v === null || typeof v !== 'object' || Array.isArray(v) || isPlain(v)) return v
  return nameOf(v) ?? wrong()
}

const wrong = (): never => {
  throw plain
}

/** JSON text; undefined when something in it is no data (a function, markup). Keywords and symbols become their names. */
export const toJson = (v: unknown): string | undefined => {
  try {
    return JSON.stringify(v, plain)
  } catch (error) {
    if (error === plain) return undefined
    throw error
  }
}
