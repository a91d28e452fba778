// Client libraries: an export is a cell of its own, in which the library's own names are cells too.
import { SxError } from '../errors.ts'
import type { LibraryNode, Node } from '../ipld/kinds.ts'
import { ExportLink, isList, type Sym, sym, type Value } from '../lang/values.ts'
import type { CellTools, Opened } from './cell.ts'
import type { Code } from './code.ts'
import type { Extension } from './form.ts'

const defines = new WeakMap<LibraryNode, ReadonlyMap<string, Value>>()

const definesOf = (node: LibraryNode): ReadonlyMap<string, Value> => {
  const found = defines.get(node)
  if (found) return found
  const map = new Map<string, Value>()
  for (const [, head, ...body] of node.forms as Value[][])
    if (isList(head)) map.set((head[0] as Sym).name, [sym('fn'), head.slice(1), ...body])
    else map.set((head as Sym).name, body.at(-1) ?? null)
  defines.set(node, map)
  return map
}

/** What a name of a library is. */
export const openExport = (node: Node, cid: string, name: string, tools: CellTools): Opened => {
  const defines = node.kind === 'library' ? definesOf(node) : undefined
  if (!defines?.has(name)) throw new SxError('eval-unbound', `this library has no ${name}`, { cid })
  return tools.compile(
    { kind: 'value', body: defines.get(name)! },
    {
      id: `${cid}#${name}`,
      own: other => (defines.has(other) ? exported(cid, other, tools) : undefined),
    },
  )
}

const exported = (cid: string, name: string, tools: CellTools): Code =>
  tools.cellOf(`${cid}#${name}`, () => openExport(tools.find(cid), cid, name, tools))

export const library: Extension = {
  refer: (form, tools) => (form instanceof ExportLink ? exported(form.cid, form.export, tools) : undefined),
}
