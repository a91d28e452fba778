// The type of a special form, and of a set of words that a runtime is given.
import type { List } from '../lang/values.ts'
import type { Refer } from './cell.ts'
import type { Code, Scope } from './code.ts'
import type { Compiler } from './compile.ts'
import type { Limits, Machine, OnRaise } from './machine.ts'
import type { Row } from './primitives/table.ts'
import type { Component } from './values.ts'

/** Operands as written → code; `asMarkup`: code that writes what the form renders to. */
export type Form = (operands: List, scope: Scope, c: Compiler, asMarkup: boolean) => Code

export type FormRow = readonly [name: string, form: Form]

/** Words beyond the core's: a runtime takes any number of these; a later one's word replaces an earlier one's. */
export interface Extension {
  /** values: where markup is wanted, the value renders */
  readonly forms?: readonly FormRow[]
  /** forms for values and for markup by the same code */
  readonly both?: readonly FormRow[]
  /** where markup is wanted only: tags, and words that mean something else there */
  readonly markup?: readonly FormRow[]
  readonly primitives?: readonly Row[]
  /** primitives that take the machine */
  readonly raw?: readonly Row[]
  /** what surrounds an island may mean something inside it */
  readonly surrounds?: boolean
  /** where an error goes before it leaves the machine; `next` is what would have got it otherwise */
  readonly onRaise?: (m: Parameters<OnRaise>[0], error: unknown, next: OnRaise) => unknown
  /** what else than a link or a member may stand for a definition; undefined: not this */
  readonly refer?: Refer
  /** may put another component in the place of one; `make`: a machine of this core with limits of its own */
  readonly contain?: (f: Component, make: (limits: Limits) => Machine) => Component
}
