// Bodies and functions: defines of a body are letrec* over the whole of it, those that macros make included.
import type { Expander, Placed } from './expansion.ts'
import { type Binder, type Draft, type Local, readsAsLoop, Scope } from './scope.ts'
import { doIsLoop, isWord, keywordOf, parameterName } from './shape.ts'
import { literal } from './template.ts'
import { isList, Keyword, type List, Sym, sym, type Value } from './values.ts'

/** A list with a word at its head. A type of its own, so that a list that fails the test still counts as a list. */
type Headed = List & { readonly 0: Sym }

/** `begin`, or a `do` that is no loop: what a body may hold defines in. */
export const isSequenceForm = (form: Value): form is Headed =>
  isList(form) && (isWord(form[0], 'begin') || (isWord(form[0], 'do') && !doIsLoop(form.slice(1))))

const isDefine = (form: Value): form is Headed => isList(form) && isWord(form[0], 'define')

/** A define taken apart: `(define name expr)` or `(define (name param…) body…)`, `:effects (…)` left out. */
interface Define {
  readonly form: List
  readonly name: Value
  /** the list in which the name stands, and where */
  readonly nameIn: List
  readonly nameAt: number
  /** index of the first operand after the name and `:effects` */
  readonly from: number
  readonly isFunction: boolean
}

const takeApart = (x: Expander, form: List): Define => {
  const target = form[1]
  if (target === undefined) throw x.malformed(form, 'a name and a value are missing')
  const effects =
    form[2] instanceof Keyword && form[2].name === 'effects' && isList(form[3]) && form.length > 4
  const from = effects ? 4 : 2
  if (isList(target)) {
    if (target.length === 0) throw x.malformed(form, 'the function has no name', 1)
    return { form, name: target[0]!, nameIn: target, nameAt: 0, from, isFunction: true }
  }
  if (form.length !== from + 1) throw x.malformed(form, `one value expected, ${form.length - from} found`)
  return { form, name: target, nameIn: form, nameAt: 1, from, isFunction: false }
}

const value = (x: Expander, define: Define, scope: Scope): Draft =>
  define.isFunction
    ? [sym('fn'), ...x.lambda(define.form, 1, 1, define.from, scope)]
    : x.expression(define.form[define.from]!, scope, define.form, define.from)

/** One place in a body: a define whose name is bound already, a sequence without defines, or an expression. */
type Item =
  | { readonly placed: Placed; readonly define: Define; readonly local: Local }
  | { readonly placed: Placed; readonly head: string; readonly items: readonly Item[] }
  | { readonly placed: Placed }

const holdsDefine = (item: Item): boolean =>
  'define' in item || ('items' in item && item.items.some(holdsDefine))

/**
 * Three passes. (1) The defines that stand there in plain sight are bound. (2) Macro calls at the head of forms are
 * expanded, outside-in, in order; defines that they make are bound. A macro so used whose name such a define then
 * binds would have meant two things in one body: an error. (3) All values and expressions, in the scope of all names.
 */
export const expandBody = (x: Expander, form: List, from: number, outer: Scope): Draft[] => {
  const scope = new Scope(outer)
  const bound = new Map<List, { define: Define; local: Local }>()
  const usedHeads = new Map<string, string>()

  const bind = (list: List) => {
    const define = takeApart(x, list)
    if (define.name instanceof Sym && usedHeads.has(`${define.name.mark} ${define.name.name}`))
      throw x.fail(
        'syntax-form',
        `\`${define.name.name}\` is used as a macro in this body before a macro defines it`,
        list,
        1,
        {
          hint: 'put the define first, or give it another name',
        },
      )
    const known = define.name instanceof Sym ? scope.own(define.name) : undefined
    if (known !== undefined)
      throw x.fail(
        'syntax-form',
        `\`${known.name}\` is defined twice in one body`,
        define.nameIn,
        define.nameAt,
        {
          hint: 'use set! to change it, or another name',
        },
      )
    bound.set(list, { define, local: x.bind(define.name, scope, define.nameIn, define.nameAt) })
  }
  const inSight = (forms: readonly Value[]): void => {
    for (const one of forms) {
      if (isDefine(one)) bind(one)
      else if (isSequenceForm(one)) x.inside(one, () => inSight(one.slice(1)))
    }
  }
  inSight(form.slice(from))

  const discover = (placed: Placed): Item => {
    const unfolded = x.unfold(placed, scope, name => usedHeads.set(`${name.mark} ${name.name}`, name.name))
    const one = unfolded.form
    return x.within(unfolded.active, () => {
      if (isDefine(one)) {
        // Taken out, so that a list that a macro inserts twice is bound twice, which is an error.
        if (!bound.has(one)) bind(one)
        const known = bound.get(one)!
        bound.delete(one)
        return { placed: unfolded, ...known }
      }
      if (!isSequenceForm(one)) return { placed: unfolded }
      return x.inside(one, () => {
        const items = one
          .slice(1)
          .map((inner, i) => discover({ form: inner, parent: one, index: i + 1, active: unfolded.active }))
        return { placed: unfolded, head: (one[0] as Sym).name, items }
      })
    })
  }
  const items = form
    .slice(from)
    .map((one, i) => discover({ form: one, parent: form, index: from + i, active: x.active() }))

  const finish = (item: Item): Draft[] =>
    x.within(item.placed.active, () => {
      if ('define' in item)
        return x.inside(item.define.form, () => [[sym('define'), item.local, value(x, item.define, scope)]])
      if (!('items' in item))
        return [x.expression(item.placed.form, scope, item.placed.parent, item.placed.index)]
      const inner = x.inside(item.placed.form, () => item.items.flatMap(finish))
      return holdsDefine(item) ? inner : [sequence(item.head, inner)]
    })
  return items.flatMap(finish)
}

