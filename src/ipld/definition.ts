// One top-level form of a source file → one definition: its name, kind, parameters, body and declared effects.
import { type ErrorCode, type Place, SxError } from '../errors.ts'
import { isSymbolName } from '../lang/names.ts'
import { compareCodePoints } from '../lang/order.ts'
import type { Source } from '../lang/reader.ts'
import { isDict, isList, Keyword, type List, Sym, sym, type Value } from '../lang/values.ts'
import { auxiliary, forms, tags } from '../lang/words.ts'

export type DefinitionKind = 'component' | 'island' | 'macro' | 'value' | 'handler' | 'query' | 'action'

/** A definition as an author wrote it. Place and documentation cost a look at the text: `placeOf`, `docOf`. */
export interface Definition {
  readonly name: string
  readonly kind: DefinitionKind
  /** `[]` for a value */
  readonly params: List
  /** a value's is its one expression */
  readonly body: List
  /** sorted; undefined: not declared, so any effect; `[]`: pure */
  readonly effects: readonly string[] | undefined
  readonly form: List
  readonly source: Source
  /** which top-level form of the source */
  readonly index: number
}

/** Forms that were made for what an author wrote more briefly, and where their operands stand. */
const madeFrom = new WeakMap<List, { readonly form: List; readonly shift: number }>()

/** `(fn params rest…)` for the rest of `form` after `from`: what `(define (f params…) rest…)` means. */
export const functionForm = (form: List, from: number): List => {
  const made: List = [sym('fn'), (form[1] as List).slice(1), ...form.slice(from)]
  madeFrom.set(made, { form, shift: from - 2 })
  return made
}
/** `(define name value)` without the options between, which `form` has. */
export const plainDefine = (form: List, name: string, value: Value, at: number): List => {
  const made: List = [sym('define'), sym(name), value]
  madeFrom.set(made, { form, shift: at - 2 })
  return made
}

/** The place of a form, or of its child, also where a form was made from another one. */
export const placeIn = (source: Source, form: Value, index?: number): Place | undefined => {
  const made = isList(form) ? madeFrom.get(form) : undefined
  if (made === undefined) return source.placeOf(form, index)
  return index === undefined || index < 2
    ? placeIn(source, made.form, index === 0 ? undefined : index)
    : (source.placeOf(made.form, index + made.shift) ?? source.placeOf(made.form))
}

/** Throws `code` at `form`, or at its child `index`. */
export const failAt = (
  source: Source,
  code: ErrorCode,
  message: string,
  form: Value,
  index?: number,
  hint?: string,
): never => {
  const place = (index !== undefined && source.placeOf(form, index)) || source.placeOf(form)
  throw new SxError(code, message, { ...(place && { place }), ...(hint !== undefined && { hint }) })
}

export const topPlace = (source: Source, index: number): Place =>
  source.placeOf(source.forms, index) ?? { file: source.file, line: 1, column: 1, excerpt: '' }

/** The place of the whole definition. */
export const placeOf = (at: { readonly source: Source; readonly index: number }): Place =>
  topPlace(at.source, at.index)

/** The comment lines directly above it. */
export const docOf = (at: { readonly source: Source; readonly index: number }): string =>
  at.source.commentAbove(at.index)

/** A top-level name: a plain symbol that is no word of the language (format §2, order of look-up). */
export const checkName = (source: Source, form: List, index: number): string => {
  const given = form[index]
  if (!(given instanceof Sym)) return failAt(source, 'syntax-form', 'a definition needs a name', form, index)
  const { name } = given
  const word = forms.has(name)
    ? 'a special form'
    : auxiliary.has(name)
      ? 'an auxiliary word'
      : tags.has(name)
        ? 'a tag'
        : undefined
  if (word !== undefined)
    failAt(source, 'syntax-reserved', `${name} is the name of ${word}`, form, index, 'choose another name')
  if (!isSymbolName(name) || name.includes('#'))
    failAt(source, 'syntax-reserved', `${name} can't be the name of a definition`, form, index)
  return name
}

interface Options {
  readonly effects: readonly string[] | undefined
  /** the first operand that is no option */
  readonly next: number
}

/** `:effects (io render)` at `from` of a definition's operands, any number of options, each once. */
const readOptions = (
  source: Source,
  form: List,
  from: number,
  known: readonly string[] | undefined,
): Options => {
  let effects = known
  let next = from
  for (; ; next += 2) {
    const word = form[next]
    // Only `:effects` before a list: a component's body may begin with a keyword.
    if (!(word instanceof Keyword && word.name === 'effects' && isList(form[next + 1] ?? null)))
      return { effects, next }
    if (effects !== undefined) failAt(source, 'syntax-form', ':effects is given twice', form, next)
    const names = (form[next + 1] as List).map((item, i) =>
      item instanceof Sym || item instanceof Keyword
        ? item.name
        : failAt(source, 'syntax-form', 'an effect is a name', form[next + 1] as List, i),
    )
    effects = [...new Set(names)].sort(compareCodePoints)
  }
}

const kinds: Readonly<Record<string, Exclude<DefinitionKind, 'value'>>> = {
  defcomp: 'component',
  defisland: 'island',
  defmacro: 'macro',
  defhandler: 'handler',
  defquery: 'query',
  defaction: 'action',
}

/** The words that make a definition which other definitions can refer to. */
export const definingWords: ReadonlySet<string> = new Set([...Object.keys(kinds), 'define', 'defstyle'])

const readValue = (source: Source, form: List, index: number): Definition => {
  const target = form[1] as Value
  const isFunction = isList(target) && (form[0] as Sym).name === 'define'
  const name = isFunction ? checkName(source, target, 0) : checkName(source, form, 1)
  const { effects, next } = readOptions(source, form, 2, undefined)
  const rest = form.slice(next)
  if (rest.length === 0) failAt(source, 'syntax-form', `${name} has no value`, form, 1)
  if (!isFunction && rest.length > 1)
    failAt(
      source,
      'syntax-form',
      `${name} has more than one value`,
      form,
      next + 1,
      'several steps go into (do …)',
    )
  const body = isFunction ? [functionForm(form, next)] : rest
  return { name, kind: 'value', params: [], body, effects, form, source, index }
}

/**
 * A top-level form whose head is one of `definingWords`. `unnamed` is the name of a component or island without one.
 * Throws 'syntax-form' or 'syntax-reserved', with a place.
 */
export const readDefinition = (source: Source, index: number, unnamed: () => string): Definition => {
  const form = source.forms[index] as List
  const kind = kinds[(form[0] as Sym).name]
  if (kind === undefined) return readValue(source, form, index)
  const bare = isList(form[1] ?? null) && (kind === 'component' || kind === 'island')
  const name = bare ? unnamed() : checkName(source, form, 1)
  const before = readOptions(source, form, bare ? 1 : 2, undefined)
  const params = form[before.next]
  if (!isList(params) || isDict(params))
    return failAt(
      source,
      'syntax-form',
      `${name} needs a list of parameters`,
      form,
      before.next,
      `(${(form[0] as Sym).name} ${name} (…) …)`,
    )
  const { effects, next } = readOptions(source, form, before.next + 1, before.effects)
  if (kind === 'macro' && next >= form.length)
    failAt(source, 'syntax-form', `the macro ${name} has no body`, form)
  return { name, kind, params, body: form.slice(next), effects, form, source, index }
}
