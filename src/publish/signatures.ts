// What can be called with what: parameters of components and functions, as their sources declare them.
import type { Place } from '../errors.ts'
import { type Definition, placeIn, placeOf } from '../ipld/definition.ts'
import type { LibrarySource } from '../ipld/libraries.ts'
import { keywordOf, parameterName } from '../lang/shape.ts'
import { isList, Keyword, type List, Sym, type Value } from '../lang/values.ts'

export interface Parameter {
  readonly name: string
  /** as declared after `:as` */
  readonly type: Value | undefined
  /** declared with `?`, or as `any` */
  readonly optional: boolean
}

export interface Signature {
  readonly name: string
  readonly positions: readonly Parameter[]
  readonly keys: ReadonlyMap<string, Parameter>
  readonly rest: boolean
  readonly place: Place | undefined
}

const isOptional = (type: Value | undefined): boolean =>
  (type instanceof Sym || type instanceof Keyword) && (type.name.endsWith('?') || type.name === 'any')

/** `(a (b :as string?) &key c &rest d)`; undefined when it is no parameter list. */
export const signatureOf = (
  name: string,
  params: Value | undefined,
  place: Place | undefined,
): Signature | undefined => {
  if (!isList(params)) return undefined
  const positions: Parameter[] = []
  const keys = new Map<string, Parameter>()
  let mode = ''
  for (const item of params) {
    const word = parameterName(item)?.name
    if (word === undefined) return undefined
    if (word === '&key' || word === '&rest') mode = word
    else if (mode !== '&rest') {
      const type = isList(item) ? item[2] : undefined
      const parameter = { name: word, type, optional: isOptional(type) }
      if (mode === '&key') keys.set(keywordOf(word), parameter)
      else positions.push(parameter)
    }
  }
  return { name, positions, keys, rest: mode === '&rest', place }
}

/** The parameter list of `(fn (…) …)`. */
const ofFunction = (form: Value | undefined): Value | undefined =>
  isList(form) && form[0] instanceof Sym && (form[0].name === 'fn' || form[0].name === 'lambda')
    ? form[1]
    : undefined

/** undefined: nothing that is called with these parameters, or nobody knows. */
export const signatureOfDefinition = (at: Definition): Signature | undefined => {
  if (at.kind === 'component' || at.kind === 'island') return signatureOf(at.name, at.params, placeOf(at))
  return at.kind === 'value' ? signatureOf(at.name, ofFunction(at.body[0]), placeOf(at)) : undefined
}

/** Of each name that a library defines, exported or not. */
export const signaturesOfLibrary = (at: LibrarySource): ReadonlyMap<string, Signature> => {
  const found = new Map<string, Signature>()
  for (const form of at.forms) {
    const [, name, value] = form as List
    const place = placeIn(at.source, form)
    const signature = signatureOf((name as Sym).name, ofFunction(value), place ?? placeOf(at))
    if (signature !== undefined) found.set(signature.name, signature)
  }
  return found
}

/** `(a, b :c)` for people: what a call may give. */
export const showSignature = ({ name, positions, keys, rest }: Signature): string => {
  const parts = [
    ...positions.map(one => one.name),
    ...(keys.size > 0 ? ['&key', ...keys.keys()] : []),
    ...(rest ? ['&rest …'] : []),
  ]
  return `(${[name, ...parts].join(' ')})`
}
