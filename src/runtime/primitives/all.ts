// Every primitive that needs nothing from outside. Reader and printer, and chance, are handed in.
import type { Prim } from '../values.ts'
import { dateRows } from './dates.ts'
import { listRawRows, listRows } from './lists.ts'
import { numberRows } from './numbers.ts'
import { predicateRows } from './predicates.ts'
import { signalRawRows, signalRows } from './signals.ts'
import { stringRows } from './strings.ts'
import { table } from './table.ts'

export const createPrimitives = (): Map<string, Prim> =>
  new Map([
    ...table([...numberRows, ...predicateRows, ...stringRows, ...listRows, ...signalRows, ...dateRows]),
    ...table([...listRawRows, ...signalRawRows], true),
  ])
