// Rare words for text and numbers, rare predicates and conversions.
import type { Extension } from '../../runtime/form.ts'
import { randomInt, rareNumberRows } from '../../runtime/primitives/rare-numbers.ts'
import { rarePredicateRows } from '../../runtime/primitives/rare-predicates.ts'
import { rareStringRows } from '../../runtime/primitives/rare-strings.ts'

export const extension: Extension = {
  primitives: [
    rareNumberRows,
    rarePredicateRows,
    rareStringRows,
    [randomInt((low, high) => low + Math.floor(Math.random() * (high - low + 1)))],
  ].flat(),
}
