// sx check, eval, repl and test: a site in memory, nothing stored.
import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { App } from '../app-port.ts'
import type { Site } from '../config.ts'
import { SxError } from '../errors.ts'
import type { MemoryPorts, SiteFolders } from '../publish/memory-site.ts'
import { sha256 } from './sha256.ts'
import { seenFrom, type Workshop } from './workshop.ts'

const foldersOf = ({ folder, config }: Site): SiteFolders => ({ folder, ...config })

/** What the tools evaluate with: a clock for the limits, and dice. */
const memory: MemoryPorts = {
  sha256,
  now: () => performance.now(),
  random: (low, high) => randomInt(low, high + 1),
}

export const createTools = ({
  options,
  environment,
  siteAt,
}: Workshop): Pick<App, 'check' | 'session' | 'test'> => ({
  check: async (dir, o) => {
    const { check } = await import('../publish/check.ts')
    const { withFiles } = await import('../publish/finding.ts')
    const started = performance.now()
    const site = siteAt(dir)
    const checked = check(foldersOf(site), memory, { ...o, strict: o?.strict || site.config.strict })
    const seen = seenFrom(options.cwd, site)
    return {
      ...checked,
      errors: checked.errors.map(one => withFiles(one, seen)),
      warnings: checked.warnings.map(one => withFiles(one, seen)),
      ms: performance.now() - started,
    }
  },

  session: async (dir, { onErrors, strict = false } = {}) => {
    const { createSession } = await import('../publish/session.ts')
    const { readSources } = await import('../publish/memory-site.ts')
    const { defaultStorePath } = await import('../store/location.ts')
    const isSite = dir !== undefined || existsSync(join(options.cwd, 'sx.config.json'))
    const site = isSite ? siteAt(dir ?? '.') : undefined
    const store = defaultStorePath(environment.variables, environment.platform)
    const open = (of: Site | undefined) => ({
      ...createSession(of === undefined ? { set: [], wasm: new Map() } : readSources(foldersOf(of)), memory, {
        strict: strict || of?.config.strict === true,
        ...(of && { others: of.config.others }),
      }),
      site: of?.folder,
      historyFile: join(dirname(store), 'history'),
    })
    try {
      return open(site)
    } catch (error) {
      if (onErrors === undefined || !(error instanceof SxError) || error.code !== 'build-failed') throw error
      onErrors(error)
      return open(undefined)
    }
  },

  test: async (dir, o) => {
    const { runTests } = await import('../publish/run-tests.ts')
    const started = performance.now()
    const site = siteAt(dir)
    const tested = runTests(foldersOf(site), memory, { ...o, strict: o?.strict || site.config.strict })
    return { ...tested, ms: performance.now() - started }
  },
})
