// Signals as plain boxes: what an island shows before it is live. Nothing here reacts.
import { apply } from '../call.ts'
import { inTopLevel } from '../cell.ts'
import type { Machine, Resume } from '../machine.ts'
import { brief, fail, Signal } from '../values.ts'
import type { Row } from './table.ts'

const signalOf = (v: unknown, who: string): Signal =>
  v instanceof Signal ? v : fail(`${who} takes a signal, not ${brief(v)}`)

export const make = (m: Machine, v: unknown): Signal => {
  if (inTopLevel(m)) fail('a top-level value makes a signal')
  return new Signal(v)
}

const set: Resume = (v, k) => ((k.x as Signal).v = v)

export const signalRows: readonly Row[] = [['deref', 'a', (v: unknown) => (v instanceof Signal ? v.v : v)]]

export const signalRawRows: readonly Row[] = [
  ['signal', 'a', (m: Machine, [v]: [unknown]) => make(m, v)],
  ['reset!', 'aa', (_m: Machine, [s, v]: [unknown, unknown]) => (signalOf(s, 'reset!').v = v)],
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
