// What nothing uses: definitions that no page reaches, and names that a definition binds and never reads.
import { type Definition, placeIn, placeOf } from '../ipld/definition.ts'
import type { Entry, Graph } from '../ipld/graph.ts'
import type { Observer } from '../lang/meaning.ts'
import type { Binder } from '../lang/scope.ts'
import { isDict, isList, type List, Sym, type Value } from '../lang/values.ts'
import type { Finding } from './finding.ts'

const isSilent = (name: string): boolean => name.startsWith('_')

/** Every definition that a page needs, or a host: what pages reach by references, and the macros used on the way. */
const reached = (graph: Graph): ReadonlySet<Entry> => {
  const seen = new Set<Entry>(graph.pages())
  for (const entry of graph.entries())
    if (entry.kind === 'handler' || entry.kind === 'query' || entry.kind === 'action') seen.add(entry)
  // A Set's iteration takes up what is added meanwhile.
  for (const entry of seen) {
    for (const ref of entry.refs) seen.add(ref)
    for (const name of entry.expansion?.macros ?? []) addTo(seen, graph.find(name))
    for (const ref of entry.expansion?.ran ?? []) addTo(seen, graph.find(ref.library ?? ref.name))
  }
  return seen
}
const addTo = (set: Set<Entry>, entry: Entry | undefined): void => {
  if (entry !== undefined) set.add(entry)
}

const symbolsIn = (form: Value, found: Set<string>): void => {
  if (form instanceof Sym) found.add(form.name)
  else if (isList(form)) for (const item of form) symbolsIn(item, found)
  else if (isDict(form)) for (const item of form.values()) symbolsIn(item, found)
}

/** Definitions that no page reaches, in a site that has pages; a library's own names that nothing there uses. */
export const unusedDefinitions = (graph: Graph): readonly Finding[] => {
  const found: Finding[] = []
  const hasPages = !graph.pages()[Symbol.iterator]().next().done
  const seen = hasPages ? reached(graph) : undefined
  for (const entry of graph.entries()) {
    const { origin, name } = entry
    if (origin.type === 'library') found.push(...unusedInLibrary(entry))
    else if (seen !== undefined && !seen.has(entry) && !isSilent(name))
      found.push({
        code: 'unused-definition',
        message: `no page reaches ${name}`,
        place: placeOf(origin.at),
        hint: 'remove it, or begin its name with _',
      })
  }
  return found
}

const unusedInLibrary = ({ origin, expansion }: Entry): readonly Finding[] => {
  if (origin.type !== 'library' || expansion?.draft.kind !== 'library') return []
  const { exports, forms, source } = origin.at
  const uses = new Map<string, ReadonlySet<string>>()
  for (const form of expansion.draft.forms) {
    const [, name, value] = form as List
    const found = new Set<string>()
    symbolsIn(value ?? null, found)
    uses.set((name as Sym).name, found)
  }
  const seen = new Set(exports)
  for (const name of seen) for (const used of uses.get(name) ?? []) if (uses.has(used)) seen.add(used)
  return forms.flatMap((form): Finding[] => {
    const { name } = form[1] as Sym
    if (seen.has(name) || isSilent(name)) return []
    const place = placeIn(source, form) ?? placeOf(origin.at)
    return [
      {
        code: 'unused-definition',
        message: `${name} is neither exported nor used in its library`,
        place,
        hint: 'remove it, or export it',
      },
    ]
  })
}

interface Bound {
  readonly name: string
  readonly parent: Value
  readonly index: number
  isParameter: boolean
  used: boolean
}

export interface BoundNames extends Pick<Observer, 'bound' | 'parameter' | 'used'> {
  /** when the graph holds: each name that is never read, where an author wrote it */
  unused(entries: Iterable<Entry>): readonly Finding[]
}

/** The parameter list of a definition as expansion gets it. */
const paramsOf = ({ kind, params, body }: Definition): List => {
  const [value] = body
  return kind === 'value' && isList(value) && isList(value[1] ?? null) ? (value[1] as List) : params
}

/**
 * A place counts as used when one binding that came of it is: a macro may insert it twice. Positions of a function
 * without a name belong to whoever calls it, so they are not told of.
 */
export const createBoundNames = (): BoundNames => {
  const binders = new Map<Binder, Bound>()
  const places = new Map<Value, Map<number, Bound>>()
  return {
    bound(binder, parent, index) {
      const known = places.get(parent) ?? new Map<number, Bound>()
      places.set(parent, known)
      const one = known.get(index) ?? { name: binder.name, parent, index, isParameter: false, used: false }
      known.set(index, one)
      binders.set(binder, one)
    },
    parameter(binder) {
      const one = binders.get(binder)
      if (one !== undefined) one.isParameter = true
    },
    used(binder) {
      const one = binders.get(binder)
      if (one !== undefined) one.used = true
    },
    unused(entries) {
      const found: Finding[] = []
      const isUnused = (parent: Value, index: number): Bound | undefined => {
        const one = places.get(parent)?.get(index)
        return one === undefined || one.used || isSilent(one.name) ? undefined : one
      }
      const sources = new Set<Entry['source']>()
      for (const { origin, source } of entries) {
        sources.add(source)
        if (origin.type !== 'definition') continue
        const params = paramsOf(origin.at)
        const { form } = origin.at
        const isSliced = isList(form[1]) && form[1].length === params.length + 1 && form[1] !== params
        // Positions before one that is used have to be there.
        let mayTell = true
        for (let i = params.length - 1; i >= 0; i--) {
          const item = params[i]!
          const isKey = params.slice(0, i).some(one => one instanceof Sym && one.name.startsWith('&'))
          if (item instanceof Sym && item.name.startsWith('&')) continue
          const typed = isList(item)
          const one = typed ? isUnused(item, 0) : isUnused(params, i)
          if (one === undefined) {
            if (!isKey) mayTell = false
            continue
          }
          if (!isKey && !mayTell) continue
          const place = typed
            ? source.placeOf(item)
            : isSliced
              ? source.placeOf(form[1] as List, i + 1)
              : source.placeOf(params, i)
          found.push({
            code: 'unused-parameter',
            message: `${origin.at.name} never uses its parameter ${one.name}`,
            place: place ?? placeOf(origin.at),
            hint: isKey ? 'remove it' : `remove it, or call it _${one.name}`,
          })
        }
      }
      for (const [parent, all] of places) {
        if (!isList(parent)) continue
        for (const one of all.values()) {
          if (one.used || one.isParameter || isSilent(one.name)) continue
          for (const source of sources) {
            const place = source.placeOf(parent, one.index)
            if (place === undefined) continue
            found.push({
              code: 'unused-local',
              message: `${one.name} is never used`,
              place,
              hint: `remove it, or call it _${one.name}`,
            })
            break
          }
        }
      }
      return found
    },
  }
}
