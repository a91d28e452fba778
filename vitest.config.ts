import { defineConfig } from 'vitest/config'
import { clusterPath } from './test/support/cluster.ts'
import { kuboPath } from './test/support/kubo.ts'
import { hasSeenPairs } from './test/support/seen-pairs.ts'

// A peer that is not there leaves its tests out, and says so; within a file nothing is skipped.
const hasKubo = kuboPath() !== undefined
const hasCluster = hasKubo && clusterPath() !== undefined
if (process.env.VITEST_WORKER_ID === undefined) {
  if (!hasKubo)
    console.warn('no Kubo here: test/**/*.kubo.ts are left out (put `ipfs` on the path, or name it by KUBO)')
  if (!hasCluster)
    console.warn(
      'no IPFS Cluster with Kubo here: test/**/*.cluster.ts are left out (put `ipfs-cluster-service` on the path, or name it by IPFS_CLUSTER_SERVICE)',
    )
  if (!hasSeenPairs)
    console.warn('no pairs of public pages here: what compares with them is left out (name their folder by SX_VECTORS)')
}

export default defineConfig({
  test: {
    include: [
      'test/**/*.test.ts',
      ...(hasKubo ? ['test/**/*.kubo.ts'] : []),
      ...(hasCluster ? ['test/**/*.cluster.ts'] : []),
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
