// Rare words for dicts.
import type { Extension } from '../../runtime/form.ts'
import { rareDictRawRows, rareDictRows } from '../../runtime/primitives/rare-dicts.ts'

export const extension: Extension = { primitives: rareDictRows, raw: rareDictRawRows }
