// The pages of a site: what each needs, its manifest, its instances rendered; only those that an edit reached.
import type { SxError } from '../errors.ts'
import { closureOf, putClosure } from '../ipld/closure.ts'
import { placeOf } from '../ipld/definition.ts'
import type { Entry } from '../ipld/graph.ts'
import type { PageNode } from '../ipld/kinds.ts'
import type { Manifest, PageTarget } from '../ipld/manifest.ts'
import type { ExportLink, Link, Value } from '../lang/values.ts'
import type { Block, FileBuilder } from '../ports.ts'
import { explainDefinitions } from './explain.ts'
import { failed, placedAt } from './failed.ts'
import { lostHtml } from './lost.ts'
import type { Others } from './others.ts'
import type { PagePacks } from './page-packs.ts'
import type { Parts } from './parts.ts'
import { fileOf } from './pattern.ts'
import type { FileLink } from './public-files.ts'
import { instancesOf, type RenderOptions, renderInstance } from './render.ts'
import { explainHostWord, type Reads, type SiteData } from './static-host.ts'

/** At most this many failing pages are told at once. */
const MOST_ERRORS = 20

export interface PagesOptions extends RenderOptions {
  readonly files: FileBuilder
  readonly data: SiteData
  readonly boot: Manifest['boot']
  /** what a name of the site means, for `lookup` and `eval` */
  readonly lookup: (name: string) => Link | ExportLink | undefined
  /** CID of the runtime's module that holds those two words */
  readonly lookupModule: string | undefined
  /** CID of the runtime's module that calls WebAssembly */
  readonly wasmModule: string | undefined
  /** CID of the runtime's module that reads bytecode */
  readonly bytecodeModule: string | undefined
  /** roots of the site's names and exports as they are now */
  readonly index: () => NonNullable<Manifest['index']>
  readonly node: (cid: string) => PageNode
  readonly linksOf: (cid: string) => readonly string[]
  readonly packs: PagePacks
  readonly parts: Parts
  /** definitions of other publishers among these, by id, with their tiers; undefined: none */
  readonly foreignIn: Others['among']
  /** CID of the runtime's module that contains what others publish */
  readonly foreignModule: string | undefined
  /** CIDs of the runtime's modules that these definitions need */
  readonly runtimeFor: (cids: Iterable<string>) => readonly string[]
  /** what has this CID */
  readonly holders: (cid: string) => readonly Entry[]
  /** an expanded form with links for its references */
  readonly linked: (form: Value) => Value
  readonly put: (bytes: Uint8Array) => string
  readonly emit: (block: Block) => void
}

export interface ShownPage {
  readonly path: string
  readonly cid: string
  readonly closure: string
  readonly packs: readonly string[]
  /** CIDs of the runtime's files that its manifest names */
  readonly parts: readonly string[]
}

export interface SitePages {
  /** Throws 'build-failed'; what was rendered before is kept. `modules`: name → CID of libraries and WebAssembly modules. */
  update(
    pages: Iterable<Entry>,
    site: {
      readonly modules: ReadonlyMap<string, string>
      readonly hasWasm: boolean
      /** libraries that have bytecode */
      readonly bytecode: Iterable<{ readonly library: string; readonly code: string }>
    },
    progress: (done: number, total: number) => void,
  ): Promise<readonly ShownPage[]>
  /** HTML by file path, as of the last update */
  readonly files: ReadonlyMap<string, FileLink>
}

interface Known {
  readonly cid: string
  readonly closure: string
  readonly needs: ReadonlySet<string>
  readonly runtime: readonly string[]
  /** of these, what islands need */
  readonly live: readonly string[]
}

interface Rendered {
  readonly key: string
  readonly reads: Reads
  /** names that it looked up → what they meant */
  readonly looked: ReadonlyMap<string, string>
  readonly files: ReadonlyMap<string, FileLink>
}

const meaningText = (meaning: Link | ExportLink | undefined): string =>
  meaning === undefined ? '' : `${meaning.cid} ${'export' in meaning ? meaning.export : ''}`

