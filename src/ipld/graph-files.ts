// Changed files → units: matched by name with those that were there, so that moving or reformatting changes nothing.
import type { SxError } from '../errors.ts'
import type { Home } from '../lang/meaning.ts'
import type { Source } from '../lang/reader.ts'
import { placeOf } from './definition.ts'
import { type Collected, collect, type Declaration, duplicateName } from './definitions.ts'
import type { Journal } from './journal.ts'
import type { SiteModule } from './library-table.ts'
import { routeOf } from './pages.ts'
import { type Origin, sameOrigin, Unit } from './unit.ts'

/** One file's text as read; `path` is relative to the source folder, with `/`, in NFC. */
export interface SourceUnit {
  readonly path: string
  readonly source: Source
}

export interface Changes {
  readonly set?: readonly SourceUnit[]
  readonly remove?: readonly string[]
  /** WebAssembly modules by name that are new or other; undefined: gone */
  readonly modules?: ReadonlyMap<string, SiteModule | undefined>
}

export interface GraphFile {
  readonly units: readonly Unit[]
  readonly declarations: readonly Declaration[]
}

/** Units by name. Pages have names of their own, which nothing can refer to. */
export interface Tables {
  readonly files: Map<string, GraphFile>
  readonly units: Map<string, Unit>
  readonly pages: Map<string, Unit>
}

export interface Matched {
  /** new, or of another text than before */
  readonly edited: Set<Unit>
  /** all units of the files that were set */
  readonly moved: Set<Unit>
  readonly gone: Set<Unit>
  /** names that came, went, or became a macro or stopped to be one */
  readonly names: Set<string>
  readonly broken: Set<string>
  readonly foreign: boolean
  /** a library came, went or changed */
  readonly libraries: boolean
}

const meaningOf = (name: string, origin: Origin, home: Home): Unit['meaning'] => {
  if (origin.type !== 'definition') return undefined
  const { kind, params, body } = origin.at
  return kind === 'macro' ? { kind, macro: { name, params, body, home } } : { kind: 'definition', name }
}

const originsOf = ({ definitions, library, pages }: Collected): Origin[] => [
  ...definitions.map((at): Origin => ({ type: 'definition', at })),
  ...(library === undefined ? [] : [{ type: 'library', at: library } as const]),
  ...pages.map((at): Origin => ({ type: 'page', at })),
]

/** Brings the tables up to date. Errors of reading, and duplicates, go to `errors`. */
export const matchFiles = (
  { set = [], remove = [] }: Changes,
  tables: Tables,
  home: Home,
  journal: Journal,
  errors: SxError[],
): Matched => {
  const matched: Matched & { foreign: boolean; libraries: boolean } = {
    edited: new Set(),
    moved: new Set(),
    gone: new Set(),
    names: new Set(),
    broken: new Set(),
    foreign: false,
    libraries: false,
  }
  const { edited, moved, gone, names } = matched
  const incoming = new Map(set.map(one => [one.path, one.source]))
  for (const path of new Set([...remove, ...incoming.keys()])) {
    for (const unit of tables.files.get(path)?.units ?? []) gone.add(unit)
    if (!incoming.has(path)) journal.set(tables.files, path, undefined)
  }

  for (const [path, source] of incoming) {
    const found = collect(source, path)
    errors.push(...found.errors)
    for (const name of found.broken) matched.broken.add(name)
    if (/@[hx]:/.test(source.text)) matched.foreign = true
    const units: Unit[] = []
    for (const origin of originsOf(found)) {
      const { name } = origin.at
      const table = origin.type === 'page' ? tables.pages : tables.units
      const prior = table.get(name)
      if (prior !== undefined && !gone.has(prior)) {
        const what = origin.type === 'page' ? `the page ${name}` : name
        errors.push(duplicateName(what, placeOf(origin.at), placeOf(prior.origin.at), name))
        continue
      }
      const unit = prior ?? new Unit(name, path, origin)
      if (prior === undefined) {
        journal.born(unit)
        journal.set(table, name, unit)
      } else {
        journal.keep(unit)
        gone.delete(unit)
      }
      units.push(unit)
      moved.add(unit)
      const same = prior !== undefined && sameOrigin(unit.origin, origin)
      if (!same) {
        if (origin.type === 'library' || unit.origin.type === 'library') matched.libraries = true
        const before = unit.meaning
        unit.meaning = meaningOf(name, origin, home)
        if (before?.kind !== unit.meaning?.kind) names.add(name)
        edited.add(unit)
      }
      unit.path = path
      unit.origin = origin
    }
    journal.set(tables.files, path, { units, declarations: found.declarations })
  }

  for (const unit of gone) {
    journal.keep(unit)
    journal.set(unit.origin.type === 'page' ? tables.pages : tables.units, unit.name, undefined)
    if (unit.meaning !== undefined) names.add(unit.name)
    if (unit.origin.type === 'library') matched.libraries = true
  }
  return matched
}

/** Two pages of one route are an error. Looks at all pages when one of `moved` is a page. */
export const checkRoutes = (
  pages: ReadonlyMap<string, Unit>,
  moved: ReadonlySet<Unit>,
  errors: SxError[],
): void => {
  if (![...moved].some(unit => unit.origin.type === 'page')) return
  const routes = new Map<string, Unit>()
  // Those that were there come first, so that the error stands at the new one.
  for (const unit of [...pages.values()].sort((a, b) => Number(moved.has(a)) - Number(moved.has(b)))) {
    if (unit.origin.type !== 'page') continue
    const { path } = unit.origin.at
    const other = routes.get(routeOf(path))
    if (other === undefined) routes.set(routeOf(path), unit)
    else
      errors.push(duplicateName(`the page ${path}`, placeOf(unit.origin.at), placeOf(other.origin.at), path))
  }
}
