import { defineConfig } from 'vitest/config'
import { kuboPath } from './test/support/kubo.ts'
import { hasSeenPairs } from './test/support/seen-pairs.ts'

// A peer that is not there leaves its tests out, and says so; within a file nothing is skipped.
const hasKubo = kuboPath() !== undefined
if (process.env.VITEST_WORKER_ID === undefined) {
  if (!hasKubo)
    console.warn('no Kubo here: test/**/*.kubo.ts are left out (put `ipfs` on the path, or name it by KUBO)')
  if (!hasSeenPairs)
    console.warn('no pairs of public pages here: what compares with them is left out (name their folder by SX_VECTORS)')
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', ...(hasKubo ? ['test/**/*.kubo.ts'] : [])],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
