// Calls against the definitions that they call: arity, keywords, types of literals. Hears of each call while it is expanded.
import type { Place } from '../errors.ts'
import { nearMisses } from '../lang/near.ts'
import { isWord } from '../lang/shape.ts'
import { isDict, isList, Keyword, type List, type Ref, Sym, type Value } from '../lang/values.ts'
import type { Finding, Severity } from './finding.ts'
import { type Signature, showSignature } from './signatures.ts'

export interface CallRules {
  readonly of: (head: Ref) => Signature | undefined
  /** a name of the library whose file this is */
  readonly own: (file: string, name: string) => Signature | undefined
  /** how many arguments a word of the language takes, when that is known */
  readonly word: (name: string) => { readonly min: number; readonly max: number } | undefined
  readonly strict: boolean
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

/** The type of a literal; undefined for what only evaluation knows. */
const literalType = (form: Value): string | undefined => {
  if (typeof form === 'string' || form instanceof Keyword) return 'string'
  if (typeof form === 'number' || typeof form === 'boolean') return typeof form
  if (form === null) return 'nil'
  if (isDict(form)) return 'dict'
  if (isList(form) && isWord(form[0], 'quote')) return isList(form[1]) ? 'list' : undefined
  if (isList(form) && isWord(form[0], 'list')) return 'list'
  return isList(form) && (isWord(form[0], 'fn') || isWord(form[0], 'lambda')) ? 'lambda' : undefined
}
/** Types that a literal can be said not to have; others (`markup`, an author's own) are not judged. */
const judged: ReadonlyMap<string, readonly string[]> = new Map([
  ['string', ['string']],
  ['number', ['number']],
  ['boolean', ['boolean']],
  ['list', ['list', 'nil']],
  ['dict', ['dict', 'nil']],
  ['lambda', ['lambda']],
  ['function', ['lambda']],
  ['fn', ['lambda']],
])

/** `place` is asked only when there is something to tell. */
export const checkCall = (
  head: Ref | Sym,
  form: List,
  own: boolean,
  place: () => Place | undefined,
  rules: CallRules,
): void => {
  if (head instanceof Sym) {
    const signature = own ? rules.own(place()?.file ?? '', head.name) : undefined
    if (signature !== undefined) checkSignature(signature, form, place, rules)
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
      })
    }
    return
  }
  const signature = rules.of(head)
  if (signature !== undefined) checkSignature(signature, form, place, rules)
}

const checkSignature = (
  signature: Signature,
  form: List,
  place: () => Place | undefined,
  { strict, tell: report }: CallRules,
): void => {
  const { name, positions, keys, rest } = signature
  const given = operandsOf(form)
  const tell = (severity: Severity, code: string, message: string, hint?: string): void => {
    const at = place()
    report(severity, {
      code,
      message,
      ...(at && { place: at }),
      ...(hint !== undefined && { hint }),
      ...(signature.place && { related: [{ note: `${name} is defined here`, place: signature.place }] }),
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
      if (!keys.has(key)) {
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
          `declare (${key} :as ${type}?) if it may be left out`,
        )
  }
  if (!strict) return
  const typed: (readonly [string, string | undefined, boolean, Value])[] = [
    ...given.keys.flatMap(([key, value]) => {
      const parameter = keys.get(key)
      return parameter === undefined ? [] : [[`:${key}`, parameter.type, parameter.optional, value] as const]
    }),
    ...(keys.size === 0 && given.keys.length > 0 ? [] : given.positions).flatMap((value, i) => {
      const parameter = positions[i]
      return parameter === undefined
        ? []
        : [[parameter.name, parameter.type, parameter.optional, value] as const]
    }),
  ]
  for (const [what, type, optional, value] of typed) {
    const is = literalType(value)
    const allowed = type === undefined ? undefined : judged.get(type)
    if (is === undefined || allowed === undefined || allowed.includes(is) || (optional && is === 'nil'))
      continue
    tell('error', 'wrong-type', `${what} of ${name} is a ${type}, not ${is === 'nil' ? 'nil' : `a ${is}`}`)
  }
}
