import { defineConfig } from 'vitest/config'
import { kuboPath } from './test/support/kubo.ts'

// A peer that is not there leaves its tests out, and says so; within a file nothing is skipped.
const hasKubo = kuboPath() !== undefined
if (!hasKubo && process.env.VITEST_WORKER_ID === undefined)
  console.warn('no Kubo here: test/**/*.kubo.ts are left out (put `ipfs` on the path, or name it by KUBO)')

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', ...(hasKubo ? ['test/**/*.kubo.ts'] : [])],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
