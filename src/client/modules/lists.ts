// Rare words for lists.
import type { Extension } from '../../runtime/form.ts'
import { rareListRawRows, rareListRows } from '../../runtime/primitives/rare-lists.ts'

export const extension: Extension = { primitives: rareListRows, raw: rareListRawRows }
