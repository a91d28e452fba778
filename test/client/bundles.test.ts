// What is inside the three bundles, and that they are the same bytes every time.
import { describe, expect, it } from 'vitest'
import { bundleClient, clientModules } from '../../scripts/build-client.ts'
import { weigh } from '../../scripts/check-sizes.ts'

describe('client bundles', async () => {
  const bundles = await bundleClient()

  it('build to the same bytes each time, with nothing of the machine in them', async () => {
    const again = await bundleClient()
    for (const name of clientModules) {
      expect(again[name].code).toEqual(bundles[name].code)
      expect(new TextDecoder().decode(bundles[name].code)).not.toMatch(/sourceMappingURL|src\/|\.ts\b/)
    }
  })

  it('hold each class once: the platform carries no code of the kernel', () => {
    const shared = bundles.platform.sources.filter(file => bundles.kernel.sources.includes(file))
    expect(shared).toEqual([])
    expect(bundles.platform.sources.filter(file => !file.startsWith('src/client/'))).toEqual([])
  })

  it('share between loader and kernel only what checks a CID', () => {
    const shared = bundles.loader.sources.filter(file => bundles.kernel.sources.includes(file))
    expect(
      shared.filter(file => !['src/errors.ts', 'src/ipld/cid.ts', 'src/ipld/block.ts'].includes(file)),
    ).toEqual([])
  })

  it('keep their budgets', async () => {
    for (const { what, size, limit } of await weigh())
      expect(size, `${what}: ${size} of ${limit}`).toBeLessThanOrEqual(limit)
  })
})
