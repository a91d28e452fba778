// What a runtime can do beyond the core, in groups that can travel one by one. A word is in one group (exact numbers
// replace the core's arithmetic).
import { SxError } from '../errors.ts'
import { control } from './control.ts'
import { dynamicScope } from './dynamic.ts'
import { foreignComponents } from './foreign.ts'
import type { Extension } from './form.ts'
import { headElements } from './head.ts'
import { loops } from './higher.ts'
import { hostWords } from './host-io.ts'
import { library } from './library.ts'
import { lookupWords } from './lookup.ts'
import { matching } from './pattern.ts'
import { dateRows } from './primitives/dates.ts'
import { exact } from './primitives/exact.ts'
import { rareDictRawRows, rareDictRows } from './primitives/rare-dicts.ts'
import { rareListRawRows, rareListRows } from './primitives/rare-lists.ts'
import { randomInt, rareNumberRows } from './primitives/rare-numbers.ts'
import { rarePredicateRows } from './primitives/rare-predicates.ts'
import { rareSignalRows } from './primitives/rare-signals.ts'
import { rareStringRows } from './primitives/rare-strings.ts'
import { sourceRows } from './primitives/source.ts'
import { rareForms } from './rare-forms.ts'
import { templates } from './templates.ts'
import { fail } from './values.ts'
import { wasm } from './wasm.ts'

/** Whoever has a source of chance puts another row in its place. */
const noRandom = randomInt(() => {
  throw new SxError('eval-unsupported', 'random-int has no place in what is built')
})

export const extensions = {
  loops,
  head: headElements,
  control,
  'dynamic-scope': dynamicScope,
  match: matching,
  forms: rareForms,
  templates,
  // A browser's; it stands before those that take every export.
  bytecode: {},
  // Before libraries, since it knows both.
  wasm: wasm(() => fail('WebAssembly is not offered here')),
  library,
  signals: { raw: rareSignalRows },
  text: { primitives: [rareNumberRows, rarePredicateRows, rareStringRows, [noRandom]].flat() },
  lists: { primitives: rareListRows, raw: rareListRawRows },
  dicts: { primitives: rareDictRows, raw: rareDictRawRows },
  dates: { primitives: dateRows },
  source: { primitives: sourceRows },
  'host-io': hostWords(),
  lookup: lookupWords(),
  foreign: foreignComponents(() => undefined),
  exact,
} satisfies Record<string, Extension>
