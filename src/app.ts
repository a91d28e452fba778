// The program put together: store, builder, gateway. The only place that knows the store; each part is loaded when a
// command first needs it, so that commands which only read start fast.
import { hash, randomBytes, randomInt } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type {
  App,
  BuildReport,
  DevOptions,
  Inspected,
  OpenApp,
  Progress,
  Related,
  ServeOptions,
  Serving,
} from './app-port.ts'
import { readEnvironment, readSite, type Site } from './config.ts'
import { SxError } from './errors.ts'
import type { OpenSite } from './ipld/site.ts'
import type { Survey } from './ipld/survey.ts'
import type { Sha256 } from './ports.ts'
import type { Builder, Built } from './publish/build.ts'
import type { MemoryPorts, SiteFolders } from './publish/memory-site.ts'
import type { LocalStore } from './store/sqlite.ts'

export const sha256: Sha256 = bytes => hash('sha256', bytes, 'buffer')

const version: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version

export const openApp: OpenApp = async options => {
  const environment = readEnvironment()
  let opened: Promise<LocalStore> | undefined
  const store = (): Promise<LocalStore> =>
    (opened ??= (async () => {
      const { openStore } = await import('./store/sqlite.ts')
      const { defaultStorePath } = await import('./store/location.ts')
      const given = options.store ?? environment.store
      const path =
        given === undefined
          ? defaultStorePath(environment.variables, environment.platform)
          : resolve(options.cwd, given)
      return openStore({ path, sha256, version })
    })())
  /** A site is named by where its folder really is. */
  const siteName = (folder: string): string => realpathSync(folder)
  const siteAt = (dir: string): Site => readSite(resolve(options.cwd, dir))

  const foldersOf = ({ folder, config }: Site): SiteFolders => ({ folder, ...config })
  /** What the authors' tools evaluate with: a clock for the limits, and dice. */
  const memory: MemoryPorts = {
    sha256,
    now: () => performance.now(),
    random: (low, high) => randomInt(low, high + 1),
  }

  const createBuilderFor = async (site: Site, stored: LocalStore): Promise<Builder> => {
    const { createBuilder } = await import('./publish/build.ts')
    const { readBoot } = await import('./publish/boot.ts')
    const { createFiles } = await import('./store/files.ts')
    return createBuilder({
      folder: site.folder,
      settings: site.config,
      boot: readBoot(),
      sha256,
      sha3: text => hash('sha3-256', text, 'hex'),
      files: createFiles(sha256),
      stored,
    })
  }

  const createSurveyOf = async (stored: LocalStore): Promise<Survey> => {
    const { createSurvey } = await import('./ipld/survey.ts')
    const { decodeUnixFs } = await import('./store/unixfs.ts')
    return createSurvey({
      get: cid => stored.get(cid),
      filesIn: (cid, bytes) => decodeUnixFs(cid, bytes).links.map(link => link.cid),
    })
  }

  /** Builds once more and stores what came of it; what it says of all blocks is counted when somebody asks. */
  const buildAndStore = async (
    builder: Builder,
    site: Site,
    stored: LocalStore,
    input: {
      readonly changed?: readonly string[] | undefined
      readonly onProgress?: ((progress: Progress) => void) | undefined
    },
  ): Promise<{ readonly built: Built; readonly report: BuildReport }> => {
    const started = performance.now()
    const built = await builder.build(input)
    for (const { message, place, name } of built.warnings)
      options.report({ message: `${name}: ${message}`, ...(place && { place }) })
    input.onProgress?.({ phase: 'store', done: 0 })
    const { written } = stored.commit({
      site: siteName(site.folder),
      root: built.root,
      blocks: built.blocks,
      keep: site.config.keep,
      version,
    })
    built.acknowledge()
    const ms = performance.now() - started
    const survey = await createSurveyOf(stored)
    let counted: { blocks: number; bytes: number } | undefined
    const count = () => {
      if (counted === undefined) {
        const all = [...survey.below(built.root)]
        counted = { blocks: all.length, bytes: all.reduce((sum, cid) => sum + survey.at(cid).size, 0) }
      }
      return counted
    }
    let names: Record<string, string> | undefined
    const report: BuildReport = {
      root: built.root,
      files: built.files,
      get definitions() {
        return Object.keys(this.names).length
      },
      get blocks() {
        return count().blocks
      },
      get bytes() {
        return count().bytes
      },
      get reused() {
        return count().blocks - written
      },
      ms,
      pages: built.pages,
      get names() {
        names ??= built.names()
        return names
      },
    }
    return { built, report }
  }

  const serve = async (
    stored: LocalStore,
    o: ServeOptions,
    root: () => string | undefined,
    dev?: Dev,
  ): Promise<Serving> => {
    const { createGateway } = await import('./gateway/gateway.ts')
    const unixfs = await import('./store/unixfs-read.ts')
    const gateway = await createGateway({
      store: stored,
      files: {
        resolve: (cid, path) => unixfs.resolve(stored, cid, path),
        read: (cid, range) => unixfs.readFile(stored, cid, range),
      },
      sha256,
      root,
      clock: Date.now,
      random: randomBytes,
      ...(o.log && { log: o.log }),
      ...(dev && { dev: dev.hooks }),
    })
    const url = await gateway.listen(o.port, o.host)
    return {
      url: url.endsWith('/') ? url : `${url}/`,
      root: root(),
      stop: async () => {
        await dev?.stop()
        await gateway.stop()
      },
    }
  }

  const app: App = {
    init: async dir => {
      const { writeStarter } = await import('./publish/starter.ts')
      const folder = resolve(options.cwd, dir)
      return { dir: folder, files: writeStarter(folder) }
    },

    build: async (dir, { onProgress } = {}) => {
      const site = siteAt(dir)
      const stored = await store()
      const builder = await createBuilderFor(site, stored)
      return (await buildAndStore(builder, site, stored, { onProgress })).report
    },

    serve: async o => {
      const stored = await store()
      if (o.root !== undefined) {
        const { root } = o
        if (!stored.has(root))
          throw new SxError('not-found', `The store has no root ${root}`, {
            hint: 'Build the site first, or name its folder.',
          })
        return serve(stored, o, () => root)
      }
      const site = siteAt(o.dir ?? '.')
      const builder = await createBuilderFor(site, stored)
      const { report } = await buildAndStore(builder, site, stored, { onProgress: o.onProgress })
      const name = siteName(site.folder)
      return { ...(await serve(stored, o, () => stored.roots(name)[0]?.root)), built: report }
    },

    dev: async o => {
      const stored = await store()
      const dev = await startDev(o)
      return serve(stored, { ...o }, dev.root, dev)
    },

    inspect: async (target, { dir } = {}) => {
      const stored = await store()
      const survey = await createSurveyOf(stored)
      const { codecOf } = await import('./ipld/survey.ts')
      const site = await newestSite(stored, dir)
      const about = (cid: string): ReturnType<OpenSite['about']> => site?.about(cid) ?? { names: [] }
      const related = (cid: string): Related => ({ ...survey.at(cid), names: about(cid).names })
      const inspected = (cid: string): Inspected => {
        const bytes = stored.get(cid)
        if (bytes === undefined)
          throw new SxError('block-not-found', `The store has no block ${cid}`, { cid })
        const { doc, source, contentId, written, io } = about(cid)
        return {
          ...related(cid),
          codec: codecOf(cid),
          bytes,
          ...(site && { root: site.root }),
          about: {
            ...(doc !== undefined && { doc }),
            ...(source !== undefined && { source }),
            ...(contentId !== undefined && { contentId }),
            ...(written !== undefined && { call: written }),
            ...(io !== undefined && { io }),
          },
          load: of => stored.get(of),
          dependencies: (of = cid) => survey.linksOf(of).map(related),
          dependents: (of = cid) =>
            site === undefined
              ? []
              : survey
                  .dependents(site.root, of)
                  .map(related)
                  .sort((a, b) => compare(a.names[0] ?? '~', b.names[0] ?? '~') || compare(a.cid, b.cid)),
        }
      }
      return (await targetsOf(target, site, dir)).map(inspected)
    },

    check: async (dir, o) => {
      const { check } = await import('./publish/check.ts')
      const { withFiles } = await import('./publish/finding.ts')
      const started = performance.now()
      const site = siteAt(dir)
      const checked = check(foldersOf(site), memory, o)
      // As seen from where the command was given, so that editors find them.
      const sources = relative(options.cwd, join(site.folder, site.config.source))
      const located = (all: typeof checked.errors) =>
        all.map(one => withFiles(one, file => join(sources, file).split(sep).join('/')))
      return {
        ...checked,
        errors: located(checked.errors),
        warnings: located(checked.warnings),
        ms: performance.now() - started,
      }
    },

    session: async (dir, { onErrors } = {}) => {
      const { createSession } = await import('./publish/session.ts')
      const { readSources } = await import('./publish/memory-site.ts')
      const { defaultStorePath } = await import('./store/location.ts')
      const isSite = dir !== undefined || existsSync(join(options.cwd, 'sx.config.json'))
      const site = isSite ? siteAt(dir ?? '.') : undefined
      const store = defaultStorePath(environment.variables, environment.platform)
      const open = (of: Site | undefined) => ({
        ...createSession(of === undefined ? [] : readSources(foldersOf(of)).set, memory),
        site: of?.folder,
        historyFile: join(dirname(store), 'history'),
      })
      try {
        return open(site)
      } catch (error) {
        if (onErrors === undefined || !(error instanceof SxError) || error.code !== 'build-failed')
          throw error
        onErrors(error)
        return open(undefined)
      }
    },

    test: async (dir, o) => {
      const { runTests } = await import('./publish/run-tests.ts')
      const started = performance.now()
      return { ...runTests(foldersOf(siteAt(dir)), memory, o), ms: performance.now() - started }
    },

    close: async () => {
      const stored = await opened?.catch(() => undefined)
      stored?.close()
    },
  }

  interface Dev {
    readonly hooks: import('./gateway/gateway-port.ts').DevHooks
    readonly root: () => string | undefined
    stop(): Promise<void>
  }

  const startDev = async (o: DevOptions): Promise<Dev> => {
    const { watchFolder } = await import('./publish/watch.ts')
    const { showError } = await import('./lang/place.ts')
    type Push = import('./gateway/gateway-port.ts').DevPush
    const stored = await store()
    const listeners = new Set<(push: Push) => void>()
    let current: Push | undefined
    let root: string | undefined
    let site = siteAt(o.dir)
    let builder = await createBuilderFor(site, stored)

    const tell = (push: Push): void => {
      current = push
      for (const listener of listeners) listener(push)
    }
    const rebuild = async (changed?: readonly string[]): Promise<void> => {
      const started = performance.now()
      try {
        const { built, report } = await buildAndStore(builder, site, stored, { changed })
        const moved = built.root !== root
        root = built.root
        if (moved || current?.type === 'failed') {
          o.onEvent({ type: 'built', root, changed: built.changed, ms: performance.now() - started, report })
          tell({ type: 'built', root })
        }
      } catch (error) {
        const errors = errorsOf(error)
        o.onEvent({ type: 'failed', errors, ms: performance.now() - started })
        tell({ type: 'failed', errors: errors.map(one => ({ message: one.message, text: showError(one) })) })
      }
    }
    const onChange = async (paths: readonly string[] | undefined): Promise<void> => {
      if (paths?.includes('sx.config.json')) {
        try {
          site = siteAt(o.dir)
          builder = await createBuilderFor(site, stored)
        } catch (error) {
          const errors = errorsOf(error)
          o.onEvent({ type: 'failed', errors, ms: 0 })
          tell({
            type: 'failed',
            errors: errors.map(one => ({ message: one.message, text: showError(one) })),
          })
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

  /** The site whose names people mean: of `dir`, of the current folder, or the newest of the store. */
  const newestSite = async (stored: LocalStore, dir: string | undefined): Promise<OpenSite | undefined> => {
    const here = dir === undefined ? undefined : siteName(siteAt(dir).folder)
    const root =
      here !== undefined
        ? stored.roots(here)[0]?.root
        : (stored.roots(siteName(options.cwd))[0] ?? stored.roots()[0])?.root
    if (here !== undefined && root === undefined)
      throw new SxError('not-found', `${dir} has not been built into this store`, {
        hint: 'Run `sx build` first.',
      })
    if (root === undefined) return undefined
    const { openSite } = await import('./ipld/site.ts')
    return openSite(root, {
      sha256,
      load: cid => {
        const bytes = stored.get(cid)
        if (bytes === undefined)
          throw new SxError('block-not-found', `The store has no block ${cid}`, { cid })
        return bytes
      },
    })
  }

  /** CIDs that a CID, a name, a page's path or a source file stands for. */
  const targetsOf = async (
    target: string,
    site: OpenSite | undefined,
    dir: string | undefined,
  ): Promise<readonly string[]> => {
    if (/^b[a-z2-7]{20,}$/.test(target)) return [target]
    if (site === undefined)
      throw new SxError('not-found', 'The store holds no site yet', { hint: 'Run `sx build` first.' })
    const named = site.find(target)
    if (named !== undefined) return [named]
    for (const { path, page } of site.pages()) if (path === target) return [page]
    const all = [...site.names()]
    if (target.endsWith('.sx')) {
      const { config, folder } = siteAt(dir ?? '.')
      const path = relative(join(folder, config.source), resolve(options.cwd, target)).split(sep).join('/')
      const inFile = [...new Set(all.map(([, cid]) => cid))].filter(cid => {
        const source = site.about(cid).source
        return source?.startsWith(`${path}:`) || source?.startsWith(`${target}:`)
      })
      if (inFile.length > 0) return inFile
    }
    const { nearMisses } = await import('./lang/near.ts')
    const near = nearMisses(
      target,
      all.map(([name]) => name),
    )
    throw new SxError('not-found', `Nothing in the site is named ${target}`, {
      near,
      hint:
        near.length > 0
          ? `Did you mean ${near.join(', ')}?`
          : 'Give a CID, a name, a page path such as /market, or a source file.',
    })
  }

  return app
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const errorsOf = (error: unknown): readonly SxError[] => {
  if (!(error instanceof SxError)) throw error
  const { errors } = error.detail
  return Array.isArray(errors) ? (errors as readonly SxError[]) : [error]
}

/** Paths below the source folder, relative to it. */
const sourcesAmong = (paths: readonly string[], source: string): readonly string[] =>
  source === '.'
    ? paths
    : paths.flatMap(path => (path.startsWith(`${source}/`) ? [path.slice(source.length + 1)] : []))
