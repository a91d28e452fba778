// Rounding, powers, text to number.
import type { Extension } from '../../runtime/form.ts'
import { rareNumberRows } from '../../runtime/primitives/rare-numbers.ts'

export const extension: Extension = { primitives: rareNumberRows }
