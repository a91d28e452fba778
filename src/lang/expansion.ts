// What the readers of single forms (walk.ts, body.ts, template.ts) may ask of the expander. Types only.
import type { ErrorCode, ErrorDetail, SxError } from '../errors.ts'
import type { Warning } from './meaning.ts'
import type { Draft, Local, Scope } from './scope.ts'
import type { List, Sym, Value } from './values.ts'

/** One macro call under way: what is expanded now came out of it. */
export interface Active {
  readonly name: string
  readonly call: List
  readonly result: Value
  readonly outer: Active | undefined
}

/** A form, where it stands, and which macro call it came out of. */
export interface Placed {
  readonly form: Value
  readonly parent: Value
  readonly index: number
  readonly active: Active | undefined
}

export interface Expander {
  /** the text is a macro's code: its templates and quoted symbols belong to the expansions to come */
  readonly macroCode: boolean
  /** The form as it is stored, with `Local`s. `parent` and `index` say where it stands, for errors. */
  expression(form: Value, scope: Scope, parent?: Value, index?: number): Draft
  /** operands from index `from` on, all evaluated */
  expressions(form: List, from: number, scope: Scope): Draft[]
  /** parameters and body as they stand in a `fn`; `paramsFrom` leaves out a function's name */
  lambda(form: List, paramsAt: number, paramsFrom: number, bodyFrom: number, scope: Scope): Draft[]
  /** binds the symbol in this frame; a second binding of it there is an error */
  bind(name: Value | undefined, scope: Scope, parent: Value, index: number): Local
  /** false for a name like `x#1` in a text that an author wrote */
  readable(name: Sym): boolean
  /** macro calls at the head of the form expanded until it is none; `used` hears of each macro's name */
  unfold(placed: Placed, scope: Scope, used?: (name: Sym) => void): Placed
  within<T>(active: Active | undefined, work: () => T): T
  active(): Active | undefined
  /** remembers a list as enclosing what is expanded in `work`, for places, and counts depth */
  inside<T>(form: Value, work: () => T): T
  fail(code: ErrorCode, message: string, parent: Value, index?: number, detail?: ErrorDetail): SxError
  /** 'syntax-form' at the list, with the usage of the form that it is (a part of) */
  malformed(list: List, what: string, index?: number, form?: List): SxError
  warn(code: Warning['code'], message: string, parent: Value, index: number, hint: string): void
  /** the word that this symbol means when it is free: a primitive, a tag, host IO; undefined for anything else */
  freeWord(name: Sym, scope: Scope): 'primitive' | 'tag' | 'io' | undefined
}

/** How a form's operands are read: the form as it is stored, with `Local`s. */
export type Walk = (x: Expander, form: List, scope: Scope) => Draft
