// Calls against the definitions that they call: arity, keywords, types of literals. Hears of each call while it is expanded.
import type { MacroEvidence, Place } from '../errors.ts'
import { nearMisses } from '../lang/near.ts'
import { print } from '../lang/printer.ts'
import { isWord } from '../lang/shape.ts'
import { isDict, isList, Keyword, type List, type Ref, Sym, type Value } from '../lang/values.ts'
import { tags } from '../lang/words.ts'
import { isOuter } from '../runtime/params.ts'
import { fits, type OwnTypes } from '../runtime/types.ts'
import { Prim } from '../runtime/values.ts'
import type { Finding, Severity } from './finding.ts'
import { type Parameter, type Signature, showSignature } from './signatures.ts'

export interface CallRules {
  readonly of: (head: Ref) => Signature | undefined
  /** a name of the library whose file this is */
  readonly own: (file: string, name: string) => Signature | undefined
  /** how many arguments a word of the language takes, when that is known */
  readonly word: (name: string) => { readonly min: number; readonly max: number } | undefined
  /** the site's own types, where literals are to have the declared ones */
  readonly types: OwnTypes | undefined
  readonly tell: (severity: Severity, finding: Finding) => void
}

const many = (n: number): string => `${n} argument${n === 1 ? '' : 's'}`

/** Operands as a call reads them: a keyword before another operand names it. */
const operandsOf = (form: List): { readonly positions: Value[]; readonly keys: [string, Value][] } => {
  const positions: Value[] = []
  const keys: [string, Value][] = []
  for (let i = 1; i < form.length; i++) {
    const one = form[i]!
    if (one instanceof Keyword && i + 1 < form.length) keys.push([one.name, form[++i]!])
    else positions.push(one)
  }
  return { positions, keys }
}

/** The value of a literal, or of a form whose type is plain to see; undefined for what only evaluation knows. */
const literalValue = (form: Value): { readonly v: unknown } | undefined => {
  if (form === null || typeof form !== 'object') return { v: form }
  if (form instanceof Keyword) return { v: form.name }
  if (isDict(form)) {
    const items = [...form].map(([key, one]) => [key, literalValue(one)?.v] as const)
    return items.some(([, v]) => v === undefined) ? undefined : { v: new Map(items) }
  }
  if (!isList(form)) return undefined
  if (isWord(form[0], 'quote')) return { v: form[1] ?? null }
  if (isWord(form[0], 'fn') || isWord(form[0], 'lambda')) return { v: someFunction }
  if (!isWord(form[0], 'list')) return undefined
  const items = form.slice(1).map(one => literalValue(one)?.v)
  return items.includes(undefined) ? undefined : { v: items }
}
const someFunction = new Prim('fn', () => null, 0, 0)

/** `place` is asked only when there is something to tell. */
export const checkCall = (
  head: Ref | Sym,
  form: List,
  own: boolean,
  place: () => Place | undefined,
  macro: () => MacroEvidence,
  rules: CallRules,
): void => {
  if (head instanceof Sym) {
    const signature = own ? rules.own(place()?.file ?? '', head.name) : undefined
    if (signature !== undefined) checkSignature(signature, form, place, macro, rules)
    const word = own ? undefined : rules.word(head.name)
    const given = form.length - 1
    if (word !== undefined && (given < word.min || given > word.max)) {
      const { min, max } = word
      const takes =
        min === max
          ? many(min)
          : max === Number.POSITIVE_INFINITY
            ? `at least ${many(min)}`
            : `${min} to ${many(max)}`
      const at = place()
      rules.tell('error', {
        code: 'call-arity',
        message: `${head.name} takes ${takes}, not ${given}`,
        ...(at && { place: at }),
        ...macro(),
      })
    }
    // It says so when it is rendered too, which a branch that no build takes never is.
    if (!own && tags.has(head.name) && operandsOf(form).keys.some(([key]) => key === 'ref')) {
      const at = place()
      rules.tell('error', {
        code: 'unknown-keyword',
        message: `<${head.name}> takes no :ref`,
        ...(at && { place: at }),
        hint: 'nothing in SX takes an element: what it shows and does is said by attributes, signals and handlers',
        ...macro(),
      })
    }
    return
  }
  const signature = rules.of(head)
  if (signature !== undefined) checkSignature(signature, form, place, macro, rules)
}

const checkSignature = (
  signature: Signature,
  form: List,
  place: () => Place | undefined,
  macro: () => MacroEvidence,
  { types, tell: report }: CallRules,
): void => {
  const { name, positions, keys, rest } = signature
  const given = operandsOf(form)
  const tell = (severity: Severity, code: string, message: string, hint?: string): void => {
    const at = place()
    const { related = [], ...made } = macro()
    const where = signature.place ? [{ note: `${name} is defined here`, place: signature.place }] : []
    report(severity, {
      code,
      message,
      ...(at && { place: at }),
      ...(hint !== undefined && { hint }),
      ...(where.length + related.length > 0 && { related: [...where, ...related] }),
      ...made,
    })
  }
  // Without `&key` a keyword is one more argument, a string.
  const count = given.positions.length + (keys.size === 0 ? 2 * given.keys.length : 0)
  if (count < positions.length || (count > positions.length && !rest)) {
    const least = rest ? 'at least ' : ''
    const beside = keys.size > 0 ? ' beside its keywords' : given.keys.length > 0 ? ' and no keywords' : ''
    tell(
      'error',
      'call-arity',
      `${name} takes ${least}${many(positions.length)}${beside}, not ${count}`,
      `it is called ${showSignature(signature)}`,
    )
  }
  if (keys.size > 0) {
    const seen = new Set<string>()
    for (const [key] of given.keys) {
      if (!keys.has(key) && !isOuter.test(key)) {
        const near = nearMisses(key, keys.keys())
        tell(
          'error',
          'unknown-keyword',
          `${name} takes no keyword :${key}`,
          near.length > 0
            ? `did you mean ${near.map(one => `:${one}`).join(' or ')}?`
            : `it takes ${[...keys.keys()].map(one => `:${one}`).join(' ')}`,
        )
      } else if (seen.has(key))
        tell('warning', 'duplicate-keyword', `:${key} is given twice to ${name}`, 'the last one counts')
      seen.add(key)
    }
    for (const [key, { type, optional }] of keys)
      if (type !== undefined && !optional && !seen.has(key))
        tell(
          'warning',
          'missing-keyword',
          `${name} is called without :${key}, which is then nil`,
          type instanceof Sym ? `declare (${key} :as ${type.name}?) if it may be left out` : undefined,
        )
  }
  if (types === undefined) return
  const typed: (readonly [string, Parameter | undefined, Value])[] = [
    ...given.keys.map(([key, value]) => [`:${key}`, keys.get(key), value] as const),
    ...(keys.size === 0 && given.keys.length > 0 ? [] : given.positions).map(
      (value, i) => [positions[i]?.name ?? '', positions[i], value] as const,
    ),
  ]
  for (const [what, parameter, value] of typed) {
    const type = parameter?.type
    const literal = literalValue(value)
    if (type === undefined || literal === undefined || fits(type, literal.v, types)) continue
    tell('error', 'wrong-type', `${what} of ${name} is ${print(type)}, not ${print(value).slice(0, 60)}`)
  }
}
