// Libraries by their bytecode: an export is read out of it when it is wanted, and compiled like any other form. Where there
// is none that can be used, it is the source.
import { BYTECODE, type OpenBytecode, openBytecode } from '../ipld/bytecode.ts'
import type { Node } from '../ipld/kinds.ts'
import { ExportLink, type Value } from '../lang/values.ts'
import type { CellTools, Opened } from './cell.ts'
import type { Code } from './code.ts'
import type { Extension } from './form.ts'
import { openExport } from './library.ts'

export interface BytecodePorts {
  /** the bytecode node of a library that is not here itself; undefined: there is none */
  readonly of: (library: string) => { readonly cid: string; readonly node: Node | undefined } | undefined
  /** bytecode that is passed over for its source, and why */
  readonly tell: (cid: string, why: string) => void
}

interface Opening extends OpenBytecode {
  readonly indexOf: ReadonlyMap<string, number>
}

/** Stands before `library`, which takes every export that this one leaves. */
export const bytecode = ({ of, tell }: BytecodePorts): Extension => {
  const opened = new Map<string, Opening | undefined>()
  const passOver = (library: string, cid: string, why: string): undefined => {
    opened.set(library, undefined)
    tell(cid, why)
  }

  const open = (library: string): Opening | undefined => {
    if (opened.has(library)) return opened.get(library)
    const found = of(library)
    if (!found?.node) return
    const { cid, node } = found
    if (node.kind !== 'bytecode' || node.source.cid !== library)
      return passOver(library, cid, 'it is not bytecode of that library')
    if (node.compiler !== BYTECODE)
      return passOver(library, cid, `compiler ${node.compiler} made it, and ${BYTECODE} is known here`)
    try {
      const code = openBytecode(node)
      const opening = { ...code, indexOf: new Map(code.names.map((name, i) => [name, i])) }
      opened.set(library, opening)
      return opening
    } catch (error) {
      return passOver(library, cid, (error as Error).message)
    }
  }

  const exported = (library: string, name: string, tools: CellTools): Code =>
    tools.cellOf(`${library}#${name}`, () => define(library, name, tools))

  const define = (library: string, name: string, tools: CellTools): Opened => {
    const code = open(library)
    const i = code?.indexOf.get(name)
    if (!code || i === undefined) return openExport(tools.find(library), library, name, tools)
    let body: Value
    try {
      body = code.body(i)
    } catch (error) {
      passOver(library, of(library)!.cid, (error as Error).message)
      return define(library, name, tools)
    }
    return tools.compile(
      { kind: 'value', body },
      {
        id: `${library}#${name}`,
        own: other => (code.indexOf.has(other) ? exported(library, other, tools) : undefined),
      },
    )
  }

  return {
    refer: (form, tools) =>
      form instanceof ExportLink && of(form.cid) ? exported(form.cid, form.export, tools) : undefined,
  }
}
