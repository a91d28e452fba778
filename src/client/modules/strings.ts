// Rare words for text.
import type { Extension } from '../../runtime/form.ts'
import { rareStringRows } from '../../runtime/primitives/rare-strings.ts'

export const extension: Extension = { primitives: rareStringRows }
