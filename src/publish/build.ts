// A site's folder → blocks under one root, in stages that each keep what they made: an edit costs what it changed.
//
//   folder ─▶ texts ─▶ graph (definitions, pages) ─▶ closures ─▶ HTML ─▶ files ─▶ names, pages, annotations ─▶ site
import { join } from 'node:path'
import { SxError } from '../errors.ts'
import { blockOf } from '../ipld/block.ts'
import { bytecodeOf, WORTH_COMPILING } from '../ipld/bytecode.ts'
import { DAG_CBOR, parseCid, RAW } from '../ipld/cid.ts'
import type { Data } from '../ipld/data.ts'
import { encodeNode } from '../ipld/encode.ts'
import { createGraph, type Graph, type GraphUpdate, type SiteModule } from '../ipld/graph.ts'
import type { GroupedNode, PageNode } from '../ipld/kinds.ts'
import { linksTo } from '../ipld/links.ts'
import { canonicalText } from '../lang/canonical.ts'
import { ExportLink, isDict, isList, Link, Ref, type Value } from '../lang/values.ts'
import type { Block, FileBuilder } from '../ports.ts'
import { createRuntime, type RuntimeOptions } from '../runtime/runtime.ts'
import { createStrictRuntime } from '../runtime/strict.ts'
import type { Builder, BuilderOptions, SiteSettings } from './build-port.ts'
import { siteTypes } from './check-strict.ts'
import { failed } from './failed.ts'
import { createHeldBlocks, foreignMissing } from './held-blocks.ts'
import { linksOfOthers, readOthers } from './other-config.ts'
import { createOthers } from './others.ts'
import { createPagePacks } from './page-packs.ts'
import { createParts } from './parts.ts'
import { createPublicFiles, type FileLink } from './public-files.ts'
import { createModuleFinder } from './runtime-modules.ts'
import { createIndex } from './site-index.ts'
import { createPages } from './site-pages.ts'
import { createSourceFolder } from './source-folder.ts'
import { createSiteData } from './static-host.ts'
import { storedModule } from './wasm-node.ts'
import { workerName, workerOf } from './worker-file.ts'

const noFile = (cid: string): never => {
  throw new SxError('eval-unsupported', `The module ${cid} of another publisher is larger than 1 MiB`, {
    hint: 'bring it into the source folder to call it while pages are built',
    cid,
  })
}

const someExport = new ExportLink('', '')

/** The public folder, where it lies inside the source folder: it holds no sources. */
const publicInside = ({ source, public: folder }: SiteSettings): ReadonlySet<string> => {
  if (source === '.') return new Set([folder])
  return new Set(folder.startsWith(`${source}/`) ? [folder.slice(source.length + 1)] : [])
}

/** Sets and deletes in `tree` what differs between two listings. */
const applyFiles = (
  tree: ReturnType<FileBuilder['tree']>,
  before: ReadonlyMap<string, FileLink>,
  now: ReadonlyMap<string, FileLink>,
): void => {
  for (const path of before.keys()) if (!now.has(path)) tree.delete(path)
  for (const [path, link] of now) if (before.get(path)?.cid !== link.cid) tree.set(path, link)
}

