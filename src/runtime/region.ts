// Parts of a document that live. A region is what one piece of code made: the nodes between its neighbours. Nodes carry
// no marks of it, so that a region can be laid over what a server rendered without touching it.
//
//   things of an element, or of a region:   first ──after──▶ thing ──after──▶ … ──▶ (end)
//   a thing is a node, a piece of text, or a region, which may be empty and has things of its own
//
// When what a region read has changed, its code runs again over the nodes that are there: what is the same stays.
import type { Code, Env } from './code.ts'
import { failAt, type Place, runAt } from './live.ts'
import type { LiveSink } from './live-sink.ts'
import { type Frame, GO, type Machine, type Resume } from './machine.ts'
import { isSame, now, Owner, type Sources, Watcher } from './signal.ts'
import type { Same, Use } from './watched.ts'
import { renderIt, textOf } from './write.ts'

/** Text that has a node of its own, or one with its neighbours until somebody needs a part of it. */
export class Piece {
  text = ''
  node: Text | undefined
  run: Piece[] | undefined
}

export type Thing = Node | Piece | Region

/** The text node of a piece alone. */
const textNode = (piece: Piece): Text => {
  const { run } = piece
  let node = run?.[0]?.node
  run?.forEach((one, i) => {
    one.node = node
    one.run = undefined
    if (i + 1 < run.length) node = node!.splitText(one.text.length)
  })
  return piece.node!
}

/** The first node from `thing` on, up to the end of what it stands in. */
export const nodeFrom = (thing: Thing | undefined): Node | undefined => {
  for (; thing instanceof Region; thing = thing.after) {
    const node = nodeFrom(thing.first)
    if (node) return node
  }
  return thing instanceof Piece ? textNode(thing) : thing
}

type Then = (v: unknown, m: Machine, d: number) => unknown

/** What watches with code of its own. */
export abstract class Reading extends Watcher implements Place {
  /** runs to its end: see `now` in machine.ts */
  code!: Code
  env!: Env
  m!: Machine
  k: Frame | undefined

  override fail(error: unknown): void {
    failAt(this, true, error)
  }

  /** Evaluates the code, everything that it reads being noted; then `then`. */
  read(m: Machine, d: number, then: Then): unknown {
    const before = this.startReading()
    const { owner } = now
    const { env } = this
    now.owner = this
    const v = this.code(env, m, d + 1)
    if (v === GO) return m.save(hasRead, env, [this, before, then, owner])
    this.stopReading(before, owner)
    return then(v, m, d)
  }
}

const hasRead: Resume = (v, k, m, d) => {
  const [watcher, before, then, owner] = k.x as [Reading, Sources, Then, Owner]
  watcher.stopReading(before, owner)
  return then(v, m, d)
}

const atEnd: Resume = (_v, _k, m) => (m.sink as LiveSink).finish()

export class Region extends Reading {
  /** where it stands */
  at!: Node
  up: Region | undefined
  first: Thing | undefined
  after: Thing | undefined
  use!: Use
  same: Same | undefined
  value: unknown
  ns!: string
  /** of a list: its items, and the function that renders them */
  items: Region[] | undefined
  f: unknown
  /** what `use` made belongs to it */
  body: Owner | undefined

  /** The node that comes after it, if any. */
  next(): Node | null {
    for (let region: Region | undefined = this; region; region = region.up) {
      const node = nodeFrom(region.after)
      if (node) return node
    }
    return null
  }

  override run(): void {
    this.clear(this.body)
    const show = (v: unknown, m: Machine, d: number): unknown => {
      m.ns = this.ns
      m.sink = this.m.sink
      // A list keeps what is the same in it.
      return this.items ? this.use(v, this.env, m, d, this) : this.show(v, m, d)
    }
    if (this.code.level) {
      const then: Then = (v, m, d) => (this.isDone(v) ? null : show(v, m, d))
      runAt(this, true, (m, d) => this.read(m, d, then), undefined, this)
      return
    }
    const before = this.startReading()
    try {
      const v = this.code(this.env, this.m, 0)
      if (!this.isDone(v)) runAt(this, true, (m, d) => show(v, m, d), undefined, this)
    } catch (error) {
      this.fail(error)
    } finally {
      this.stopReading(before, undefined)
    }
  }

  /** Does the document show this value? A text that is another one is put in. */
  private isDone(v: unknown): boolean {
    const { value, first } = this
    if ((this.same ?? isSame)(value, v)) return true
    this.value = v
    const text =
      this.use === renderIt && first instanceof Piece && textOf(value) !== undefined ? textOf(v) : undefined
    if (text !== undefined) textNode(first as Piece).nodeValue = text
    return text !== undefined
  }

  startBody(): void {
    now.owner = this.body = new Owner()
    this.body.belong(this)
  }

  /** Makes it anew, over the nodes that it has. */
  show(v: unknown, m: Machine, d: number): unknown {
    this.body?.end()
    m.sink = (m.sink as LiveSink).over(this, this.next())
    this.startBody()
    if (this.use(v, this.env, m, d + 1, this) === GO && m.finish(this.env, d + 1) === GO)
      return m.save(atEnd, this.env)
    return (m.sink as LiveSink).finish()
  }
}
