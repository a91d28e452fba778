// In the browser: the storage tier by itself, and a way to spoil what it keeps.
import { createIndexedDbTier } from '../../../src/client/tiers/indexeddb.ts'

Object.assign(globalThis, { createIndexedDbTier })
