// What expansion is told and what it answers, as types only: homes, meanings, ports, results.
import type { ErrorDetail, MacroEvidence, Place } from '../errors.ts'
import type { Binder } from './scope.ts'
import type { ExportLink, Link, List, MemberRef, Ref, Sym, Value } from './values.ts'

/** A macro as written. Its definition environment is its home: macros stand at the top level only. */
export interface MacroDefinition {
  readonly name: string
  readonly params: List
  /** unexpanded, as written (or, for a foreign macro, as stored: see `stored`) */
  readonly body: List
  readonly home: Home
  /** it came out of a block: names like `x#1` are its own locals, not an error */
  readonly stored?: boolean
}

/** What a free name can mean. `link`: only in the home of a foreign macro, whose references have CIDs already. */
export type Meaning =
  | { readonly kind: 'macro'; readonly macro: MacroDefinition }
  | { readonly kind: 'definition'; readonly name: string }
  | { readonly kind: 'export'; readonly library: string; readonly name: string }
  | { readonly kind: 'link'; readonly link: Link | ExportLink | MemberRef }

/**
 * What free names mean where a text was written: one object per site, one per library, one per foreign macro. It
 * knows definitions and exports only; words of the language come after it (words.ts).
 */
export interface Home {
  /** Throws SxError 'ambiguous-name' when two libraries export the name. */
  lookup(name: string): Meaning | undefined
  /** names much like this one, best first */
  near(name: string): readonly string[]
}

export interface ExpandPorts {
  /**
   * Runs a macro's body with the parameters bound to the unevaluated `args`; the result is a form. `body` is expanded
   * code, one constant object per prepared macro (compiled code may be kept by its identity); its template symbols
   * and quoted symbols carry negative marks, and `Sym`s must come back as they are. Pure, with a step limit.
   */
  callMacro(macro: { readonly name: string; readonly params: List; readonly body: List }, args: List): Value
  placeOf(form: Value, index?: number): Place | undefined
  readonly observe?: Observer | undefined
}

/** Hears what expansions meet, those that fail too: for tools. Nothing in an expansion depends on it. */
export interface Observer {
  /**
   * A call before its operands are expanded. `head`: a definition or export, or a word of the language (`own`: a name of
   * the library that is being expanded). `place`, and `macro`, which says whose expansion it stands in, can be asked
   * during the call only.
   */
  call(
    head: Ref | Sym,
    form: List,
    own: boolean,
    place: () => Place | undefined,
    macro: () => MacroEvidence,
  ): void
  /** An author's name was bound; it stands at `index` of `parent`. */
  bound(binder: Binder, parent: Value, index: number): void
  /** what was bound is a parameter of a function or component */
  parameter(binder: Binder): void
  used(binder: Binder): void
}

export interface Warning {
  readonly code: 'tag-parameter' | 'literal-name' | 'parallel-let'
  readonly message: string
  /** `tag-parameter`: `called` says whether the name stands at the head of a list in its scope, where it matters */
  readonly detail: ErrorDetail
}

export interface ExpandLimits {
  /** nested forms */
  readonly depth: number
  /** macro calls in one definition */
  readonly expansions: number
  /** macro calls that each stand in the template of the one before */
  readonly chain: number
  /** forms walked in macros' results, together */
  readonly forms: number
}

export interface Expanded {
  readonly params: List
  readonly body: List
  /** definitions and exports referred to, each once, in the order of first occurrence in the printed form */
  readonly refs: readonly Ref[]
  /** every free name whose meaning was asked of the home, by this text and by the code of the macros it used */
  readonly looked: ReadonlySet<string>
  /** macros expanded, those in the code of macros included */
  readonly macros: ReadonlySet<string>
  /** what the code of those macros refers to: a change of one of these may change the expansion */
  readonly ran: readonly Ref[]
  readonly hostIo: ReadonlySet<string>
  readonly warnings: readonly Warning[]
}

export interface ExpandedMacro extends Expanded {
  /** names in templates that mean something where the macro was defined; a macro's name leads to a Ref too */
  readonly templateRefs: ReadonlyMap<string, Ref | Link | ExportLink | MemberRef>
}

export interface ExpandWhat {
  readonly params?: List
  /** names bound from outside that can't be renamed: the parameters of a page's path */
  readonly bound?: readonly string[]
  readonly body: List
  /** node kind (ipld/kinds.ts). Bodies of `value` and `page` are expressions, of `library` defines, of others a body. */
  readonly kind: string
  /** a library's own names: they stay symbols */
  readonly names?: ReadonlySet<string>
  /** the text is a stored form: names like `x#1` are read as they are */
  readonly stored?: boolean
}
