// What the graph holds for each thing that gets a CID: a definition, a library or a page, and the component it is in.
import { SxError } from '../errors.ts'
import type { Expanded, MacroDefinition, Meaning } from '../lang/meaning.ts'
import type { Source } from '../lang/reader.ts'
import { isDict, isList, Keyword, type Link, type Ref, Sym, type Value } from '../lang/values.ts'
import type { Definition, DefinitionKind } from './definition.ts'
import type { Draft } from './encode.ts'
import type { GroupedNode, LibraryNode, PageNode } from './kinds.ts'
import type { LibrarySource } from './libraries.ts'
import type { PageSource } from './pages.ts'

/** A strongly connected set of units; references between components lead to a lower `order`. */
export interface Component {
  order: number
  units: readonly Unit[]
  /** it is a group: several units, or one that refers to itself */
  cyclic: boolean
  /** waits to be hashed again */
  queued: boolean
}

export type Origin =
  | { readonly type: 'definition'; readonly at: Definition }
  | { readonly type: 'library'; readonly at: LibrarySource }
  | { readonly type: 'page'; readonly at: PageSource }

/** A library's imports are filled in when it is hashed. */
export type LibraryDraft = Omit<LibraryNode, 'imports'>
/** A node whose references are names still. */
export type UnitDraft = Draft<GroupedNode> | LibraryDraft | PageNode

export interface Expansion extends Pick<Expanded, 'looked' | 'macros' | 'ran' | 'hostIo' | 'warnings'> {
  readonly draft: UnitDraft
  /** each once; of a macro also what its templates mean; of a library its imports; of a page also what `paths` needs */
  readonly refs: readonly Ref[]
  /** `@h:` and `@x:` CIDs that the text brings */
  readonly foreign: readonly string[]
  /** CIDs of WebAssembly modules that a library imports */
  readonly modules: readonly string[]
  /** a page's `:paths`, expanded; not in the node */
  readonly paths: Value | undefined
}

const none: readonly string[] = []

export class Unit {
  readonly name: string
  path: string
  origin: Origin
  meaning: Meaning | undefined
  expansion: Expansion | undefined
  /** each once */
  refs: readonly Unit[] = []
  dependents: Unit[] = []
  component: Component | undefined
  link: Link | undefined
  /** CID of the group that it is a member of */
  group: string | undefined
  /** host words that it reaches, sorted; of a library as a whole */
  io: readonly string[] = none
  /** what each name of a library reaches, when any does */
  exportIo: ReadonlyMap<string, readonly string[]> | undefined
  /** scratch number of a pass over the whole graph */
  vertex = 0
  constructor(name: string, path: string, origin: Origin) {
    this.name = name
    this.path = path
    this.origin = origin
  }

  get source(): Source {
    return this.origin.at.source
  }
  /** node kind */
  get kind(): DefinitionKind | 'library' | 'page' {
    return this.origin.type === 'definition' ? this.origin.at.kind : this.origin.type
  }
  /** Throws when it isn't hashed yet, which is a defect of ours. */
  get cid(): string {
    if (this.link === undefined) throw new SxError('internal', `${this.name} has no CID yet`)
    return this.link.cid
  }
}

export const isMacro = (meaning: Meaning | undefined): meaning is { kind: 'macro'; macro: MacroDefinition } =>
  meaning?.kind === 'macro'

/** Two values as read are the same data. Recursion is bounded by the reader's depth. */
export const sameValue = (a: Value | undefined, b: Value | undefined): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]))
  if (isList(b)) return false
  if (isDict(a))
    return (
      isDict(b) &&
      a.size === b.size &&
      [...a].every(([key, item]) => b.has(key) && sameValue(item, b.get(key)))
    )
  if (isDict(b) || a.constructor !== b.constructor) return false
  if (a instanceof Sym) return a.name === (b as Sym).name && a.mark === (b as Sym).mark
  if (a instanceof Keyword) return a.name === (b as Keyword).name
  const left = Object.values(a)
  const right = Object.values(b)
  return left.every((part, i) => part === right[i])
}

/** The text of two origins means the same, wherever it stands. */
export const sameOrigin = (a: Origin, b: Origin): boolean => {
  if (a.type === 'library' && b.type === 'library')
    return a.at.name === b.at.name && sameValue(a.at.form, b.at.form)
  if (a.type === 'definition' && b.type === 'definition')
    return (
      a.at.name === b.at.name &&
      a.at.kind === b.at.kind &&
      // `(define (f x) …)` and `(define f (fn (x) …))` may as well be told apart: it costs one expansion.
      sameValue(a.at.params, b.at.params) &&
      sameValue(a.at.body, b.at.body) &&
      sameValue([...(a.at.effects ?? ['*'])], [...(b.at.effects ?? ['*'])])
    )
  return a.type === b.type && sameValue(a.at.form, b.at.form)
}

/** CIDs of links that stand in a form. Depth is bounded by whoever made the form. */
export const foreignLinks = (form: Value, found: Set<string>): void => {
  if (typeof form !== 'object' || form === null) return
  if (isList(form)) for (const item of form) foreignLinks(item, found)
  else if (isDict(form)) for (const item of form.values()) foreignLinks(item, found)
  else if ('cid' in form) found.add(form.cid)
}

/** The key of a reference in maps. */
export const refKey = (ref: Ref): string =>
  ref.library === undefined ? ref.name : `${ref.library}\0${ref.name}`
