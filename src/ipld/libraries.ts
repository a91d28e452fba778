// `define-library`, or a whole `;; @client` file → one library: its name, exports, imports and defines.
import { SxError } from '../errors.ts'
import { compareCodePoints } from '../lang/order.ts'
import type { Source } from '../lang/reader.ts'
import { isList, type List, Sym, type Value } from '../lang/values.ts'
import { checkName, failAt, functionForm, plainDefine } from './definition.ts'

/** One name that an import brings: `local` here is `name` of `library`. */
export interface Import {
  readonly library: string
  /** undefined: every export, under its own name */
  readonly pick: ((exported: string) => string | undefined) | undefined
  /** names that `only`, `except` and `rename` mention: they must exist */
  readonly mentioned: readonly string[]
  readonly form: List
  readonly at: number
}

/** A library as an author wrote it. Its internal names are part of it. */
export interface LibrarySource {
  /** `(rose text)` is `rose/text` */
  readonly name: string
  /** sorted by code point */
  readonly exports: readonly string[]
  readonly imports: readonly Import[]
  /** `(define name expression)` each, in the order written */
  readonly forms: readonly List[]
  readonly names: ReadonlySet<string>
  readonly form: Value
  readonly source: Source
  readonly index: number
}

const libraryName = (source: Source, form: List, at: number): string => {
  const given = form[at]
  const parts = isList(given) ? given : [given]
  const texts = parts.map(part =>
    part instanceof Sym || Number.isSafeInteger(part) ? (part instanceof Sym ? part.name : String(part)) : '',
  )
  if (texts.length === 0 || texts.includes(''))
    failAt(source, 'syntax-form', 'a library is named by a list of words', form, at, '(rose text)')
  return texts.join('/')
}

const isWord = (value: Value | undefined, name: string): value is Sym =>
  value instanceof Sym && value.name === name

/** R7RS import sets: a library's name, or only, except, prefix, rename around one. */
const readImport = (source: Source, form: List, at: number): Import => {
  const set = form[at]
  const head = isList(set) ? set[0] : undefined
  const words = ['only', 'except', 'prefix', 'rename']
  if (!isList(set) || !(head instanceof Sym) || !words.includes(head.name) || !isList(set[1]))
    return { library: libraryName(source, form, at), pick: undefined, mentioned: [], form, at }
  const inner = readImport(source, set, 1)
  const name = (value: Value | undefined, list: List, i: number): string =>
    value instanceof Sym ? value.name : failAt(source, 'syntax-form', `${head.name} takes names`, list, i)
  const rest = set.slice(2)
  const before = inner.pick ?? ((exported: string) => exported)
  const make = (pick: (local: string) => string | undefined, mentioned: readonly string[]): Import => ({
    library: inner.library,
    pick: exported => {
      const local = before(exported)
      return local === undefined ? undefined : pick(local)
    },
    mentioned: inner.pick === undefined ? mentioned : inner.mentioned,
    form,
    at,
  })
  if (head.name === 'prefix') {
    const prefix = name(rest[0], set, 2)
    return make(local => prefix + local, [])
  }
  if (head.name === 'rename') {
    const pairs = new Map(
      rest.map((pair, i): [string, string] =>
        isList(pair) && pair.length === 2
          ? [name(pair[0], pair, 0), name(pair[1], pair, 1)]
          : failAt(source, 'syntax-form', 'rename takes pairs of names', set, i + 2),
      ),
    )
    return make(local => pairs.get(local) ?? local, [...pairs.keys()])
  }
  const names = new Set(rest.map((value, i) => name(value, set, i + 2)))
  return make(local => (names.has(local) === (head.name === 'only') ? local : undefined), [...names])
}

interface Parts {
  readonly exports: { readonly name: string; readonly form: List; readonly at: number }[]
  readonly imports: Import[]
  readonly forms: List[]
  readonly names: Map<string, List>
}

/** `deftype` and `defeffect` are annotations, and nothing of the library itself. */
const isAnnotation = (form: Value): boolean =>
  isList(form) && (isWord(form[0], 'deftype') || isWord(form[0], 'defeffect'))

