// What people want to know of a definition and its CID does not hold: names, documentation, place, types (format §3).
import { print } from '../lang/printer.ts'
import { isList, Keyword, type List, Sym, type Value } from '../lang/values.ts'
import { docOf, placeOf } from './definition.ts'
import type { Unit } from './unit.ts'

/** One name's part. All of it is pure data of the sources. */
export interface NamedAnnotation {
  readonly name: string
  readonly kind: string
  /** relative to the source folder */
  readonly file: string
  readonly line: number
  /** the comment above, or absent */
  readonly doc?: string
  /** parameter → its declared type as text */
  readonly types?: ReadonlyMap<string, string>
  /** declared effects, sorted; absent: any */
  readonly effects?: readonly string[]
  /** the definition as written, where macros made its stored form another one */
  readonly written?: string
  /** SHA3-256 hex of its canonical text as written */
  readonly contentId: string
}

/** Of one CID: an entry for each name, by code point. */
export interface Annotation {
  readonly names: readonly NamedAnnotation[]
  /** host words that it reaches, sorted; none: it is pure */
  readonly io: readonly string[]
}

const typesOf = (params: List): ReadonlyMap<string, string> | undefined => {
  const types = new Map<string, string>()
  for (const param of params) {
    if (!isList(param)) continue
    const [name, as, type] = param
    if (name instanceof Sym && as instanceof Keyword && as.name === 'as' && type !== undefined)
      types.set(name.name, print(type))
  }
  return types.size > 0 ? types : undefined
}

/** `(define f (fn (x) …))` declares its parameters inside. */
const paramsOf = (unit: Unit): List => {
  if (unit.origin.type !== 'definition') return []
  const { params, body, kind } = unit.origin.at
  const [value] = body
  return kind === 'value' && isList(value) && isList(value[1] ?? null) ? (value[1] as List) : params
}

const cached = new WeakMap<object, NamedAnnotation>()

const annotateOne = (unit: Unit, contentId: (form: Value) => string): NamedAnnotation => {
  const { at } = unit.origin
  const known = cached.get(at)
  if (known !== undefined) return known
  const doc = docOf(at)
  const types = typesOf(paramsOf(unit))
  const effects = unit.origin.type === 'definition' ? unit.origin.at.effects : undefined
  const annotation: NamedAnnotation = {
    name: unit.name,
    kind: unit.kind,
    file: unit.path,
    line: placeOf(at).line,
    ...(doc !== '' && { doc }),
    ...(types && { types }),
    ...(effects && { effects }),
    ...(unit.expansion?.macros.size && { written: print(at.form) }),
    contentId: contentId(at.form),
  }
  cached.set(at, annotation)
  return annotation
}

/** `units` share one CID. */
export const annotate = (units: readonly Unit[], contentId: (form: Value) => string): Annotation => ({
  names: units.map(unit => annotateOne(unit, contentId)),
  // One CID, one content: they all reach the same.
  io: units[0]?.io ?? [],
})
