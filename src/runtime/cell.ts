// One definition as the machine sees it: a cell per CID (per member, per export), empty until somebody needs its value.
import { SxError } from '../errors.ts'
import type { GroupedNode, LibraryNode, Node } from '../ipld/kinds.ts'
import { ExportLink, isList, Link, type MemberRef, Ref, Sym, type Value } from '../lang/values.ts'
import { type Code, code, type Env, type Home } from './code.ts'
import { type Frame, type Machine, Need, type Resume, Wait } from './machine.ts'
import { fail, freeze } from './values.ts'

/** Where definitions come from. `find` answers at once; `load` brings the block (and may bring more). */
export interface Definitions {
  find(cid: string): Node | undefined
  load(cid: string): Promise<void>
}

export interface CellPorts {
  readonly definitions: Definitions
  /** build time: definitions that are expanded and have no CID yet */
  readonly names?: ((ref: Ref) => GroupedNode | undefined) | undefined
  /** a definition's value if it needs no evaluation (a component, a function), or the code that makes it */
  readonly compile: (node: GroupedNode, home: Home) => { value: unknown } | Code
}

export interface Cells {
  /** code that gives the value of a link, export, member or ref standing in `home` */
  refer(form: Link | ExportLink | MemberRef | Ref, home: Home): Code
  /** forgets what came by name: the sources have changed */
  forget(): void
}

const done: Resume = (v, k) => {
  const cell = k.x as Cell
  if (cell.v === undefined) {
    // Frozen before anybody sees it, so that no reader can change what another reads.
    freeze(v)
    cell.v = v
  }
  return cell.v
}

/** `v` is undefined until the definition has been evaluated: once, for all that refer to it. */
export class Cell {
  v: unknown = undefined
  private body: Code | undefined
  readonly id: string
  private readonly open: () => { value: unknown } | Code
  constructor(id: string, open: () => { value: unknown } | Code) {
    this.id = id
    this.open = open
  }

  /** The value, if it takes no evaluation to have it; otherwise throws Need or Wait. */
  force(): unknown {
    if (this.body === undefined) {
      const opened = this.open()
      if ('value' in opened) {
        freeze(opened.value)
        this.v = opened.value
        return this.v
      }
      this.body = opened
    }
    throw new Need(this)
  }

  /** Sets the machine to evaluate this cell, above whatever it was doing. */
  enter(m: Machine): void {
    for (let k: Frame | undefined = m.k; k !== undefined; k = k.n)
      if (k.r === done && k.x === this) {
        // m.k is the reader's: it sees the error as if it stood there.
        m.go(
          code(2, () =>
            fail('a top-level value needs itself', 'Make one of the values in the circle a function.'),
          ),
          [null, this.id],
        )
        return
      }
    m.push(done, [null, this.id], this)
    m.go(this.body!, [null, this.id])
  }
}

/** Is the machine evaluating a top-level value? */
export const inTopLevel = (m: Machine): boolean => {
  for (let k = m.k; k !== undefined; k = k.n) if (k.r === done) return true
  return false
}

const read = (cell: Cell): Code => code(1, () => (cell.v === undefined ? cell.force() : cell.v))

export const createCells = (o: CellPorts): Cells => {
  const cells = new Map<string, Cell>()
  let named = new WeakMap<object, Cell>()

  const cellOf = (id: string, open: () => { value: unknown } | Code): Cell => {
    let found = cells.get(id)
    if (found === undefined) cells.set(id, (found = new Cell(id, open)))
    return found
  }

  const find = (cid: string): Node => {
    const node = o.definitions.find(cid)
    if (node === undefined) throw new Wait(cid)
    return node
  }

  const wrong = (cid: string, node: Node): never => {
    throw new SxError('eval-unsupported', `a ${node.kind} can't be evaluated`, { cid })
  }

  const member = (group: string, index: number): Cell =>
    cellOf(`${group}#${index}`, () => {
      const node = find(group)
      const body = node.kind === 'group' ? node.members[index] : undefined
      return body ? o.compile(body, { id: `${group}#${index}`, group }) : wrong(group, node)
    })

  /** The same as another cell: a member's own CID, and its place in the group. */
  const alias = (other: Cell) => (other.v === undefined ? read(other) : { value: other.v })

  const link = (cid: string): Cell =>
    cellOf(cid, () => {
      const node = find(cid)
      if (node.kind === 'member') return alias(member(node.group.cid, node.index))
      return 'body' in node && node.kind !== 'page' ? o.compile(node, { id: cid }) : wrong(cid, node)
    })

  const libraryCell = (cid: string, name: string): Cell =>
    cellOf(`${cid}#${name}`, () => {
      const node = find(cid)
      if (node.kind !== 'library') return wrong(cid, node)
      const body = definesOf(node).get(name)
      if (body === undefined)
        throw new SxError('eval-unbound', `the library ${node.name} has no ${name}`, { cid })
      const own = (other: string): Code | undefined =>
        definesOf(node).has(other) ? read(libraryCell(cid, other)) : undefined
      return o.compile({ kind: 'value', body }, { id: `${cid}#${name}`, own })
    })

  const refCell = (ref: Ref): Cell | undefined => {
    const node = o.names?.(ref)
    if (node === undefined) return undefined
    let found = named.get(node)
    if (found === undefined) {
      const id = ref.library === undefined ? ref.name : `${ref.library}#${ref.name}`
      const { library } = ref
      const own =
        library === undefined
          ? undefined
          : (name: string): Code | undefined => {
              const inner = new Ref(name, library)
              return o.names?.(inner) ? byName(inner) : undefined
            }
      named.set(node, (found = new Cell(id, () => o.compile(node, own ? { id, own } : { id }))))
    }
    return found
  }

  const byName = (ref: Ref): Code =>
    code(1, () => {
      const cell = refCell(ref)
      if (cell === undefined) throw new SxError('eval-unbound', `${ref.name} has no value yet`)
      return cell.v === undefined ? cell.force() : cell.v
    })

  return {
    refer(form, home) {
      if (form instanceof Link) return read(link(form.cid))
      if (form instanceof ExportLink) return read(libraryCell(form.cid, form.export))
      if (form instanceof Ref) return byName(form)
      if (home.group === undefined) return code(0, () => fail('a member reference stands outside its group'))
      return read(member(home.group, form.index))
    },
    forget() {
      named = new WeakMap()
    },
  }
}

const defines = new WeakMap<LibraryNode, ReadonlyMap<string, Value>>()

const definesOf = (node: LibraryNode): ReadonlyMap<string, Value> => {
  let found = defines.get(node)
  if (found === undefined) {
    const map = new Map<string, Value>()
    for (const form of node.forms)
      if (isList(form) && form[0] instanceof Sym && form[0].name === 'define') {
        const [, head, ...body] = form
        if (isList(head)) map.set((head[0] as Sym).name, [new Sym('fn'), head.slice(1), ...body])
        else map.set((head as Sym).name, body.at(-1) ?? null)
      }
    defines.set(node, (found = map))
  }
  return found
}

export type { Env }
