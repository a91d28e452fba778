// What may cross between SX and its host: numbers, strings, booleans, nil, keywords, lists, dicts, and SX source
// (symbols, rationals and characters in quoted forms). Copied on the way, so that neither side holds the other's data.
import { SxError } from '../errors.ts'
import { Char, Keyword, Ratio, Sym } from '../lang/values.ts'
import { isPlain, type RuntimeValue, typeOf } from './values.ts'

/** Levels of lists and dicts, and how many values in all: beyond, it is no message but an attack. */
const DEPTH = 100
const VALUES = 100_000

const refuse = (word: string, what: string): never => {
  throw new SxError('eval-failed', `${what} can't cross to or from the host: ${word}`, {
    word,
    hint: 'numbers, strings, booleans, nil, keywords, lists, dicts and quoted SX can',
  })
}

/** A copy of `value`. Throws 'eval-failed', naming `word`, for what may not cross. */
export const cross = (word: string, value: unknown): RuntimeValue => {
  let left = VALUES
  const copy = (v: unknown, depth: number): RuntimeValue => {
    if (--left < 0) refuse(word, `more than ${VALUES} values`)
    if (v === null || v === undefined) return null
    if (typeof v === 'string' || typeof v === 'boolean') return v
    if (typeof v === 'number') return Number.isFinite(v) ? v : refuse(word, String(v))
    if (v instanceof Keyword || v instanceof Sym || v instanceof Ratio || v instanceof Char) return v
    if (depth > DEPTH) refuse(word, `data nested deeper than ${DEPTH}`)
    if (Array.isArray(v)) return Array.from(v, item => copy(item, depth + 1))
    if (v instanceof Map) {
      const map = new Map<string, RuntimeValue>()
      for (const [key, item] of v)
        map.set(
          typeof key === 'string' ? key : refuse(word, 'a dict whose keys are no strings'),
          copy(item, depth + 1),
        )
      return map
    }
    if (isPlain(v)) return new Map(Object.entries(v).map(([key, item]) => [key, copy(item, depth + 1)]))
    return refuse(word, `a ${typeOf(v)}`)
  }
  return copy(value, 0)
}
