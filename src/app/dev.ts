// sx dev: builds whenever the folder changes, and tells browsers and the terminal what came of it.
import type { DevOptions } from '../app-port.ts'
import type { DevHooks, DevPush } from '../gateway/gateway-port.ts'
import { errorsOf, type Workshop } from './workshop.ts'

export interface Dev {
  readonly hooks: DevHooks
  /** of the last good build */
  readonly root: () => string | undefined
  stop(): Promise<void>
}

export const startDev = async (shop: Workshop, o: DevOptions): Promise<Dev> => {
  const { watchFolder } = await import('../publish/watch.ts')
  const { showError } = await import('../lang/place.ts')
  const listeners = new Set<(push: DevPush) => void>()
  let current: DevPush | undefined
  let root: string | undefined
  let site = shop.siteAt(o.dir)
  let builder = await shop.builder(site)

  const tell = (push: DevPush): void => {
    current = push
    for (const listener of listeners) listener(push)
  }
  const fail = (error: unknown, ms: number): void => {
    const errors = errorsOf(error)
    o.onEvent({ type: 'failed', errors, ms })
    tell({ type: 'failed', errors: errors.map(one => ({ message: one.message, text: showError(one) })) })
  }
  const rebuild = async (changed?: readonly string[]): Promise<void> => {
    const started = performance.now()
    try {
      const { built, report } = await shop.build(builder, site, { changed })
      const moved = built.root !== root
      root = built.root
      if (moved || current?.type === 'failed') {
        o.onEvent({ type: 'built', root, changed: built.changed, ms: performance.now() - started, report })
        tell({ type: 'built', root })
      }
    } catch (error) {
      fail(error, performance.now() - started)
    }
  }
  const onChange = async (paths: readonly string[] | undefined): Promise<void> => {
    if (paths?.includes('sx.config.json')) {
      try {
        site = shop.siteAt(o.dir)
        builder = await shop.builder(site)
      } catch (error) {
        fail(error, 0)
        return
      }
      return rebuild()
    }
    await rebuild(paths && sourcesAmong(paths, site.config.source))
  }
  const watching = watchFolder(site.folder, onChange)
  await rebuild()
  return {
    root: () => root,
    hooks: {
      current: () => current,
      subscribe: listener => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    stop: async () => watching.stop(),
  }
}

/** Paths below the source folder, relative to it. */
const sourcesAmong = (paths: readonly string[], source: string): readonly string[] =>
  source === '.'
    ? paths
    : paths.flatMap(path => (path.startsWith(`${source}/`) ? [path.slice(source.length + 1)] : []))
