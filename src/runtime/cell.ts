// One definition as the machine sees it: a cell per CID (per member, per export), empty until somebody needs its value.
import { SxError } from '../errors.ts'
import type { GroupedNode, Node } from '../ipld/kinds.ts'
import { type ExportLink, Link, MemberRef, type Ref } from '../lang/values.ts'
import { type Code, code, type Env, type Home, step, still, unbound } from './code.ts'
import { type Machine, type Resume, Wait } from './machine.ts'
import { fail, freeze } from './values.ts'

/** Where definitions come from. `find` answers at once; `load` brings the block (and may bring more). */
export interface Definitions {
  find(cid: string): Node | undefined
  load(cid: string): Promise<void>
}

/** A definition's value if it needs no evaluation (a component, a function), or the code that makes it. */
export type Opened = { readonly value: unknown } | Code

/** What a reference becomes a cell with. */
export interface CellTools {
  /** code that gives the value of the cell `id`, which is opened when first needed */
  readonly cellOf: (id: string, open: () => Opened) => Code
  /** throws Wait until the block is there */
  readonly find: (cid: string) => Node
  readonly compile: (node: GroupedNode, home: Home) => Opened
}

export type Refer = (form: ExportLink | Ref, tools: CellTools) => Code | undefined

export interface CellPorts {
  readonly definitions: Definitions
  readonly compile: CellTools['compile']
  readonly refer: readonly Refer[]
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

const inCircle = step(() => fail('a top-level value needs itself'))

/** `v` is undefined until the definition has been evaluated: once, for all that refer to it. */
export class Cell {
  v: unknown = undefined
  private body: Code | undefined
  readonly id: string
  private readonly open: () => Opened
  constructor(id: string, open: () => Opened) {
    this.id = id
    this.open = open
  }

  /** A step: the value, or the machine set to evaluate it, above whatever it was doing. May throw Wait. */
  force(m: Machine): unknown {
    if (this.v !== undefined) return this.v
    if (!this.body) {
      const opened = this.open()
      if ('value' in opened) {
        freeze(opened.value)
        return (this.v = opened.value)
      }
      this.body = opened
    }
    const env = [null, this.id]
    // m.k is the reader's: it sees the error as if it stood there.
    if (inTopLevel(m, this)) return m.go(inCircle, env)
    m.push(done, env, this)
    return m.go(this.body, env)
  }
}

/** Is the machine evaluating a top-level value, or this one? */
export const inTopLevel = (m: Machine, cell?: Cell): boolean => {
  for (let k = m.k; k; k = k.n) if (k.r === done && (!cell || k.x === cell)) return true
  return false
}

/** Code of level 1 that stands in `env`. */
export const read = (cell: Cell, env: Env, m: Machine): unknown =>
  cell.v === undefined ? m.step((_env, m) => cell.force(m), env) : cell.v

/** Code that gives the value of a link, export, member or ref standing in `home`. */
export const createCells = ({
  definitions,
  compile,
  refer,
}: CellPorts): ((form: Link | ExportLink | MemberRef | Ref, home: Home) => Code) => {
  const cells = new Map<string, Cell>()

  const cellOf = (id: string, open: () => Opened): Code => {
    if (!cells.has(id)) cells.set(id, new Cell(id, open))
    const cell = cells.get(id)!
    const c = still(code(1, (env, m) => read(cell, env, m)))
    c.cell = cell
    return c
  }

  const find = (cid: string): Node => {
    const node = definitions.find(cid)
    if (!node) throw new Wait(cid)
    return node
  }

  const open = (node: Node, home: Home): Opened =>
    'body' in node && node.kind !== 'page' ? compile(node, home) : wrong(node.kind, home.id)

  const member = (group: string, index: number): Code => {
    const id = `${group}#${index}`
    return cellOf(id, () => {
      const node = find(group)
      return open((node.kind === 'group' && node.members[index]) || node, { id, group })
    })
  }

  const link = (cid: string): Code =>
    cellOf(cid, () => {
      const node = find(cid)
      // The same as another cell: a member's own CID, and its place in the group.
      return node.kind === 'member' ? member(node.group.cid, node.index) : open(node, { id: cid })
    })

  const tools: CellTools = { cellOf, find, compile }

  return (form, home) => {
    if (form instanceof Link) return link(form.cid)
    if (form instanceof MemberRef) return member(home.group!, form.index)
    for (const one of refer) {
      const found = one(form, tools)
      if (found) return found
    }
    return unbound('a reference')
  }
}

export const wrong = (kind: string, definition: string): never => {
  throw new SxError('eval-unsupported', `a ${kind} can't be evaluated`, { definition })
}
