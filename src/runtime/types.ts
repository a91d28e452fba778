// The types that `:as` and `deftype` may name, and which values fit. Metadata, but for strict mode: see strict.ts.
//
//   string  string?  {:name string :age integer?}  (list string)  (or string number)  a name of `deftype`
import { Char, isDict, isList, Keyword, type List, Ratio, Sym, sym, type Value } from '../lang/values.ts'
import { Signal } from './signal.ts'
import { Component, Fn, Markup, Prim, Raw } from './values.ts'

type Fits = (v: unknown, depth: number) => boolean

const isMarkup: Fits = (v, depth) =>
  v === null ||
  typeof v !== 'object' ||
  v instanceof Markup ||
  v instanceof Raw ||
  v instanceof Signal ||
  (Array.isArray(v) && (depth > 50 || v.every(item => isMarkup(item, depth + 1))))

/** Every type of the language's own. `nil` fits `list` and `dict` too, as it does where a primitive takes one. */
const builtIn: Readonly<Record<string, Fits>> = {
  any: () => true,
  string: v => typeof v === 'string',
  number: v => typeof v === 'number' || v instanceof Ratio,
  integer: v => Number.isInteger(v),
  rational: v => Number.isInteger(v) || v instanceof Ratio,
  boolean: v => typeof v === 'boolean',
  // A keyword evaluates to a string.
  keyword: v => typeof v === 'string' || v instanceof Keyword,
  symbol: v => v instanceof Sym,
  char: v => v instanceof Char,
  list: v => v === null || Array.isArray(v),
  dict: v => v === null || v instanceof Map,
  function: v => v instanceof Fn || v instanceof Prim,
  lambda: v => v instanceof Fn || v instanceof Prim,
  fn: v => v instanceof Fn || v instanceof Prim,
  component: v => v instanceof Component,
  island: v => v instanceof Component && v.island,
  // What can stand in a tree: text and numbers as well.
  markup: isMarkup,
  signal: v => v instanceof Signal,
}

export const typeNames: readonly string[] = Object.keys(builtIn)

/** What `(deftype name type)` says of a name; undefined: no such type. */
export type OwnTypes = (name: string) => Value | undefined

const plainName = (type: Value): string | undefined =>
  type instanceof Sym || type instanceof Keyword ? type.name : undefined

/** The operands of `(head …)`. */
const formOf = (type: Value, head: string): List | undefined =>
  isList(type) && type[0] instanceof Sym && type[0].name === head ? type.slice(1) : undefined

/** Names in a type that mean nothing. */
export const unknownTypes = (type: Value, own: OwnTypes): readonly string[] => {
  const name = plainName(type)?.replace(/\?$/, '')
  if (name !== undefined) return Object.hasOwn(builtIn, name) || own(name) !== undefined ? [] : [name]
  const parts = isDict(type) ? [...type.values()] : (formOf(type, 'list') ?? formOf(type, 'or') ?? [])
  return parts.flatMap(one => unknownTypes(one, own))
}

/** Does a value fit this type? A name that means nothing fits all. */
export const fits = (type: Value, v: unknown, own: OwnTypes, depth = 0): boolean => {
  // A type that is itself by way of others, or a value that holds itself.
  if (depth > 100) return true
  if (type === null) return v === null
  const given = plainName(type)
  if (given !== undefined) {
    const name = given.replace(/\?$/, '')
    if (name !== given && v === null) return true
    if (Object.hasOwn(builtIn, name)) return builtIn[name]!(v, depth)
    const known = own(name)
    return known === undefined || fits(known, v, own, depth + 1)
  }
  if (isDict(type))
    return v instanceof Map && [...type].every(([key, one]) => fits(one, v.get(key) ?? null, own, depth + 1))
  const items = formOf(type, 'list')
  if (items !== undefined)
    return Array.isArray(v) && v.every(item => fits(items[0] ?? any, item, own, depth + 1))
  return formOf(type, 'or')?.some(one => fits(one, v, own, depth + 1)) ?? true
}

const any = sym('any')
