// Signals that depend on others, effects, and signals that a page shares.
import { apply } from '../call.ts'
import { Effect } from '../effect.ts'
import { caller } from '../later.ts'
import type { Machine, Resume } from '../machine.ts'
import { Computed, now, type Owner } from '../signal.ts'
import { refuseTopLevel } from './signals.ts'
import type { Row } from './table.ts'

/** What use-store shares within one page. */
const storesOf = ({ shared }: Machine): Map<string, unknown> => (shared.stores ??= new Map())

/** A store is nobody's in particular: it stays when the island that made it goes. */
const store: Resume = (v, k, m) => {
  const [name, owner] = k.x as [string, Owner | undefined]
  now.owner = owner
  storesOf(m).set(name, v)
  return v
}

export const rareSignalRows: readonly Row[] = [
  [
    'computed',
    'a',
    (m: Machine, [f]: [unknown]) => {
      refuseTopLevel(m)
      const call = caller(m)
      return new Computed(() => call(f))
    },
  ],
  ['effect', 'a', (m: Machine, [f]: [unknown]) => (m.shared.live && now.owner ? new Effect(m, f) : null)],
  // What is written in one evaluation is told at its end anyway.
  ['batch', 'a', (m: Machine, [f]: [unknown]) => apply(m, f, [])],
  [
    'dispose',
    'a',
    (_m: Machine, [v]: [unknown]) => {
      if (v instanceof Effect) v.end()
      return null
    },
  ],
  [
    'use-store',
    'sa',
    (m: Machine, [name, init]: [string, unknown]) => {
      if (storesOf(m).has(name)) return storesOf(m).get(name)
      refuseTopLevel(m)
      m.push(store, [null], [name, now.owner])
      now.owner = undefined
      return apply(m, init, [])
    },
  ],
]
