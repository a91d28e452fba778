// Strings. Positions and lengths count UTF-16 units.
import { Signal } from '../signal.ts'
import { Raw, show } from '../values.ts'
import { textOf } from '../write.ts'
import type { Row } from './table.ts'

/** As `str` joins it: nil is empty, text is itself, data is SX text. */
export const stringOf = (v: unknown): string =>
  v instanceof Signal
    ? stringOf(v.get())
    : v instanceof Raw
      ? v.html
      : typeof v === 'boolean'
        ? String(v)
        : (textOf(v) ?? show(v))

export const stringRows: readonly Row[] = [['str', '!a*', (...vs: unknown[]) => vs.map(stringOf).join('')]]
