// Dates.
import type { Extension } from '../../runtime/form.ts'
import { dateRows } from '../../runtime/primitives/dates.ts'

export const extension: Extension = { primitives: dateRows }
