// Signals: what an island's state is made of.
import { apply } from '../call.ts'
import { inTopLevel } from '../cell.ts'
import type { Machine, Resume } from '../machine.ts'
import { Computed, Signal } from '../signal.ts'
import { brief, fail } from '../values.ts'
import type { Row } from './table.ts'

const signalOf = (v: unknown, who: string): Signal =>
  v instanceof Signal && !(v instanceof Computed) ? v : fail(`${who} takes a signal, not ${brief(v)}`)

export const refuseTopLevel = (m: Machine): void => {
  if (inTopLevel(m)) fail('a top-level value makes a signal')
}

const make = (m: Machine, v: unknown): Signal => {
  refuseTopLevel(m)
  const signal = new Signal(v)
  m.made?.push(signal)
  return signal
}

const set: Resume = (v, k) => (k.x as Signal).set(v)

export const signalRows: readonly Row[] = [
  ['deref', 'a', (v: unknown) => (v instanceof Signal ? v.get() : v)],
]

export const signalRawRows: readonly Row[] = [
  ['signal', 'a', (m: Machine, [v]: [unknown]) => make(m, v)],
  ['reset!', 'aa', (_m: Machine, [s, v]: [unknown, unknown]) => signalOf(s, 'reset!').set(v)],
  [
    'swap!',
    'aaa*',
    (m: Machine, [s, f, ...args]: [unknown, unknown, ...unknown[]]) => {
      const box = signalOf(s, 'swap!')
      m.push(set, [null], box)
      return apply(m, f, [box.v, ...args])
    },
  ],
]
