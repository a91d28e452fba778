// A site's definitions in memory: graph and runtime over its sources, and nothing stored. What the authors' tools share.
import { join } from 'node:path'
import { SxError } from '../errors.ts'
import { createGraph, type Graph, type GraphUpdate, type SiteModule, type SourceUnit } from '../ipld/graph.ts'
import type { GroupedNode, WasmNode } from '../ipld/kinds.ts'
import type { Observer } from '../lang/meaning.ts'
import type { Sha256 } from '../ports.ts'
import { createRuntime, type Runtime, type RuntimeOptions } from '../runtime/runtime.ts'
import { createStrictRuntime } from '../runtime/strict.ts'
import { siteTypes } from './check-strict.ts'
import { linksOfOthers, type OtherSettings } from './other-config.ts'
import { createSourceFolder, type Pending } from './source-folder.ts'
import { unstoredModule } from './wasm-node.ts'

export interface MemoryPorts {
  readonly sha256: Sha256
  /** milliseconds, for the time limit */
  readonly now: () => number
  /** an integer from low to high */
  readonly random?: (low: number, high: number) => number
}

export interface MemorySite {
  readonly graph: Graph
  readonly runtime: Runtime
  /** Takes up the sources and modules of a folder. */
  take(pending: Pick<Pending, 'set' | 'wasm'>): GraphUpdate
}

export interface MemoryOptions {
  readonly observe?: Observer
  /** arguments are compared with declared types */
  readonly strict?: boolean
  /** definitions of other publishers: their names are known, they themselves are not here */
  readonly others?: OtherSettings
}

export const createMemorySite = (
  ports: MemoryPorts,
  { observe, strict, others }: MemoryOptions = {},
): MemorySite => {
  const missing = (cid: string): SxError =>
    new SxError('block-not-found', `A definition refers to ${cid}, and only the site’s own are here`, { cid })
  const modules = new Map<string, WasmNode>()
  const bytes = new Map<string, Uint8Array<ArrayBuffer>>()
  const options: RuntimeOptions = {
    wasm: node => bytes.get(node.bytes.cid)!,
    definitions: { find: cid => modules.get(cid), load: cid => Promise.reject(missing(cid)) },
    names: ref => graph.node(ref) as GroupedNode | undefined,
    lookup: name => graph.meaning(name),
    now: ports.now,
    ...(ports.random && { random: ports.random }),
  }
  const runtime = strict
    ? createStrictRuntime(options, name => siteTypes(graph)(name))
    : createRuntime(options)
  const graph: Graph = createGraph({
    sha256: ports.sha256,
    callMacro: runtime.callMacro,
    // Annotations are for what is stored.
    contentId: () => '',
    others: linksOfOthers(others),
    ...(observe && { observe }),
  })
  return {
    graph,
    runtime,
    take: ({ set, wasm }) => {
      const errors: SxError[] = []
      const named = new Map<string, SiteModule>()
      for (const [path, content] of wasm) {
        if (content === undefined) continue
        try {
          const { node, block, module } = unstoredModule(path, content, ports.sha256)
          modules.set(block.cid, node)
          bytes.set(node.bytes.cid, content)
          named.set(path, module)
        } catch (error) {
          if (!(error instanceof SxError)) throw error
          errors.push(error)
        }
      }
      const update = graph.update({ set, modules: named })
      return { ...update, errors: [...errors, ...update.errors] }
    },
  }
}

/** Where a site's sources are. */
export interface SiteFolders {
  /** absolute */
  readonly folder: string
  /** relative to it */
  readonly source: string
  readonly public: string
  readonly others?: OtherSettings
}

/** All sources as they are now. Throws 'build-failed' with every error of reading, 'not-found', 'source-invalid'. */
export const readSources = ({ folder, source, public: shown }: SiteFolders): Pending => {
  const inside = source === '.' ? shown : shown.startsWith(`${source}/`) ? shown.slice(source.length + 1) : ''
  const sources = createSourceFolder(join(folder, source), new Set([inside]))
  sources.scan()
  return sources.pending()
}

export type { SourceUnit }
