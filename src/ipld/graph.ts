// The graph of a site's definitions: sources in, blocks and names out; an edit costs what it changes and its ancestors.
//
//   files → units → what is stale → expanded → references → components → blocks
//           matched by names,       each once,  edges       kept, or     lowest first,
//           by name macros, text    all errors              one pass     until a CID stays
//
// State is changed in place and journalled: an update with an error is taken back as a whole.
import { SxError } from '../errors.ts'
import type { ExpandPorts, Observer } from '../lang/meaning.ts'
import { compareCodePoints } from '../lang/order.ts'
import { type Link, Ref, type Sym, type Value } from '../lang/values.ts'
import type { Block, Sha256 } from '../ports.ts'
import { type Annotation, annotate } from './annotations.ts'
import { Queue } from './components.ts'
import type { Declaration } from './definitions.ts'
import { createExpander } from './expansion.ts'
import {
  type Changes,
  checkRoutes,
  type Matched,
  matchFiles,
  type SourceUnit,
  type Tables,
} from './graph-files.ts'
import { type Entry, type GraphUpdate, nothing, reportOf } from './graph-report.ts'
import { hashQueue } from './hashing.ts'
import { createHolders } from './holders.ts'
import { createJournal, type Journal } from './journal.ts'
import type { GroupedNode, MacroNode, ValueNode } from './kinds.ts'
import { changedExports, checkImports, exportTable, type SiteModule } from './library-table.ts'
import { checkEffects, effectNames, updatePurity } from './purity.ts'
import { Cascade, createLibraryHome, createSiteHome, type NameTable } from './site-home.ts'
import { runnersOf, spreadStale } from './stale.ts'
import { createStructure } from './structure.ts'
import type { LibraryDraft, Unit, UnitDraft } from './unit.ts'

export interface GraphOptions {
  readonly sha256: Sha256
  readonly callMacro: ExpandPorts['callMacro']
  /** SHA3-256 hex of canonical text, for annotations */
  readonly contentId: (form: Value) => string
  /** host words that a definition of another publisher reaches, sorted; without it they count as pure */
  readonly foreignIo?: (cid: string) => readonly string[]
  /** names that the site has for definitions of other publishers */
  readonly others?: ReadonlyMap<string, Link>
  /** for tools: hears what expansions meet */
  readonly observe?: Observer
}

/** What code can call or read. */
export type Callable = Exclude<GroupedNode, MacroNode>

export type { Entry, GraphUpdate, SiteModule, SourceUnit }

export interface Graph {
  update(changes: Changes): GraphUpdate
  /** a definition or library */
  find(name: string): Entry | undefined
  /** definitions and libraries, in no order */
  entries(): Iterable<Entry>
  pages(): Iterable<Entry>
  declarations(): Iterable<Declaration>
  /**
   * The node that a reference means, its own references by name, expanded on demand: what macros call while they
   * expand. Of a library any of its own names can be had, as a value; a macro is none. The same object while it means
   * the same.
   * Throws when that definition is in error (the update then reports it).
   */
  node(ref: Ref): Callable | undefined
  /**
   * What a free name of the site means, words of the language apart: a definition (no macro), or what one library exports.
   * Two libraries that export it are no meaning here.
   */
  meaning(name: string): Ref | undefined
  /** exported name → the library, where it is one */
  exports(): Iterable<readonly [name: string, library: Entry]>
  /** The link of a definition or library, or undefined. */
  linkOf(ref: Ref): Link | undefined
  /** What has this CID (several names, or a cycle's members for a group's), by code point of their names. */
  holders(cid: string): readonly Entry[]
  /** of a definition or library */
  annotation(cid: string): Annotation | undefined
}

const byPlace = (a: SxError, b: SxError): number => {
  const [x, y] = [a.detail.place, b.detail.place]
  if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined)
  return compareCodePoints(x.file, y.file) || x.line - y.line || x.column - y.column
}
/** name → the value that a library defines under it */
const libraryValues = new WeakMap<UnitDraft, ReadonlyMap<string, ValueNode>>()
const definesOf = (library: LibraryDraft): ReadonlyMap<string, ValueNode> => {
  let values = libraryValues.get(library)
  if (values === undefined) {
    values = new Map(
      library.forms.map(form => {
        const [, name, body] = form as [Sym, Sym, Value]
        return [name.name, { kind: 'value', body }]
      }),
    )
    libraryValues.set(library, values)
  }
  return values
}
const byName = (a: Unit, b: Unit): number => compareCodePoints(a.name, b.name)