export const createBuilder = (o: BuilderOptions): Builder => {
  const { sha256, settings } = o
  const sources = createSourceFolder(join(o.folder, settings.source), publicInside(settings))
  const publicFiles = createPublicFiles(join(o.folder, settings.public), o.files)
  const data = createSiteData(join(o.folder, 'data'), o.files)
  const index = {
    names: createIndex(sha256),
    exports: createIndex(sha256),
    pages: createIndex(sha256),
    annotations: createIndex(sha256),
  }
  const tree = o.files.tree()

  const unsaved = new Map<string, Block>()
  const emit = (block: Block): void => {
    unsaved.set(block.cid, block)
  }
  const put = (bytes: Uint8Array, codec: number): string => {
    const block = blockOf(bytes, codec, sha256)
    emit(block)
    return block.cid
  }

  const held = createHeldBlocks(o.stored)
  const { bytesOf, nodeOf, linksOf } = held

  /** CID of a WebAssembly module's bytes → the bytes, of this site's own modules */
  const wasmBytes = new Map<string, Uint8Array<ArrayBuffer>>()
  const others = createOthers({
    named: readOthers(settings.others),
    graph: () => graph,
    held,
    sha256,
  })
  /** what they were not allowed to write, in this build */
  const leftOut = new Map<string, Set<string>>()
  const runtimeOptions: RuntimeOptions = {
    wasm: ({ bytes: { cid } }) =>
      wasmBytes.get(cid) ?? new Uint8Array(parseCid(cid).codec === RAW ? bytesOf(cid) : noFile(cid)),
    trust: others.trust,
    leftOut: (id, what) => leftOut.set(id, new Set([...(leftOut.get(id) ?? []), ...what])),
    definitions: { find: nodeOf, load: cid => Promise.reject(foreignMissing(cid)) },
    names: ref => {
      const node = graph.node(ref)
      // Its references are names still; the runtime asks for those in the same way.
      return node as GroupedNode | undefined
    },
  }
  const runtime = settings.strict
    ? createStrictRuntime(runtimeOptions, name => siteTypes(graph)(name))
    : createRuntime(runtimeOptions)
  const graph: Graph = createGraph({
    sha256,
    callMacro: runtime.callMacro,
    contentId: form => o.sha3(canonicalText(form)),
    others: linksOfOthers(settings.others),
    foreignIo: held.hostWordsOf,
  })

  /** An expanded form with links for its references: what a runtime evaluates without knowing names. */
  const linked = (form: Value): Value => {
    if (form instanceof Ref) {
      const link = graph.linkOf(form)
      if (link === undefined) throw new SxError('internal', `${form.name} has no CID yet`)
      return form.library === undefined ? link : new ExportLink(link.cid, form.name)
    }
    if (isList(form)) return form.map(linked)
    if (isDict(form)) return new Map([...form].map(([key, value]) => [key, linked(value)]))
    return form
  }

  const boot = {
    loader: put(o.boot.loader, RAW),
    kernel: put(o.boot.kernel, RAW),
    platform: put(o.boot.platform, RAW),
  }
  /** Under the root, so that pinning it pins what the platform may ask for. No site's module has a colon in its name. */
  const runtimeModules = [...o.boot.modules].map(
    ([name, code]) => [`sx:${name}`, new Link(put(code, RAW))] as const,
  )
  const cidOfModule = new Map(runtimeModules.map(([name, link]) => [name, link.cid]))
  const wordsByCid = Object.fromEntries(
    Object.entries(o.boot.words ?? {}).map(([name, words]) => [cidOfModule.get(`sx:${name}`)!, words]),
  )
  const parts = createParts(
    o.boot,
    new Map([...o.boot.modules.keys()].map(name => [name, cidOfModule.get(`sx:${name}`)!])),
    {
      navigation: settings.navigation !== 'off',
      offline: settings.offline === true,
      status: settings.status === true,
    },
    sha256,
    emit,
  )
  const packs = createPagePacks({ bytesOf, linksOf, put })
  const pages = createPages({
    packs,
    // Each is looked at once: not worth keeping.
    runtimeFor: createModuleFinder(wordsByCid, cid => {
      if (parseCid(cid).codec !== DAG_CBOR) return undefined
      const expansion = graph.holders(cid)[0]?.expansion
      if (expansion === undefined) return nodeOf(cid)
      // What was expanded here need not be decoded; exports are names in it still.
      return expansion.refs.some(ref => ref.library !== undefined)
        ? [expansion.draft, someExport]
        : expansion.draft
    }),
    runtime,
    holders: graph.holders,
    sha256,
    loader: new TextDecoder().decode(o.boot.loader),
    lang: settings.lang,
    title: settings.title,
    gateways: settings.gateways,
    navigation: settings.navigation ?? 'soft',
    offline: settings.offline === true,
    status: settings.status === true,
    files: o.files,
    data,
    boot,
    parts,
    lookup: name => {
      const meaning = graph.meaning(name)
      return meaning === undefined ? undefined : (linked(meaning) as Link | ExportLink)
    },
    lookupModule: cidOfModule.get('sx:lookup'),
    wasmModule: cidOfModule.get('sx:wasm'),
    bytecodeModule: cidOfModule.get('sx:bytecode'),
    index: () => ({ names: index.names.root(emit), exports: index.exports.root(emit) }),
    node: cid => nodeOf(cid) as PageNode,
    linksOf,
    foreignIn: others.among,
    foreignModule: cidOfModule.get('sx:foreign'),
    linked,
    put: bytes => put(bytes, DAG_CBOR),
    emit,
  })

  /** name of a library → it, and its bytecode where that is worth it */
  const bytecode = new Map<string, { readonly library: string; readonly code: string }>()
  const compiled = (cid: string): string | undefined => {
    if (bytesOf(cid).length < WORTH_COMPILING) return undefined
    const node = nodeOf(cid)
    try {
      return node.kind === 'library' ? put(encodeNode(bytecodeOf(node, new Link(cid))), DAG_CBOR) : undefined
    } catch (error) {
      // A library may just fit a block, and its bytecode not: the source will do.
      if (error instanceof SxError && error.code === 'definition-too-large') return undefined
      throw error
    }
  }
  /** name → CID of libraries and WebAssembly modules */
  const modules = new Map<string, string>()
  const wasm = new Map<string, string>()
  /** exported name → CID of its library */
  let exported: ReadonlyMap<string, string> = new Map()
  /** `@h:` and `@x:` CIDs in what was expanded since they were last checked */
  const foreign = new Set<string>()
  let files: ReadonlyMap<string, FileLink> = new Map()
  let routes: ReadonlyMap<string, string> = new Map()

  const drop = (cid: string): void => {
    held.delete(cid)
    unsaved.delete(cid)
  }
  const takeUp = (update: GraphUpdate, wasmNames: ReadonlyMap<string, string | undefined>): string[] => {
    runtime.forget()
    for (const block of update.blocks) {
      held.set(block)
      emit(block)
    }
    for (const cid of update.dropped) drop(cid)
    packs.drop(update.dropped)
    const changes = [...update.names, ...wasmNames]
    index.names.edit(changes.map(([name, cid]) => [name, cid === undefined ? undefined : new Link(cid)]))
    index.annotations.edit([...update.annotated].map(cid => [cid, graph.annotation(cid) as Data | undefined]))
    for (const [name, cid] of changes) {
      const library = cid !== undefined && graph.find(name)?.kind === 'library'
      if (cid !== undefined && (library || wasmNames.has(name))) modules.set(name, cid)
      else modules.delete(name)
      const code = library ? compiled(cid) : undefined
      if (code === undefined) bytecode.delete(name)
      else bytecode.set(name, { library: cid!, code })
    }
    const exportsNow = new Map([...graph.exports()].map(([name, library]) => [name, library.cid]))
    index.exports.edit([
      ...[...exported.keys()].filter(name => !exportsNow.has(name)).map(name => [name, undefined] as const),
      ...[...exportsNow]
        .filter(([name, cid]) => exported.get(name) !== cid)
        .map(([name, cid]) => [name, new Link(cid)] as const),
    ])
    exported = exportsNow
    const before = new Set(wasm.values())
    for (const [name, cid] of wasmNames)
      if (cid === undefined) wasm.delete(name)
      else wasm.set(name, cid)
    const now = new Set(wasm.values())
    for (const cid of before) if (!now.has(cid)) drop(cid)
    return changes.map(([name]) => name)
  }

  const checkOthers = (): void => {
    const errors = others.check(foreign)
    if (errors.length > 0) throw failed(errors)
    foreign.clear()
  }

  /** names that changed in builds that failed later on */
  const changedNames = new Set<string>()

  return {
    build: async ({ changed, onProgress = () => {} } = {}) => {
      onProgress({ phase: 'read', done: 0 })
      sources.scan(changed)
      const pending = sources.pending()
      onProgress({ phase: 'graph', done: 0 })
      const wasmNames = new Map<string, string | undefined>()
      const siteModules = new Map<string, SiteModule | undefined>()
      const wasmBlocks: Block[] = []
      for (const [path, bytes] of pending.wasm) {
        if (bytes === undefined) {
          wasmNames.set(path, undefined)
          siteModules.set(path, undefined)
          continue
        }
        const made = await storedModule(path, bytes, o.files, sha256)
        wasmNames.set(path, made.block.cid)
        siteModules.set(path, made.module)
        wasmBlocks.push(...made.blocks)
        // Macros may call it while they expand.
        held.set(made.block)
        wasmBytes.set(made.node.bytes.cid, bytes)
      }
      const update = graph.update({ set: pending.set, remove: pending.remove, modules: siteModules })
      if (update.errors.length > 0) throw failed(update.errors)
      wasmBlocks.forEach(emit)
      for (const name of takeUp(update, wasmNames)) changedNames.add(name)
      sources.accepted()
      for (const cid of update.foreign.keys()) foreign.add(cid)
      checkOthers()

      await data.scan(emit)
      const shown = await pages.update(
        graph.pages(),
        { modules, hasWasm: wasm.size > 0, bytecode: bytecode.values() },
        (done, total) => onProgress({ phase: 'render', done, total }),
      )
      onProgress({ phase: 'files', done: 0 })
      await publicFiles.scan(emit)
      const now = new Map([...publicFiles.files, ...data.files, ...pages.files])
      for (const path of data.files.keys())
        if (publicFiles.files.has(path))
          throw failed([
            new SxError('source-invalid', `${path} is in the data folder and in the public folder`, {
              hint: 'remove one of them',
            }),
          ])
      for (const path of pages.files.keys())
        if (publicFiles.files.has(path))
          throw failed([
            new SxError('source-invalid', `${path} is a page and a file of the public folder`, {
              hint: 'remove one of them',
            }),
          ])
      const entries = new Map(
        shown.map(page => [page.path, [page.cid, page.closure, ...page.packs].join(' ')]),
      )
      index.pages.edit([
        ...[...routes.keys()].filter(path => !entries.has(path)).map(path => [path, undefined] as const),
        ...shown
          .filter(page => routes.get(page.path) !== entries.get(page.path))
          .map(
            page =>
              [
                page.path,
                { page: new Link(page.cid), packs: linksTo(page.packs), closure: new Link(page.closure) },
              ] as const,
          ),
      ])
      routes = entries

      const worker = workerOf({
        offline: settings.offline,
        boot: o.boot,
        sha256,
        says: [index.pages.root(emit), boot.loader, JSON.stringify(settings)],
        files: new Map([...publicFiles.files, ...data.files]),
      })
      if (worker !== undefined) {
        if (now.has(workerName))
          throw failed([
            new SxError(
              'source-invalid',
              `${workerName} is the site's service worker, and a file of the public folder`,
              {
                hint: 'remove the file, or "offline" from sx.config.json',
              },
            ),
          ])
        const added = await o.files.addFile(worker)
        added.blocks.forEach(emit)
        now.set(workerName, { cid: added.cid, size: added.size })
      }
      applyFiles(tree, files, now)
      files = now
      const directory = tree.root()
      directory.blocks.forEach(emit)

      const foreignNow = others.current()
      const partsNow = [...new Set(shown.flatMap(page => page.parts))]
      parts.emit(partsNow)
      const root = put(
        encodeNode({
          kind: 'site',
          title: settings.title,
          names: new Link(index.names.root(emit)),
          exports: new Link(index.exports.root(emit)),
          pages: new Link(index.pages.root(emit)),
          annotations: new Link(index.annotations.root(emit)),
          boot: {
            loader: new Link(boot.loader),
            kernel: new Link(boot.kernel),
            platform: new Link(boot.platform),
          },
          modules: new Map([
            ...[...modules].map(([name, cid]) => [name, new Link(cid)] as const),
            ...[...bytecode].map(([name, { code }]) => [`sx:bytecode/${name}`, new Link(code)] as const),
            ...runtimeModules,
            ...partsNow.map(cid => [`sx:part/${cid}`, new Link(cid)] as const),
          ]),
          files: new Link(directory.cid),
          ...(foreignNow.size > 0 && { foreign: foreignNow }),
        }),
        DAG_CBOR,
      )
      const blocks = [...unsaved.values()]
      const names = [...changedNames]
      return {
        root,
        blocks,
        acknowledge: () => {
          for (const { cid } of blocks) unsaved.delete(cid)
          for (const name of names) changedNames.delete(name)
        },
        changed: names,
        // A parameter named like a tag matters only where it is called: there, while rendering, the tag wins.
        warnings: [
          ...[...leftOut].map(([id, what]) => ({
            name: `@h:${id}`,
            message: `what others publish may not hold all that it does: ${[...what].sort().join(', ')} left out`,
          })),
          ...update.warnings
            .filter(({ warning }) => warning.code !== 'tag-parameter' || warning.detail.called === true)
            .map(({ name, warning }) => ({
              name,
              message: warning.message,
              ...(warning.detail.place && { place: warning.detail.place }),
            })),
        ],
        files: sources.count,
        pages: shown.map(({ path, cid }) => ({ path, cid })),
        names: () =>
          Object.fromEntries([
            ...[...graph.entries()].map(entry => [entry.name, entry.cid] as const),
            ...wasm,
          ]),
      }
    },
  }
}
