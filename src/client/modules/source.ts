// SX text to data and back: the reader and the printer.
import type { Extension } from '../../runtime/form.ts'
import { sourceRows } from '../../runtime/primitives/source.ts'

export const extension: Extension = { primitives: sourceRows }