export const createGraph = ({
  sha256,
  callMacro,
  contentId,
  observe,
  foreignIo = () => [],
  others = new Map(),
}: GraphOptions): Graph => {
  const tables: Tables = { files: new Map(), units: new Map(), pages: new Map() }
  const table: NameTable = { units: tables.units, exports: new Map() }
  const holders = createHolders()
  let libraries: ReadonlySet<Unit> = new Set()
  const modules = new Map<string, SiteModule>()
  let runners: ReadonlyMap<string, readonly Unit[]> | undefined
  let broken: ReadonlySet<string> = new Set()
  let foreign = others.size > 0
  /** names of `defeffect` */
  let effects: ReadonlySet<string> | undefined

  const libraryNamed = (name: string): Unit | undefined => {
    const unit = tables.units.get(name)
    return unit?.origin.type === 'library' ? unit : undefined
  }
  /** A library of that name goes before. */
  const moduleNamed = (name: string): SiteModule | undefined =>
    libraryNamed(name) === undefined ? modules.get(name) : undefined
  const unitNamed = (name: string): Unit => {
    const unit = tables.units.get(name)
    if (unit === undefined) throw new SxError('internal', `nothing is named ${name}`)
    return unit
  }
  const siteHome = createSiteHome(table, { has: name => broken.has(name) }, others)
  const expander = createExpander({
    callMacro,
    siteHome,
    libraryHome: library => createLibraryHome(library, libraryNamed, moduleNamed),
    moduleCid: name => moduleNamed(name)?.cid,
    seekForeign: () => foreign,
    observe,
  })
  function* all(): Generator<Unit> {
    yield* tables.units.values()
    yield* tables.pages.values()
  }

  const structure = createStructure(all, unitNamed)

  const updateLibraries = (matched: Matched, journal: Journal, errors: SxError[]): void => {
    const before = { exports: table.exports, libraries }
    journal.onUndo(() => {
      table.exports = before.exports
      libraries = before.libraries
    })
    const now = new Set(libraries)
    for (const unit of [...libraries, ...matched.moved])
      if (matched.gone.has(unit) || unit.origin.type !== 'library') now.delete(unit)
      else now.add(unit)
    libraries = now
    table.exports = exportTable(libraries)
    for (const name of changedExports(before.exports, table.exports)) matched.names.add(name)
    // They are few: each is expanded again when one of them changed.
    for (const unit of libraries) matched.edited.add(unit)
    for (const { units, error } of checkImports(libraries, modules)) {
      errors.push(error)
      for (const unit of units) matched.edited.delete(unit)
    }
  }

  const declares = ({ set = [], remove = [] }: Changes): boolean =>
    [...remove, ...set.map(one => one.path)].some(path => tables.files.get(path)?.declarations.length)

  /** What was declared against what is reached: of all, when the names of effects are others now. */
  const checkPurity = (
    asked: Iterable<Unit>,
    declared: boolean,
    journal: Journal,
    errors: SxError[],
  ): void => {
    const before = effects
    let units = asked
    if (declared) {
      effects = effectNames([...tables.files.values()].flatMap(file => file.declarations))
      journal.onUndo(() => {
        effects = before
      })
      if ([...(before ?? [])].join(' ') !== [...(effects ?? [])].join(' ')) units = all()
    }
    for (const unit of units) {
      const error = checkEffects(unit, effects)
      if (error !== undefined) errors.push(error)
    }
  }

  const update = (changes: Changes): GraphUpdate => {
    holders.begin()
    const journal = createJournal(holders.release)
    const errors = expander.begin()
    siteHome.reset()

    const takeBack = (): GraphUpdate => {
      const found = errors.map(explained).sort(byPlace)
      journal.undo()
      for (const unit of journal.touched()) if (journal.before(unit) !== undefined) holders.hold(unit)
      runners = undefined
      return { ...nothing, errors: found }
    }
    /** A page's name is known, and yet nothing that can be referred to. */
    const explained = (error: SxError): SxError =>
      error.code === 'unknown-name' &&
      typeof error.detail.name === 'string' &&
      tables.pages.has(error.detail.name)
        ? new SxError(error.code, `${error.detail.name} is a page: nothing can refer to a page`, {
            ...error.detail,
            hint: 'link to its path, or move what you need into a component',
          })
        : error

    try {
      const declared = declares(changes)
      const matched = matchFiles(changes, tables, siteHome, journal, errors)
      const { edited: stale, moved, gone } = matched
      foreign ||= matched.foreign
      broken = matched.broken
      for (const [name, module] of changes.modules ?? []) journal.set(modules, name, module)
      if (matched.libraries || changes.modules?.size) updateLibraries(matched, journal, errors)
      checkRoutes(tables.pages, moved, errors)

      spreadStale(stale, matched.names, all, () => (runners ??= runnersOf(all())))
      for (const unit of stale) {
        journal.keep(unit)
        if (unit.expansion?.ran.length) runners = undefined
        unit.expansion = undefined
      }
      // Macros first: whoever uses one that is in error is not to blame.
      const macros = [...stale].filter(unit => unit.kind === 'macro')
      for (const unit of new Set([...macros, ...stale])) {
        try {
          if (expander.expand(unit).ran.length > 0) runners = undefined
        } catch (error) {
          if (!(error instanceof Cascade)) throw error
          if (unit.kind === 'macro') matched.broken.add(unit.name)
        }
      }
      if (errors.length > 0) return takeBack()

      const queue = new Queue()
      structure.update(stale, gone, journal, queue)
      for (const unit of stale) if (unit.component !== undefined) queue.push(unit.component)

      const blocks = new Map<string, Block>()
      const hashed = new Set<Unit>()
      hashQueue(queue, {
        sha256,
        find: unitNamed,
        visit: unit => {
          hashed.add(unit)
          const { component } = unit
          if (component?.units[0] === unit) updatePurity(component, unitNamed, journal, foreignIo)
        },
        emit: block => blocks.set(block.cid, block),
        fail: error => errors.push(error),
        assign: (unit, link, group) => {
          journal.keep(unit)
          unit.link = link
          unit.group = group
        },
      })
      if (errors.length === 0) checkPurity(hashed, declared || declares(changes), journal, errors)
      if (errors.length > 0) return takeBack()
      for (const unit of journal.touched()) if (!gone.has(unit)) holders.hold(unit)
      return reportOf({ journal, holders, blocks, stale, hashed, moved, gone })
    } catch (error) {
      takeBack()
      throw error
    } finally {
      broken = new Set()
    }
  }

  return {
    update,
    find: name => tables.units.get(name),
    entries: () => tables.units.values(),
    pages: () => tables.pages.values(),
    *declarations() {
      for (const file of tables.files.values()) yield* file.declarations
    },
    node: ref => {
      const unit = tables.units.get(ref.library ?? ref.name)
      const draft = unit === undefined ? undefined : expander.expand(unit).draft
      if (draft === undefined || draft.kind === 'page' || draft.kind === 'macro') return undefined
      return draft.kind === 'library' ? definesOf(draft).get(ref.name) : draft
    },
    meaning: name => {
      const meaning = tables.units.get(name)?.meaning
      if (meaning !== undefined) return meaning.kind === 'definition' ? new Ref(name) : undefined
      const libraries = table.exports.get(name) ?? []
      return libraries.length === 1 ? new Ref(name, libraries[0]!.name) : undefined
    },
    *exports() {
      for (const [name, libraries] of table.exports) if (libraries.length === 1) yield [name, libraries[0]!]
    },
    linkOf: ref => tables.units.get(ref.library ?? ref.name)?.link,
    holders: cid => [...holders.get(cid)].sort(byName),
    annotation: cid => {
      const list = holders.get(cid).filter(unit => unit.cid === cid && unit.origin.type !== 'page')
      return list.length > 0 ? annotate(list.sort(byName), contentId) : undefined
    },
  }
}
