// Signals that depend on others, effects, shared signals.
import type { Extension } from '../../runtime/form.ts'
import { rareSignalRows } from '../../runtime/primitives/rare-signals.ts'

export const extension: Extension = { raw: rareSignalRows }
