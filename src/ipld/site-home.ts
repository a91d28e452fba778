// What names mean: in site definitions (definitions, then every library's exports), and inside one library (its imports).
import { type Place, SxError } from '../errors.ts'
import type { Home, Meaning } from '../lang/meaning.ts'
import { nearMisses } from '../lang/near.ts'
import { ExportLink, type Link } from '../lang/values.ts'
import { primitives, tags } from '../lang/words.ts'
import { placeOf } from './definition.ts'
import type { LibrarySource } from './libraries.ts'
import type { SiteModule } from './library-table.ts'
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

/** A library, and where it is written; a module is written nowhere. */
interface Exporter {
  readonly name: string
  readonly place: Place | undefined
}

const ambiguous = (name: string, libraries: readonly Exporter[]): never => {
  throw new SxError(
    'ambiguous-name',
    `${name} is exported by ${libraries.map(one => one.name).join(' and ')}`,
    {
      name,
      related: libraries.flatMap(one =>
        one.place === undefined ? [] : [{ note: `exported by ${one.name}`, place: one.place }],
      ),
      hint: 'rename one of the exports, or define the name in the site',
    },
  )
}

/**
 * `broken`: the definition of this name is in error already; whoever looks it up gets no error of their own. `others`:
 * the site's names for definitions of other publishers.
 */
export const createSiteHome = (
  table: NameTable,
  broken: { has(name: string): boolean },
  others: ReadonlyMap<string, Link>,
): SiteHome => {
  let compared = 0
  return {
    lookup: name => {
      if (broken.has(name)) throw new Cascade(name)
      const unit = table.units.get(name)
      if (unit?.meaning !== undefined) return unit.meaning
      const libraries = table.exports.get(name)
      if (libraries === undefined) {
        const link = others.get(name)
        return link && { kind: 'link', link }
      }
      const [only, ...more] = libraries as [Unit, ...Unit[]]
      if (more.length > 0)
        ambiguous(
          name,
          libraries.map(unit => ({ name: unit.name, place: placeOf(unit.origin.at) })),
        )
      return { kind: 'export', library: only.name, name }
    },
    near: name => {
      compared += table.units.size
      return compared <= NEAR_LIMIT ? nearMisses(name, allNames(table, others)) : []
    },
    reset: () => {
      compared = 0
    },
  }
}

function* allNames(table: NameTable, others: ReadonlyMap<string, Link>): Generator<string> {
  for (const [name, unit] of table.units) if (unit.meaning !== undefined) yield name
  yield* table.exports.keys()
  yield* others.keys()
  yield* tags
  yield* primitives
}

/** A failure that follows from another one that is reported already. */
export class Cascade extends Error {
  constructor(of: string) {
    super(`${of} is in error`)
  }
}

/** What free names mean inside a library: what it imports. `find` gives a library by name, `module` a WebAssembly module. */
export const createLibraryHome = (
  library: LibrarySource,
  find: (name: string) => Unit | undefined,
  module: (name: string) => SiteModule | undefined,
): Home => {
  const imported = new Map<string, { meaning: Meaning; key: string; from: Exporter[] }>()
  for (const one of library.imports) {
    const unit = find(one.library)
    const wasm = module(one.library)
    const exports = unit?.origin.type === 'library' ? unit.origin.at.exports : (wasm?.exports ?? [])
    for (const name of exports) {
      const local = one.pick === undefined ? name : one.pick(name)
      if (local === undefined) continue
      const meaning: Meaning =
        unit === undefined
          ? { kind: 'link', link: new ExportLink(wasm!.cid, name) }
          : { kind: 'export', library: one.library, name }
      const key = `${one.library} ${name}`
      const from = { name: one.library, place: unit && placeOf(unit.origin.at) }
      const known = imported.get(local)
      if (known === undefined) imported.set(local, { meaning, key, from: [from] })
      else if (known.key !== key) known.from.push(from)
    }
  }
  return {
    lookup: name => {
      const found = imported.get(name)
      if (found === undefined) return undefined
      if (found.from.length > 1) ambiguous(name, found.from)
      return found.meaning
    },
    near: name => nearMisses(name, [...imported.keys(), ...library.names, ...primitives]),
  }
}
