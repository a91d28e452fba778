// Binders and lexical scope while a form is expanded, and the names that binders get in the end (format §2).
import { compareKeys } from './order.ts'
import { type ExportLink, type Link, type List, type MemberRef, Ref, Sym, sym, type Value } from './values.ts'

/**
 * One binding of one name. `mark` is 0 for a name that an author wrote, else the number of the expansion whose
 * template holds it: a symbol means this binder only when name and mark are both the same.
 */
export interface Binder {
  readonly name: string
  readonly mark: number
  /** why the name can't be changed, if it can't */
  readonly fixed?: string
  /** a primitive, tag or library name of the same spelling is meant inside its scope: this one must give way */
  hides: boolean
  /** k of `name#k`, 0 for the plain name */
  k: number
  /** stands at the head of a list somewhere */
  called: boolean
}

/** An occurrence of a local name in an expanded form whose names aren't given yet. */
export class Local {
  readonly binder: Binder
  readonly binding: boolean
  constructor(binder: Binder, binding: boolean) {
    this.binder = binder
    this.binding = binding
  }
}

/** A form under expansion: a value in which local names are still `Local`s. */
export type Draft = Value | Local | readonly Draft[] | ReadonlyMap<string, Draft>

/** The word at the head of a form, without a mark. The caller knows that it is a symbol. */
export const headOf = (form: List): Sym => sym((form[0] as Sym).name)

const keyOf = (name: string, mark: number) => (mark === 0 ? name : `${mark} ${name}`)

export class Scope {
  readonly #outer: Scope | undefined
  readonly #binders = new Map<string, Binder>()
  constructor(outer?: Scope) {
    this.#outer = outer
  }

  /** What this very frame binds. */
  own(name: Sym): Binder | undefined {
    return this.#binders.get(keyOf(name.name, name.mark))
  }

  find(name: Sym): Binder | undefined {
    const key = keyOf(name.name, name.mark)
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#outer) {
      const found = scope.#binders.get(key)
      if (found !== undefined) return found
    }
    return undefined
  }

  add(binder: Binder): void {
    this.#binders.set(keyOf(binder.name, binder.mark), binder)
  }

  /** Every binder in sight, also hidden ones, that would be written with this plain name. */
  *plain(name: string): Generator<Binder> {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#outer) {
      const found = scope.#binders.get(name)
      if (found !== undefined) yield found
    }
  }

  *names(): Generator<string> {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#outer)
      for (const binder of scope.#binders.values()) if (binder.mark === 0) yield binder.name
  }
}

const isSequence = (draft: Draft): draft is readonly Draft[] => Array.isArray(draft)

/** Does a `do` of these operands read as a loop once it is written down? */
export const readsAsLoop = (operands: readonly Draft[]): boolean => {
  const [variables, end] = operands
  if (variables === undefined || end === undefined) return false
  return (
    isSequence(variables) &&
    isSequence(end) &&
    end.length > 0 &&
    variables.every(
      item =>
        isSequence(item) &&
        (item.length === 2 || item.length === 3) &&
        (item[0] instanceof Sym || item[0] instanceof Local),
    )
  )
}

/**
 * Gives k to the binders that need one: those that a template made, and those that hide what a template means.
 * Counted from 1 through the whole definition, in the order in which binding occurrences are printed.
 */
const number = (drafts: readonly Draft[]): void => {
  let k = 0
  const walk = (draft: Draft): void => {
    if (draft instanceof Local) {
      const { binder } = draft
      if (draft.binding && binder.k === 0 && (binder.mark !== 0 || binder.hides)) binder.k = ++k
    } else if (isSequence(draft)) for (const item of draft) walk(item)
    else if (draft instanceof Map) for (const key of sortedKeys(draft)) walk(draft.get(key))
  }
  for (const draft of drafts) walk(draft)
}

const sortedKeys = (dict: ReadonlyMap<string, unknown>) => [...dict.keys()].sort(compareKeys)

export type Reference = Ref | Link | ExportLink | MemberRef

export interface Settled {
  readonly forms: Value[]
  readonly refs: Ref[]
}

/**
 * Names given, `Local`s replaced by symbols: the drafts as values, and their references in printed order.
 * `keepMarks`: the marks of a macro's template symbols stay (for calling it); otherwise every symbol is unmarked.
 */
export const settle = (drafts: readonly Draft[], numbered: boolean, keepMarks = false): Settled => {
  if (numbered) number(drafts)
  const refs = new Map<string, Ref>()
  const walk = (draft: Draft): Value => {
    if (typeof draft !== 'object' || draft === null) return draft
    if (draft instanceof Local) {
      const { name, k } = draft.binder
      return sym(k === 0 ? name : `${name}#${k}`)
    }
    if (draft instanceof Sym) return draft.mark === 0 || keepMarks ? draft : sym(draft.name)
    if (isSequence(draft)) return draft.map(walk)
    if (draft instanceof Map) {
      const dict = new Map<string, Value>()
      for (const key of sortedKeys(draft)) dict.set(key, walk(draft.get(key)))
      return dict
    }
    if (draft instanceof Ref) {
      const key = `${draft.library ?? ''}\0${draft.name}`
      const known = refs.get(key)
      if (known !== undefined) return known
      refs.set(key, draft)
    }
    // Every other kind of object is a value already.
    return draft as Value
  }
  return { forms: drafts.map(walk), refs: [...refs.values()] }
}
