// cond, case, match and guard's clauses: tests that are evaluated, values that are literal, patterns that bind.
import { expandBody } from './body.ts'
import type { Expander, Walk } from './expansion.ts'
import { type Draft, headOf, Scope } from './scope.ts'
import { caseIsClauses, condIsClauses, isElse, isWord } from './shape.ts'
import { literal } from './template.ts'
import { isDict, isList, type List, Sym, sym, type Value } from './values.ts'

/** `else` and `:else` as they stand in the source, without a mark. */
const elseWord = (test: Value): Draft => (test instanceof Sym ? sym(test.name) : test)

/** Clauses and pairs of cond and guard, from element `from` of the list on; `whole` is the form. */
export const clauses = (x: Expander, form: List, from: number, scope: Scope, whole: List = form): Draft[] => {
  const operands = form.slice(from)
  return condIsClauses(operands) ? scheme(x, form, from, scope, whole) : flat(x, form, from, scope, whole)
}

const flat = (x: Expander, form: List, from: number, scope: Scope, whole: List): Draft[] => {
  if ((form.length - from) % 2 !== 0)
    throw x.malformed(form, 'a test without an expression', form.length - 1, whole)
  const drafts: Draft[] = []
  for (let i = from; i < form.length; i += 2) {
    const test = form[i]!
    if (isElse(test) && i + 2 < form.length) throw x.malformed(form, 'else comes last', i, whole)
    drafts.push(
      isElse(test) ? elseWord(test) : x.expression(test, scope, form, i),
      x.expression(form[i + 1]!, scope, form, i + 1),
    )
  }
  return drafts
}

const scheme = (x: Expander, form: List, from: number, scope: Scope, whole: List): Draft[] =>
  form.slice(from).map((clause, i) => {
    // condIsClauses has seen that every clause is a list with a first element.
    const list = clause as List
    const test = list[0]!
    return x.inside(list, () => {
      if (isElse(test)) {
        if (from + i + 1 < form.length) throw x.malformed(form, 'else comes last', from + i, whole)
        return [elseWord(test), ...x.expressions(list, 1, scope)]
      }
      if (test instanceof Sym && x.freeWord(test, scope) === 'primitive')
        throw x.malformed(
          form,
          `as every operand is a list they are read as clauses, and the test \`${test.name}\` would always hold; end with \`:else\` to write pairs`,
          from + i,
          whole,
        )
      if (!isWord(list[1], '=>')) return x.expressions(list, 0, scope)
      if (list.length !== 3) throw x.malformed(form, 'one receiver stands after =>', from + i, whole)
      return [x.expression(test, scope, list, 0), sym('=>'), x.expression(list[2]!, scope, list, 2)]
    })
  })

/** A value of case: an atom, or `(quote d)`. */
const datum = (
  x: Expander,
  value: Value,
  scope: Scope,
  parent: List,
  index: number,
  nested = false,
): Draft => {
  if (value instanceof Sym) {
    if (scope.find(value) !== undefined)
      x.warn(
        'literal-name',
        `the values of case are literal: this is the symbol \`${value.name}\`, not the variable`,
        parent,
        index,
        'use cond to compare with a variable',
      )
    return literal(x, value, parent, index)
  }
  const isQuote = isList(value) && value.length === 2 && isWord(value[0], 'quote')
  if ((isList(value) || isDict(value)) && !isQuote && !nested)
    throw x.fail('syntax-form', 'the values of case are literal', parent, index, {
      hint: 'use cond to compare with what an expression gives, or a clause ((a b) expr…) for several values',
    })
  return literal(x, value, parent, index)
}

export const caseForm: Walk = (x, form, scope) => {
  const drafts: Draft[] = [headOf(form), x.expression(form[1]!, scope, form, 1)]
  if (caseIsClauses(form.slice(2))) {
    for (let i = 2; i < form.length; i++) {
      const clause = form[i] as List
      const data = clause[0]!
      drafts.push(
        x.inside(clause, () => {
          if (isElse(data) && i + 1 < form.length) throw x.malformed(form, 'else comes last', i)
          return [
            isList(data) ? data.map((one, j) => datum(x, one, scope, data, j, true)) : elseWord(data),
            ...x.expressions(clause, 1, scope),
          ]
        }),
      )
    }
    return drafts
  }
  if (form.length % 2 !== 0) throw x.malformed(form, 'a value without an expression', form.length - 1)
  for (let i = 2; i < form.length; i += 2) {
    const one = form[i]!
    if (isElse(one) && i + 2 < form.length) throw x.malformed(form, 'else comes last', i)
    drafts.push(
      isElse(one) ? elseWord(one) : datum(x, one, scope, form, i),
      x.expression(form[i + 1]!, scope, form, i + 1),
    )
  }
  return drafts
}

/** Binds the pattern's names in `scope`. */
const pattern = (x: Expander, value: Value, scope: Scope, parent: Value, index: number): Draft => {
  if (value instanceof Sym) return value.name === '_' ? sym('_') : x.bind(value, scope, parent, index)
  if (isDict(value))
    return x.inside(value, () => {
      const dict = new Map<string, Draft>()
      let i = 0
      for (const [key, item] of value) dict.set(key, pattern(x, item, scope, value, i++))
      return dict
    })
  if (!isList(value)) return literal(x, value, parent, index)
  if (value.length === 2 && isWord(value[0], 'quote'))
    return x.inside(value, () => [sym('quote'), literal(x, value[1]!, value, 1)])
  const rest = value.findIndex(item => isWord(item, '&rest'))
  if (rest !== -1 && (rest !== value.length - 2 || !(value[rest + 1] instanceof Sym)))
    throw x.fail('syntax-form', 'in a pattern one name stands after &rest, at the end', value, rest)
  return x.inside(value, () =>
    value.map((item, i) => (i === rest ? sym('&rest') : pattern(x, item, scope, value, i))),
  )
}

export const match: Walk = (x, form, scope) => [
  headOf(form),
  x.expression(form[1]!, scope, form, 1),
  ...form.slice(2).map((clause, i) => {
    if (!isList(clause) || clause.length === 0) throw x.malformed(form, 'a clause is (pattern body…)', i + 2)
    return x.inside(clause, () => {
      const inner = new Scope(scope)
      // `:else` would read as the string.
      const first = isElse(clause[0]) ? sym('else') : pattern(x, clause[0]!, inner, clause, 0)
      return [first, ...expandBody(x, clause, 1, inner)]
    })
  }),
]
