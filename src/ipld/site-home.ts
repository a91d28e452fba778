// What names mean: in site definitions (definitions, then every library's exports), and inside one library (its imports).
import { type Place, SxError } from '../errors.ts'
import type { Home, Meaning } from '../lang/meaning.ts'
import { nearMisses } from '../lang/near.ts'
import { primitives, tags } from '../lang/words.ts'
import { placeOf } from './definition.ts'
import type { LibrarySource } from './libraries.ts'
import type { Unit } from './unit.ts'

/** Names of everything that others can refer to, as one build step sees them. */
export interface NameTable {
  /** definitions and libraries */
  readonly units: Map<string, Unit>
  /** exported name → the libraries that export it */
  exports: ReadonlyMap<string, readonly Unit[]>
}

/** How many names one update compares when it looks for near misses: each look walks all of them. */
const NEAR_LIMIT = 1_000_000

export interface SiteHome extends Home {
  /** `near` may compare `NEAR_LIMIT` names again */
  reset(): void
}

const libraryPlaces = (libraries: readonly Unit[]): { note: string; place: Place }[] =>
  libraries.map(unit => ({ note: `exported by ${unit.name}`, place: placeOf(unit.origin.at) }))

const ambiguous = (name: string, libraries: readonly Unit[]): never => {
  throw new SxError(
    'ambiguous-name',
    `${name} is exported by ${libraries.map(unit => unit.name).join(' and ')}`,
    {
      name,
      related: libraryPlaces(libraries),
      hint: 'rename one of the exports, or define the name in the site',
    },
  )
}

/** `isBroken`: the definition of this name is in error already; whoever looks it up gets no error of their own. */
export const createSiteHome = (table: NameTable, broken: { has(name: string): boolean }): SiteHome => {
  let compared = 0
  return {
    lookup: name => {
      if (broken.has(name)) throw new Cascade(name)
      const unit = table.units.get(name)
      if (unit?.meaning !== undefined) return unit.meaning
      const libraries = table.exports.get(name)
      if (libraries === undefined) return undefined
      const [only, ...more] = libraries as [Unit, ...Unit[]]
      if (more.length > 0) ambiguous(name, libraries)
      return { kind: 'export', library: only.name, name }
    },
    near: name => {
      compared += table.units.size
      return compared <= NEAR_LIMIT ? nearMisses(name, allNames(table)) : []
    },
    reset: () => {
      compared = 0
    },
  }
}

function* allNames(table: NameTable): Generator<string> {
  for (const [name, unit] of table.units) if (unit.meaning !== undefined) yield name
  yield* table.exports.keys()
  yield* tags
  yield* primitives
}

/** A failure that follows from another one that is reported already. */
export class Cascade extends Error {
  constructor(of: string) {
    super(`${of} is in error`)
  }
}

/** What free names mean inside a library: what it imports. `find` gives a library by name. */
export const createLibraryHome = (library: LibrarySource, find: (name: string) => Unit | undefined): Home => {
  const imported = new Map<string, { meaning: Meaning; units: Unit[] }>()
  for (const one of library.imports) {
    const unit = find(one.library)
    if (unit?.origin.type !== 'library') continue
    for (const name of unit.origin.at.exports) {
      const local = one.pick === undefined ? name : one.pick(name)
      if (local === undefined) continue
      const meaning: Meaning = { kind: 'export', library: one.library, name }
      const known = imported.get(local)
      if (known === undefined) imported.set(local, { meaning, units: [unit] })
      else if (
        known.meaning.kind === 'export' &&
        (known.meaning.library !== one.library || known.meaning.name !== name)
      )
        known.units.push(unit)
    }
  }
  return {
    lookup: name => {
      const found = imported.get(name)
      if (found === undefined) return undefined
      if (found.units.length > 1) ambiguous(name, found.units)
      return found.meaning
    },
    near: name => nearMisses(name, [...imported.keys(), ...library.names, ...primitives]),
  }
}
