// What is inside the three bundles, and that they are the same bytes every time.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bundleClient, filesOf } from '../../scripts/build-client.ts'
import { weigh } from '../../scripts/check-sizes.ts'
import { cidOf, RAW } from '../../src/ipld/cid.ts'
import { AS_MODULE } from '../../src/ipld/runtime-file.ts'
import { joined } from '../../src/publish/parts.ts'

describe('client bundles', async () => {
  const bundles = await bundleClient()

  it('build to the same bytes each time, with nothing of the machine in them', async () => {
    const again = new Map(filesOf(await bundleClient()))
    for (const [name, { code }] of filesOf(bundles)) {
      expect(again.get(name)?.code).toEqual(code)
      expect(new TextDecoder().decode(code)).not.toMatch(/sourceMappingURL|src\/|\.ts\b/)
    }
  })

  it('hold each class once: the platform carries no code of the kernel', () => {
    const shared = bundles.platform.sources.filter(file => bundles.kernel.sources.includes(file))
    expect(shared).toEqual([])
    expect(bundles.platform.sources.filter(file => !file.startsWith('src/client/'))).toEqual([])
  })

  it('hold no file of the kernel in a module either: they import it', () => {
    for (const [name, { code, sources }] of Object.entries(bundles.modules)) {
      expect(
        // Questions of spelling are functions only: those that the kernel doesn't ask, a module has for itself.
        sources.filter(file => bundles.kernel.sources.includes(file) && file !== 'src/lang/shape.ts'),
        name,
      ).toEqual([])
      expect(new TextDecoder().decode(code)).toMatch(/^\((\{[^}]*\})?\)=>\{/)
    }
  })

  it('are named by the platform or by what it names, so that its CID stands for all of them', () => {
    const named = (by: { readonly code: Uint8Array }, code: Uint8Array) =>
      expect(new TextDecoder().decode(by.code)).toContain(
        cidOf(RAW, createHash('sha256').update(code).digest()),
      )
    const {
      navigate,
      offline,
      page,
      state,
      status,
      'take-over': takeOver,
      ways,
      words,
      ...modules
    } = bundles.modules
    named(bundles.platform, page!.code)
    named(bundles.platform, ways!.code)
    named(page!, words!.code)
    named(page!, state!.code)
    named(page!, navigate!.code)
    named(page!, offline!.code)
    named(page!, status!.code)
    named(navigate!, takeOver!.code)
    named(takeOver!, ways!.code)
    for (const { code } of Object.values(modules)) named(words!, code)
  })

  it('take from the kernel what it exports', () => {
    const kernel = new TextDecoder().decode(bundles.kernel.code)
    const exported = new Set(
      /return\{kernel:\{([^}]*)\},"baf/
        .exec(kernel)![1]!
        .split(',')
        .map(item => item.split(':')[0]!),
    )
    for (const [name, { code }] of Object.entries(bundles.modules)) {
      const [, taken = ''] = /^\(\{([^}]*)\}/.exec(new TextDecoder().decode(code)) ?? []
      for (const item of taken.split(',').filter(Boolean))
        expect(exported.has(item.split(':')[0]!), `${name}: ${item}`).toBe(true)
    }
  })

  it('have the platform in the file of the kernel, and run as modules alone and together', async () => {
    const load = async (code: Uint8Array): Promise<unknown> => {
      const module = Buffer.concat([Buffer.from(AS_MODULE), code]).toString('base64')
      return (await import(`data:text/javascript;base64,${module}`)).default
    }
    const cidOfCode = (code: Uint8Array): string => cidOf(RAW, createHash('sha256').update(code).digest())
    type File = Record<string, (kernel: unknown) => Record<string, unknown>>
    const { kernel, ...inside } = (await load(bundles.kernel.code)) as File
    expect(Object.keys(inside)).toEqual([cidOfCode(bundles.platform.code)])
    expect(Object.keys(Object.values(inside)[0]!(kernel))).toEqual(['start'])
    const some = new Map(
      ['loops', 'text', 'lookup'].map(name => {
        const { code } = bundles.modules[name]!
        return [cidOfCode(code), code]
      }),
    )
    const together = (await load(joined(some))) as File
    for (const [cid, code] of some) {
      const alone = (await load(code)) as File[string]
      expect(Object.keys(together[cid]!(kernel))).toEqual(Object.keys(alone(kernel)))
    }
  })

  it('share between loader and kernel only what checks a CID', () => {
    const shared = bundles.loader.sources.filter(file => bundles.kernel.sources.includes(file))
    expect(
      shared.filter(file => !['src/errors.ts', 'src/ipld/cid.ts', 'src/ipld/block.ts'].includes(file)),
    ).toEqual([])
  })

  // The first flight's budget has its own gate, scripts/check-sizes.ts.
  it('are small: the loader within 4 KB, all modules within 43 KB', async () => {
    const sizes = new Map((await weigh()).map(({ what, size }) => [what, size]))
    expect(sizes.get('loader')).toBeLessThanOrEqual(4 * 1024)
    expect(sizes.get('all modules')).toBeLessThanOrEqual(43 * 1024)
  })
})
