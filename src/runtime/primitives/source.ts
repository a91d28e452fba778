// SX text and data: what needs the reader and the printer, which no page has that doesn't use these words.
import { SxError } from '../../errors.ts'
import { pretty } from '../../lang/printer.ts'
import { read } from '../../lang/reader.ts'
import type { Value } from '../../lang/values.ts'
import { show, spend } from '../values.ts'
import type { Row } from './table.ts'

export const sourceRows: readonly Row[] = [
  // Every form of a text; its errors say line and column of that text.
  [
    'sx-parse',
    '!s',
    (text: string) => {
      spend(text.length * 4)
      return read(text, 'sx-parse').forms
    },
  ],
  // As `sx eval` prints; what is no data shows as messages show it.
  [
    'pretty-print',
    '!a',
    (v: unknown) => {
      try {
        return pretty(v as Value)
      } catch (error) {
        if (error instanceof SxError) return show(v)
        throw error
      }
    },
  ],
]
