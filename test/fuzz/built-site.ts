// A site of the fuzzer as a build makes it: expanded, encoded, and decoded from its blocks.

import { createGraph, type Graph } from '../../src/ipld/graph.ts'
import type { GroupedNode, Node, PageNode } from '../../src/ipld/kinds.ts'
import { linksIn } from '../../src/ipld/links.ts'
import { readNode } from '../../src/ipld/read-node.ts'
import { contentId } from '../../src/lang/canonical.ts'
import { read } from '../../src/lang/reader.ts'
import type { Value } from '../../src/lang/values.ts'
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts'
import { sha256 } from '../support/graph-site.ts'

export interface BuiltPage {
  readonly index: number
  readonly cid: string
  /** as it was decoded: references are links */
  readonly node: PageNode
  /** as it was expanded: references are names */
  readonly expanded: Value
}

export interface BuiltSite {
  readonly pages: readonly BuiltPage[]
  readonly nodes: ReadonlyMap<string, Node>
  readonly bytes: ReadonlyMap<string, Uint8Array>
  readonly graph: Graph
  /** at build: definitions by name */
  readonly runtime: Runtime
  /** pages that the expansion refused, and why */
  readonly refused: ReadonlyMap<number, string>
}

const pageFile = (index: number): string => `page-${index}.sx`

/** A page's source: the names of its pattern are what a program is given. */
const pageText = (index: number, expression: string): string =>
  `(defpage page-${index} :path "/${index}/<log>/<x>/<s>" :content ${expression})`

/** undefined where the definitions themselves are refused. */
export const buildSite = (
  definitions: Readonly<Record<string, string>>,
  pages: readonly string[],
): BuiltSite | undefined => {
  const runtime = createRuntime({
    definitions: { find: () => undefined, load: cid => Promise.reject(new Error(`no ${cid}`)) },
    names: ref => graph.node(ref) as GroupedNode | undefined,
    sha256,
  })
  const graph: Graph = createGraph({ sha256, callMacro: runtime.callMacro, contentId })
  const unit = (path: string, text: string) => ({ path, source: read(text, path) })
  const own = Object.entries(definitions).map(([path, text]) => unit(path, text))
  let left = pages.map((text, index) => unit(pageFile(index), pageText(index, text)))
  const refused = new Map<number, string>()
  for (;;) {
    const update = graph.update({ set: [...own, ...left], remove: [] })
    if (update.errors.length === 0) {
      const bytes = new Map(update.blocks.map(block => [block.cid, block.bytes]))
      const nodes = new Map([...bytes].map(([cid, block]) => [cid, readNode(block)]))
      const programs = [...graph.pages()].filter(({ name }) => name.startsWith('page-'))
      const built = programs.map((entry): BuiltPage => {
        const draft = entry.expansion!.draft
        if (draft.kind !== 'page') throw new Error(`${entry.name} is no page`)
        const cid = entry.cid
        return {
          index: Number(entry.name.slice(5)),
          cid,
          node: nodes.get(cid) as PageNode,
          expanded: draft.body,
        }
      })
      return { pages: built.sort((a, b) => a.index - b.index), nodes, bytes, graph, runtime, refused }
    }
    const bad = new Map(
      update.errors.map(error => [error.detail.place?.file ?? '', `${error.code} ${error.message}`]),
    )
    const before = left.length
    left = left.filter(({ path }) => !bad.has(path))
    for (const [path, why] of bad) if (path.startsWith('page-')) refused.set(Number(/\d+/.exec(path)), why)
    if (left.length === before) return undefined
  }
}

/** The CIDs that a page's closure holds, itself included. */
export const closureOf = ({ bytes }: BuiltSite, cid: string): ReadonlySet<string> => {
  const found = new Set([cid])
  for (const one of found) for (const link of bytes.has(one) ? linksIn(bytes.get(one)!) : []) found.add(link)
  return found
}
