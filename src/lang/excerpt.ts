// A form as short text for an error message: never fails, whatever the form holds or how deep it is.
import { print } from './printer.ts'
import { ExportLink, isDict, isList, Link, MemberRef, Ref, Sym, sym, type Value } from './values.ts'

const deepest = 8
const widest = 12
const longest = 600
const more = sym('…')

const trim = (value: Value, depth: number): Value => {
  if (value instanceof Sym) return sym(value.name)
  if (value instanceof Ref) return sym(value.name)
  if (value instanceof Link || value instanceof ExportLink || value instanceof MemberRef) return value
  if (!isList(value) && !isDict(value)) return value
  if (depth === 0) return more
  if (isList(value)) {
    const items = value.slice(0, widest).map(item => trim(item, depth - 1))
    return value.length > widest ? [...items, more] : items
  }
  return new Map([...value].slice(0, widest).map(([key, item]) => [key, trim(item, depth - 1)]))
}

export const excerpt = (value: Value): string => {
  try {
    const text = print(trim(value, deepest))
    return text.length > longest ? `${text.slice(0, longest)}…` : text
  } catch {
    // What a macro gave may hold things that no text stands for.
    return '…'
  }
}
