// Texts of public pages of SX and what they are there: `sx/pairs.json` in the folder that SX_VECTORS names, outside of this
// project. Without it the tests that compare with them are left out, as those of any peer that is not there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env.SX_VECTORS || undefined

export const hasSeenPairs = folder !== undefined

/** Throws when the folder is named and the file is not in it. */
export const seenPairs = <T>(part: 'parse' | 'eval' | 'canonical'): readonly T[] =>
  folder === undefined ? [] : JSON.parse(readFileSync(join(folder, 'sx/pairs.json'), 'utf8'))[part]
