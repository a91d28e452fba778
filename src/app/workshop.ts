// What every command that touches a site or the store works with: both opened once, builds stored as they are made.
import { hash } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { AppOptions, BuildReport, Progress } from '../app-port.ts'
import { type Environment, readEnvironment, readSite, type Site } from '../config.ts'
import { SxError } from '../errors.ts'
import type { Survey } from '../ipld/survey.ts'
import type { Builder, Built } from '../publish/build-port.ts'
import type { LocalStore } from '../store/sqlite.ts'
import { sha256 } from './sha256.ts'

export const version: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

export interface Workshop {
  readonly options: AppOptions
  readonly environment: Environment
  /** absolute */
  storePath(): Promise<string>
  store(): Promise<LocalStore>
  siteAt(dir: string): Site
  builder(site: Site): Promise<Builder>
  survey(): Promise<Survey>
  /** Builds once more and stores what came of it; what it says of all blocks is counted when somebody asks. */
  build(
    builder: Builder,
    site: Site,
    input: BuildInput,
  ): Promise<{ readonly built: Built; readonly report: BuildReport }>
  close(): Promise<void>
}

export interface BuildInput {
  readonly changed?: readonly string[] | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** A site is named by where its folder really is. */
export const siteName = (folder: string): string => realpathSync(folder)

/** A file of the sources as seen from where the command was given, so that editors and terminals find it. */
export const seenFrom =
  (cwd: string, site: Site) =>
  (file: string): string =>
    join(relative(cwd, join(site.folder, site.config.source)), file)
      .split(sep)
      .join('/')

/** All that a failed build found. What is no SxError is a defect and goes on as it is. */
export const errorsOf = (error: unknown): readonly SxError[] => {
  if (!(error instanceof SxError)) throw error
  const { errors } = error.detail
  return Array.isArray(errors) ? (errors as readonly SxError[]) : [error]
}

export const createWorkshop = (options: AppOptions): Workshop => {
  const environment = readEnvironment()
  let opened: Promise<LocalStore> | undefined
  const storePath = async (): Promise<string> => {
    const { defaultStorePath } = await import('../store/location.ts')
    const given = options.store ?? environment.store
    return given === undefined
      ? defaultStorePath(environment.variables, environment.platform)
      : resolve(options.cwd, given)
  }
  const open = async (): Promise<LocalStore> => {
    const { openStore } = await import('../store/sqlite.ts')
    return openStore({ path: await storePath(), sha256, version })
  }
  const store = (): Promise<LocalStore> => (opened ??= open())

  const survey = async (): Promise<Survey> => {
    const stored = await store()
    const { createSurvey } = await import('../ipld/survey.ts')
    const { decodeUnixFs } = await import('../store/unixfs.ts')
    return createSurvey({
      get: cid => stored.get(cid),
      filesIn: (cid, bytes) => decodeUnixFs(cid, bytes).links.map(link => link.cid),
    })
  }

  return {
    options,
    environment,
    storePath,
    store,
    survey,
    siteAt: dir => readSite(resolve(options.cwd, dir)),
    builder: async site => {
      const { createBuilder } = await import('../publish/build.ts')
      const { readBoot } = await import('../publish/boot.ts')
      const { createFiles } = await import('../store/files.ts')
      return createBuilder({
        folder: site.folder,
        settings: site.config,
        boot: readBoot(),
        sha256,
        sha3: text => hash('sha3-256', text, 'hex'),
        files: createFiles(sha256),
        stored: await store(),
      })
    },
    build: async (builder, site, input) => {
      const stored = await store()
      const started = performance.now()
      const seen = seenFrom(options.cwd, site)
      const built = await builder.build(input).catch(async error => {
        if (!(error instanceof SxError) || error.code !== 'build-failed') throw error
        const { failed, withFiles } = await import('../publish/failed.ts')
        throw failed(errorsOf(error).map(one => withFiles(one, seen)))
      })
      for (const { message, place, name } of built.warnings)
        options.report({
          message: `${name}: ${message}`,
          ...(place && { place: { ...place, file: seen(place.file) } }),
        })
      input.onProgress?.({ phase: 'store', done: 0 })
      const { written } = stored.commit({
        site: siteName(site.folder),
        root: built.root,
        blocks: built.blocks,
        keep: site.config.keep,
        version,
      })
      built.acknowledge()
      return { built, report: reportOf(built, written, performance.now() - started, await survey()) }
    },
    close: async () => (await opened?.catch(() => undefined))?.close(),
  }
}

const reportOf = (built: Built, written: number, ms: number, survey: Survey): BuildReport => {
  let counted: { readonly blocks: number; readonly bytes: number } | undefined
  const count = (): NonNullable<typeof counted> => {
    if (counted === undefined) {
      const all = [...survey.below(built.root)]
      counted = { blocks: all.length, bytes: all.reduce((sum, cid) => sum + survey.at(cid).size, 0) }
    }
    return counted
  }
  let names: Record<string, string> | undefined
  return {
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
}
