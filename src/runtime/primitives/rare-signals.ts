// Signals that depend on others, effects, and signals that a page shares. Nothing here reacts.
import { apply } from '../call.ts'
import { inTopLevel } from '../cell.ts'
import type { Machine, Resume } from '../machine.ts'
import { make } from './signals.ts'
import type { Row } from './table.ts'

const stores = new WeakMap<Machine, Map<string, unknown>>()

/** What use-store shares within one page. */
const storesOf = (m: Machine): Map<string, unknown> => {
  const found = stores.get(m) ?? new Map()
  stores.set(m, found)
  return found
}

const store: Resume = (v, k, m) => {
  storesOf(m).set(k.x as string, v)
  return v
}
const boxed: Resume = (v, _k, m) => make(m, v)
const ignore: Resume = v => v

export const rareSignalRows: readonly Row[] = [
  // Its value when it is made.
  [
    'computed',
    'a',
    (m: Machine, [f]: [unknown]) => {
      m.push(boxed, [null])
      return apply(m, f, [])
    },
  ],
  ['effect', 'a', () => null],
  [
    'batch',
    'a',
    (m: Machine, [f]: [unknown]) => {
      m.push(ignore, [null])
      return apply(m, f, [])
    },
  ],
  ['dispose', 'a', () => null],
  [
    'use-store',
    'sa',
    (m: Machine, [name, init]: [string, unknown]) => {
      if (storesOf(m).has(name)) return storesOf(m).get(name)
      if (inTopLevel(m)) make(m, null)
      m.push(store, [null], name)
      return apply(m, init, [])
    },
  ],
]