/** `begin` where `do` would read as a loop. */
export const sequence = (head: string, operands: readonly Draft[]): Draft => [
  sym(head === 'do' && readsAsLoop(operands) ? 'begin' : head),
  ...operands,
]

/** The forms of a library: defines whose names stay as they are. */
export const expandLibrary = (x: Expander, forms: List, names: ReadonlySet<string>, scope: Scope): Draft[] =>
  forms.flatMap((form): Draft[] => {
    if (isSequenceForm(form)) return x.inside(form, () => expandLibrary(x, form.slice(1), names, scope))
    if (!isDefine(form))
      throw x.fail(
        'not-a-definition',
        'a library holds defines only',
        isList(form) ? form : forms,
        isList(form) ? undefined : 0,
      )
    const define = takeApart(x, form)
    const { name } = define
    if (!(name instanceof Sym) || !names.has(name.name))
      throw x.malformed(form, 'the name of a define is missing', 1)
    return x.inside(form, () => [[sym('define'), sym(name.name), value(x, define, scope)]])
  })

/**
 * A parameter list: positional ones, `&key` ones, `&rest` and one name, in this order; `(name :as type)` where a
 * name may stand, its type literal.
 */
export const expandParams = (
  x: Expander,
  list: List,
  from: number,
  scope: Scope,
  isParameter: (binder: Binder, index: number) => void,
): Draft[] => {
  const drafts: Draft[] = []
  const keys = new Set<string>()
  let state: 'positional' | 'key' | 'rest' | 'end' = 'positional'
  for (let i = from; i < list.length; i++) {
    const item = list[i]!
    if (isWord(item, '&key') || isWord(item, '&rest')) {
      const word = (item as Sym).name
      if (state === 'rest' || state === 'end' || (state === 'key' && word === '&key'))
        throw x.fail('syntax-form', `${word} can't stand here`, list, i, { hint: '(a b &key c d &rest e)' })
      state = word === '&key' ? 'key' : 'rest'
      drafts.push(sym(word))
      continue
    }
    if (state === 'end') throw x.fail('syntax-form', 'a parameter after the one of &rest', list, i)
    const name = parameterName(item)
    if (name === undefined) throw x.fail('syntax-form', 'a parameter is a name, or (name :as type)', list, i)
    if (name.name === '.') throw x.fail('syntax-form', 'a rest parameter is written &rest name', list, i)
    const local = x.bind(name, scope, isList(item) ? item : list, isList(item) ? 0 : i)
    if (state === 'key') {
      // Callers write the plain keyword, whatever the binder is called in the end.
      const key = keywordOf(name.name)
      if (keys.has(key)) throw x.fail('syntax-form', `two &key parameters answer to :${key}`, list, i)
      keys.add(key)
    }
    isParameter(local.binder, i)
    drafts.push(isList(item) ? [local, item[1]!, literal(x, item[2]!, item, 2)] : local)
    if (state === 'rest') state = 'end'
  }
  if (state === 'rest') throw x.fail('syntax-form', 'a name is missing after &rest', list)
  return drafts
}