export const createPages = (o: PagesOptions): SitePages => {
  let known = new Map<string, Known>()
  let rendered = new Map<string, Rendered>()
  let files = new Map<string, FileLink>()
  /** CID of a library → CID of its bytecode */
  let compiled: ReadonlyMap<string, string> = new Map()

  // Bytecode stands before those that take every export.
  const modulesFor = (cids: readonly string[]): readonly string[] => [
    ...(cids.some(cid => compiled.has(cid)) ? [o.bytecodeModule!] : []),
    ...o.runtimeFor(cids),
  ]
  /** What no name holds may be one, or have one in it: a group, what others published. */
  const isIsland = (cid: string): boolean => o.holders(cid).every(({ kind }) => kind === 'island')

  const know = (page: Entry): Known => {
    const before = known.get(page.name)
    if (before?.cid === page.cid) return before
    const needs = closureOf(page.cid, o.linksOf)
    const islands = new Set(needs.filter(isIsland).flatMap(cid => [cid, ...closureOf(cid, o.linksOf)]))
    return {
      cid: page.cid,
      closure: putClosure(needs, o.put),
      needs: new Set(needs),
      runtime: modulesFor([page.cid, ...needs]),
      live: modulesFor([...islands]),
    }
  }
  const targetOf = (
    page: Entry,
    { closure, needs, runtime, live }: Known,
    path: string,
    packs: readonly string[],
  ): PageTarget => {
    const foreign = o.foreignIn(needs)
    const more = foreign ? [o.foreignModule!] : []
    const modules = { runtime: [...runtime, ...more], live: [...live, ...more] }
    return {
      path,
      page: page.cid,
      closure,
      packs,
      defs: Object.fromEntries(
        page.refs
          .filter(({ kind }) => kind === 'component' || kind === 'island')
          .map(ref => [ref.name, ref.cid]),
      ),
      ...(foreign && { foreign }),
      ...modules,
      parts: o.parts.of(modules),
    }
  }
  const addFile = async (bytes: Uint8Array): Promise<FileLink> => {
    const { cid, size, blocks } = await o.files.addFile(bytes)
    for (const block of blocks) o.emit(block)
    return { cid, size }
  }

  const needs = (module: string | undefined, pages: readonly Known[]): boolean =>
    module !== undefined && pages.some(page => page.runtime.includes(module))
  const needsNames = (pages: readonly Known[]): boolean => needs(o.lookupModule, pages)

  /** Of the libraries that these pages need. */
  const bytecodeFor = (pages: readonly Known[]): Pick<Manifest, 'bytecode'> => {
    const found = [...compiled].filter(([library]) => pages.some(page => page.needs.has(library)))
    return found.length > 0 ? { bytecode: Object.fromEntries(found) } : {}
  }

  const render = async (page: Entry, manifest: Manifest, wasm: boolean): Promise<Rendered> => {
    // Beside the page's CID: what its HTML says in plain names, and what `:paths` reads.
    const key = JSON.stringify([manifest, wasm, page.refs.map(ref => ref.cid)])
    const before = rendered.get(page.name)
    if (
      before?.key === key &&
      o.data.holds(before.reads) &&
      [...before.looked].every(([name, meant]) => meaningText(o.lookup(name)) === meant)
    )
      return before
    const reads: Reads = new Map()
    const looked = new Map<string, string>()
    const lookup = (name: string): Link | ExportLink | undefined => {
      const meaning = o.lookup(name)
      looked.set(name, meaningText(meaning))
      return meaning
    }
    const host = { ...o.data.host(reads), lookup }
    const made = new Map<string, FileLink>()
    const { bound, path } = page.origin.at as { readonly bound: readonly string[]; readonly path: string }
    const paths = page.expansion?.paths
    for (const parameters of instancesOf(
      o.runtime,
      path,
      bound,
      paths === undefined ? undefined : o.linked(paths),
      host,
    )) {
      const instance = renderInstance(o, o.node(page.cid), manifest, parameters, host, wasm)
      made.set(fileOf(instance.path), await addFile(instance.bytes))
    }
    return { key, reads, looked, files: made }
  }

  return {
    get files() {
      return files
    },
    update: async (pages, { modules, hasWasm, bytecode }, progress) => {
      compiled =
        o.bytecodeModule === undefined
          ? new Map()
          : new Map([...bytecode].map(one => [one.library, one.code]))
      const errors: SxError[] = []
      const all = [...pages].flatMap(page =>
        page.origin.type === 'page' ? [{ page, at: page.origin.at }] : [],
      )
      const nowKnown = new Map<string, Known>()
      for (const { page } of all) nowKnown.set(page.name, know(page))
      const packs = o.packs.update(nowKnown)
      const targets = all.map(({ page, at }) => {
        const one = nowKnown.get(page.name)!
        return { page, at, one, target: targetOf(page, one, at.path, packs.get(page.name)!) }
      })
      // Their instances are unknown at build: 404.html leads the client to them.
      const routes = targets.filter(({ at }) => at.bound.length > 0 && at.paths === undefined)
      // What is looked up may bring a module, too.
      const runsWasm = (pages: readonly Known[]): boolean =>
        needs(o.wasmModule, pages) || (hasWasm && needsNames(pages))
      const nowRendered = new Map<string, Rendered>()
      const nowFiles = new Map<string, FileLink>()
      for (const { page, at, one, target } of targets) {
        progress(nowRendered.size, all.length)
        const used = [...modules].filter(([, cid]) => one.needs.has(cid))
        const isLost = at.path === '/404'
        const manifest: Manifest = {
          ...target,
          modules: Object.fromEntries(used),
          boot: o.boot,
          ...bytecodeFor(isLost ? [one, ...routes.map(route => route.one)] : [one]),
          ...(needsNames(isLost ? [one, ...routes.map(route => route.one)] : [one]) && { index: o.index() }),
          ...(isLost && routes.length > 0 && { routes: routes.map(route => route.target) }),
          ...(o.gateways.length > 0 && {
            sources: o.gateways.map(origin => `${origin}/ipfs/{cid}?format=raw`),
          }),
        }
        try {
          const done = await render(
            page,
            manifest,
            runsWasm(isLost ? [one, ...routes.map(route => route.one)] : [one]),
          )
          nowRendered.set(page.name, done)
          for (const [file, link] of done.files) nowFiles.set(file, link)
        } catch (error) {
          const told = explainDefinitions(explainHostWord(error, page), o.holders)
          errors.push(placedAt(told, placeOf(at)))
          if (errors.length >= MOST_ERRORS) break
        }
      }
      if (errors.length > 0) throw failed(errors)
      if (routes.length > 0 && !nowFiles.has('404.html'))
        nowFiles.set(
          '404.html',
          await addFile(
            lostHtml(o, {
              routes: routes.map(route => route.target),
              boot: o.boot,
              ...bytecodeFor(routes.map(route => route.one)),
              wasm: runsWasm(routes.map(route => route.one)),
              ...(needsNames(routes.map(route => route.one)) && { index: o.index() }),
            }),
          ),
        )
      known = nowKnown
      rendered = nowRendered
      files = nowFiles
      return targets.map(({ at, one, target: { packs, parts = [] } }) => ({
        path: at.path,
        cid: one.cid,
        closure: one.closure,
        packs,
        parts,
      }))
    },
  }
}
