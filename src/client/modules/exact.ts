// Rationals: arithmetic that stays exact.
import type { Extension } from '../../runtime/form.ts'
import { exactRows } from '../../runtime/primitives/exact.ts'

export const extension: Extension = { primitives: exactRows }
