// Values as they stand in messages: short, and never an error of their own.
import { atom, stringText } from './atoms.ts'
import { type Dict, isDict, isList, type List, Ref, Sym, type Value } from './values.ts'

/**
 * Any value at all in at most `limit` characters, for messages: cut with `…`, never throws, need not read back.
 */
export const describe = (value: unknown, limit = 60): string => {
  const out: string[] = []
  let left = limit
  const put = (text: string) => {
    if (left > 0) out.push(text.length > left ? `${text.slice(0, left)}…` : text)
    left -= text.length
  }
  const walk = (one: unknown, depth: number): void => {
    if (left <= 0) return
    if (depth > 20) put('…')
    else if (isList(one)) {
      put('(')
      for (let i = 0; i < one.length && left > 0; i++) {
        if (i > 0) put(' ')
        walk(one[i], depth + 1)
      }
      put(')')
    } else if (isDict(one)) {
      put('{')
      let first = true
      for (const [key, inner] of one) {
        if (left <= 0) break
        put(first ? `:${key} ` : ` :${key} `)
        first = false
        walk(inner, depth + 1)
      }
      put('}')
    } else put(describeAtom(one, limit))
  }
  walk(value, 0)
  return out.join('')
}

const describeAtom = (value: unknown, limit: number): string => {
  if (typeof value === 'string')
    return stringText(value.slice(0, limit + 1).toWellFormed()).slice(
      0,
      value.length > limit ? -1 : undefined,
    )
  if (typeof value === 'number') return String(value)
  if (value instanceof Sym || value instanceof Ref) return value.name
  if (typeof value === 'function') return '#<function>'
  try {
    return atom(value as Exclude<Value, List | Dict>)
  } catch {
    return `#<${(typeof value === 'object' && value?.constructor?.name) || typeof value}>`
  }
}
