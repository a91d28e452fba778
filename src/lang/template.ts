// Literal positions: quoted data, and quasiquote templates with their nested levels.
import type { Expander } from './expansion.ts'
import type { Draft, Scope } from './scope.ts'
import {
  type Dict,
  ExportLink,
  isDict,
  isList,
  Link,
  type List,
  MemberRef,
  Ref,
  Sym,
  sym,
  type Value,
} from './values.ts'

/** Mark of a symbol that a macro's code quotes: it takes the mark of the call's own head (`,'it` means the caller's `it`). */
export const CALLER = -1

/** Mark, in a macro's code, of a template symbol that was itself made with mark `m` (0: written by the macro's author). */
export const templateMark = (m: number): number => -2 - m

/** Data: symbols lose their marks (or all get this one), everything else stays; a reference inside is an error. */
export const literal = (x: Expander, value: Value, parent: Value, index: number, mark = 0): Value => {
  if (value instanceof Sym) {
    checkPlain(x, value, parent, index)
    return mark === 0 ? sym(value.name) : new Sym(value.name, mark)
  }
  if (isList(value)) return x.inside(value, () => value.map((item, i) => literal(x, item, value, i, mark)))
  if (isDict(value))
    return x.inside(value, () => mapDict(value, (item, i) => literal(x, item, value, i, mark)))
  refuseReference(x, value, parent, index)
  return value
}

/**
 * A quasiquote's template. Only what stands in `unquote` or `splice-unquote` of its own level is evaluated; an inner
 * quasiquote raises the level, an inner unquote lowers it. Other symbols are data: no references.
 */
export const template = (
  x: Expander,
  value: Value,
  level: number,
  scope: Scope,
  parent: Value,
  index: number,
): Draft => {
  if (value instanceof Sym) {
    checkPlain(x, value, parent, index)
    return x.macroCode ? new Sym(value.name, templateMark(value.mark)) : sym(value.name)
  }
  if (isDict(value))
    return x.inside(value, () => mapDict(value, (item, i) => template(x, item, level, scope, value, i)))
  if (!isList(value)) {
    refuseReference(x, value, parent, index)
    return value
  }
  return x.inside(value, () => {
    const head = value[0]
    const word = head instanceof Sym ? head.name : ''
    if (word === 'unquote' || word === 'splice-unquote') {
      if (value.length !== 2) throw x.fail('syntax-form', `${word} takes one form`, value)
      if (level === 1 && word === 'splice-unquote' && (!isList(parent) || inUnquote(parent)))
        throw x.fail('syntax-form', 'splice-unquote stands only as an element of a list in a template', value)
      return level === 1
        ? [sym(word), x.expression(value[1]!, scope, value, 1)]
        : [sym(word), template(x, value[1]!, level - 1, scope, value, 1)]
    }
    if (word === 'quasiquote' && value.length === 2)
      return [sym(word), template(x, value[1]!, level + 1, scope, value, 1)]
    return value.map((item, i) => template(x, item, level, scope, value, i))
  })
}

/** The one-form lists in which a splice has no list to go into. */
const inUnquote = (list: List) =>
  list.length === 2 &&
  list[0] instanceof Sym &&
  (list[0].name === 'unquote' || list[0].name === 'splice-unquote' || list[0].name === 'quasiquote')

const mapDict = <T>(dict: Dict, change: (value: Value, index: number) => T): Map<string, T> => {
  const result = new Map<string, T>()
  let index = 0
  for (const [key, value] of dict) result.set(key, change(value, index++))
  return result
}

const checkPlain = (x: Expander, symbol: Sym, parent: Value, index: number) => {
  if (!x.readable(symbol))
    throw x.fail('syntax-reserved', `\`${symbol.name}\` is a name that only expansion makes`, parent, index, {
      hint: 'write a name without `#`',
    })
}

const refuseReference = (x: Expander, value: Value, parent: Value, index: number) => {
  if (
    value instanceof Link ||
    value instanceof ExportLink ||
    value instanceof MemberRef ||
    value instanceof Ref
  )
    throw x.fail('syntax-form', 'a reference to a definition inside quoted data', parent, index, {
      hint: 'in a template write (unquote @h:…), elsewhere take it out of the quote',
    })
}