const addDefine = (source: Source, parts: Parts, outer: List, at: number, duplicates: SxError[]): void => {
  const form = outer[at] as Value
  if (isAnnotation(form)) return
  if (!isList(form) || !isWord(form[0], 'define'))
    throw failAt(
      source,
      'not-a-definition',
      'a library holds defines only',
      outer,
      at,
      'put other definitions into a file of their own',
    )
  const target = form[1] as Value
  const isFunction = isList(target)
  const name = isFunction ? checkName(source, target, 0) : checkName(source, form, 1)
  let from = 2
  // Effects of a library's functions are annotations.
  while (isEffects(form, from)) from += 2
  const rest = form.slice(from)
  if (rest.length === 0 || (!isFunction && rest.length > 1))
    failAt(source, 'syntax-form', `${name} needs one value`, form, Math.min(from, form.length - 1))
  const first = parts.names.get(name)
  if (first !== undefined) duplicates.push(duplicate(source, name, form, first))
  parts.names.set(name, form)
  const value = isFunction ? functionForm(form, from) : (rest[0] as Value)
  parts.forms.push(plainDefine(form, name, value, from))
}

const isEffects = (form: List, at: number): boolean => {
  const word = form[at]
  return (
    typeof word === 'object' &&
    word !== null &&
    'name' in word &&
    word.name === 'effects' &&
    isList(form[at + 1] ?? null) &&
    !(word instanceof Sym)
  )
}

const duplicate = (source: Source, name: string, form: List, first: List): SxError => {
  const place = source.placeOf(form)
  const other = source.placeOf(first)
  return new SxError('duplicate-name', `${name} is defined twice`, {
    ...(place && { place }),
    ...(other && { related: [{ note: 'first defined here', place: other }] }),
    name,
  })
}

const finish = (
  source: Source,
  index: number,
  form: Value,
  name: string,
  parts: Parts,
  errors: SxError[],
): LibrarySource => {
  for (const one of parts.exports)
    if (!parts.names.has(one.name))
      try {
        failAt(
          source,
          'unknown-name',
          `the library ${name} exports ${one.name} and does not define it`,
          one.form,
          one.at,
        )
      } catch (error) {
        errors.push(error as SxError)
      }
  return {
    name,
    exports: [...new Set(parts.exports.map(one => one.name))].sort(compareCodePoints),
    imports: parts.imports,
    forms: parts.forms,
    names: new Set(parts.names.keys()),
    form,
    source,
    index,
  }
}

const attempt = (errors: SxError[], work: () => void): void => {
  try {
    work()
  } catch (error) {
    if (!(error instanceof SxError)) throw error
    errors.push(error)
  }
}

/** The `define-library` form at `index`. What is wrong is pushed to `errors`, each with a place. */
export const readLibrary = (source: Source, index: number, errors: SxError[]): LibrarySource | undefined => {
  const form = source.forms[index] as List
  const parts: Parts = { exports: [], imports: [], forms: [], names: new Map() }
  let name = ''
  attempt(errors, () => {
    name = libraryName(source, form, 1)
  })
  for (let i = 2; i < form.length; i++) {
    const clause = form[i] as Value
    const head = isList(clause) && clause[0] instanceof Sym ? clause[0].name : ''
    if (!isList(clause)) continue
    for (let at = 1; at < clause.length; at++)
      attempt(errors, () => {
        if (head === 'export') {
          const given = clause[at]
          if (!(given instanceof Sym)) return failAt(source, 'syntax-form', 'export takes names', clause, at)
          parts.exports.push({ name: given.name, form: clause, at })
        } else if (head === 'import') parts.imports.push(readImport(source, clause, at))
        else if (head === 'begin') addDefine(source, parts, clause, at, errors)
      })
    if (head !== 'export' && head !== 'import' && head !== 'begin')
      attempt(errors, () => addDefine(source, parts, form, i, errors))
  }
  return name === '' ? undefined : finish(source, index, form, name, parts, errors)
}

/** A `;; @client` file without `define-library`: every define is an export. */
export const readClientFile = (source: Source, name: string, errors: SxError[]): LibrarySource => {
  const parts: Parts = { exports: [], imports: [], forms: [], names: new Map() }
  source.forms.forEach((_, at) => {
    attempt(errors, () => addDefine(source, parts, source.forms, at, errors))
  })
  for (const [exported, form] of parts.names) parts.exports.push({ name: exported, form, at: 1 })
  return finish(source, 0, source.forms, name, parts, errors)
}
