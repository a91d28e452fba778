// Graphs for tests: files as text in, and what a graph holds as plain data.
import { createHash } from 'node:crypto'
import { createGraph, type Graph, type GraphUpdate } from '../../src/ipld/graph.ts'
import type { SourceUnit } from '../../src/ipld/graph-files.ts'
import { contentId } from '../../src/lang/canonical.ts'
import { read } from '../../src/lang/reader.ts'
import type { Block } from '../../src/ports.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest())

export type Files = Readonly<Record<string, string>>

export const units = (files: Files): SourceUnit[] =>
  Object.entries(files).map(([path, text]) => ({ path, source: read(text, path) }))

export const newGraph = (): Graph => {
  const runtime = createRuntime({
    definitions: { find: () => undefined, load: cid => Promise.reject(new Error(`no ${cid} here`)) },
    names: ref => graph.node(ref),
  })
  const graph: Graph = createGraph({ sha256, callMacro: runtime.callMacro, contentId })
  return graph
}

/** One graph, with the blocks that a store would hold after its updates. */
export const createSite = () => {
  const graph = newGraph()
  const blocks = new Map<string, Block>()
  return {
    graph,
    blocks,
    update(set: Files, remove: readonly string[] = []): GraphUpdate {
      const update = graph.update({ set: units(set), remove })
      for (const cid of update.dropped) blocks.delete(cid)
      for (const block of update.blocks) blocks.set(block.cid, block)
      return update
    },
    names: (): Record<string, string> =>
      Object.fromEntries(
        [...graph.entries()].map(one => [one.name, one.cid] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    pages: (): Record<string, string> =>
      Object.fromEntries(
        [...graph.pages()].map(one => [one.name, one.cid] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
  }
}

/** A new graph of these files; its errors throw. */
export const build = (files: Files) => {
  const site = createSite()
  const update = site.update(files)
  if (update.errors.length > 0) throw update.errors[0]
  return { ...site, first: update }
}

/** `code file:line name?` of each error. */
export const errorsOf = (update: GraphUpdate): string[] =>
  update.errors.map(({ code, detail }) => `${code} ${detail.place?.file}:${detail.place?.line}`)
