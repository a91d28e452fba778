// JSON as SX data.
import { isPlain } from './values.ts'

/** For JSON.parse: objects become dicts. */
export const reviveDict = (_key: string, v: unknown): unknown => (isPlain(v) ? new Map(Object.entries(v)) : v)
