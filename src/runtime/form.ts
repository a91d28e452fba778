// The type of a special form: operands as written → code.
import type { List } from '../lang/values.ts'
import type { Code, Scope } from './code.ts'
import type { Compiler } from './compile.ts'

export type Form = (operands: List, scope: Scope, c: Compiler) => Code
