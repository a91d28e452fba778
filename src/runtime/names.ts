// Definitions at build time, which are expanded and have no CID yet: by name.
import { SxError } from '../errors.ts'
import type { GroupedNode } from '../ipld/kinds.ts'
import { Ref } from '../lang/values.ts'
import { Cell, type CellTools, read } from './cell.ts'
import { type Code, code } from './code.ts'

export interface NamedCells {
  readonly refer: (ref: Ref) => Code
  /** forgets what came by name: the sources have changed */
  forget(): void
}

export const createNamedCells = (
  names: (ref: Ref) => GroupedNode | undefined,
  compile: CellTools['compile'],
): NamedCells => {
  let cells = new WeakMap<object, Cell>()

  const cellOf = ({ name, library }: Ref): Cell => {
    const node = names(new Ref(name, library))
    if (node === undefined) throw new SxError('eval-unbound', `${name} has no value yet`)
    let cell = cells.get(node)
    if (cell === undefined) {
      const id = library === undefined ? name : `${library}#${name}`
      const own = (other: string): Code | undefined => {
        const ref = new Ref(other, library)
        return names(ref) ? refer(ref) : undefined
      }
      cell = new Cell(id, () => compile(node, library === undefined ? { id } : { id, own }))
      cells.set(node, cell)
    }
    return cell
  }
  const refer = (ref: Ref): Code => code(1, (env, m) => read(cellOf(ref), env, m))

  return {
    refer,
    forget: () => {
      cells = new WeakMap()
    },
  }
}
