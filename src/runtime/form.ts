// The type of a special form, and of a set of words that a runtime is given.
import type { List } from '../lang/values.ts'
import type { Code, Scope } from './code.ts'
import type { Compiler } from './compile.ts'
import type { OnRaise } from './machine.ts'
import type { Row } from './primitives/table.ts'

/** Operands as written → code. */
export type Form = (operands: List, scope: Scope, c: Compiler) => Code

export type FormRow = readonly [name: string, form: Form]

/** Words beyond the core's: a runtime takes any number of these; a later one's word replaces an earlier one's. */
export interface Extension {
  readonly forms?: readonly FormRow[]
  /** the same words where markup is wanted, if they differ there */
  readonly markup?: readonly FormRow[]
  readonly primitives?: readonly Row[]
  /** primitives that take the machine */
  readonly raw?: readonly Row[]
  /** where an error goes before it leaves the machine */
  readonly onRaise?: OnRaise
}
