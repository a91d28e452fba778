// Rare predicates and conversions.
import type { Extension } from '../../runtime/form.ts'
import { rarePredicateRows } from '../../runtime/primitives/rare-predicates.ts'

export const extension: Extension = { primitives: rarePredicateRows }
