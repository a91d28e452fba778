// Where SX wire is written: markup as forms; calls of components as calls, their arguments as forms that evaluate to them;
// and the sign that a call has to be written out instead.
import { Char, Keyword, keyword, Link, Ratio, Sym, sym, type Value } from '../lang/values.ts'
import { isGuarded } from './control.ts'
import { openIsland } from './island-element.ts'
import type { Machine, Resume } from './machine.ts'
import type { Attribute, Sink } from './sink.ts'
import { Component, exceeded, Markup, Prim, Raw } from './values.ts'

/** The n-th call of this rendering has to be written out. */
export class WriteOut {
  readonly n: number
  readonly id: string
  constructor({ n, id }: Call) {
    this.n = n
    this.id = id
  }
}

export interface Call {
  readonly n: number
  /** of the component */
  readonly id: string
}

/** Levels of the text: the reader takes 512. */
const DEPTH = 400

const headTag = /^(?:title|meta|link|script|style)$/

export interface State {
  /** calls met so far */
  count: number
  readonly writeOut: ReadonlySet<number>
  /** components that are always written out */
  readonly always: ReadonlySet<string>
  readonly none: boolean
  /** calls whose arguments are being rendered, innermost last */
  readonly open: Call[]
}

export interface Hole {
  readonly markup: Markup
  readonly form: Value[]
}

const isElement = (form: Value | undefined): form is readonly Value[] =>
  Array.isArray(form) && (form[0] instanceof Link || (form[0] instanceof Sym && form[0].name !== 'raw!'))

export class WireSink implements Sink {
  readonly forms: Value[] = []
  private readonly stack: Value[][] = [this.forms]
  private units = 0
  private headed = 0
  machine: Machine | undefined = undefined
  private readonly state: State
  private readonly plan: (f: Component, args: readonly unknown[], keys: Keys, m: Machine) => Plan | undefined
  constructor(state: State, plan: WireSink['plan']) {
    this.state = state
    this.plan = plan
  }

  private add(form: Value): void {
    this.head()
    this.stack.at(-1)!.push(form)
  }

  /** Elements of the head, where they were met: in order, and where they stand means nothing to the rest. */
  head(): void {
    const { head } = this.machine!
    for (; this.headed < head.length; this.headed++) {
      const { tag, attributes, text } = head[this.headed]!
      this.units += text.length
      this.stack.at(-1)!.push([...start(tag, attributes), ...(text === '' ? [] : [text])])
    }
  }

  open(tag: string, attributes: readonly Attribute[]): void {
    const { open } = this.state
    if (open.length > 0 && headTag.test(tag)) throw new WriteOut(open.at(-1)!)
    const form = start(tag, attributes)
    this.units += 16 * form.length
    for (const [, value] of attributes) this.units += value.length
    this.add(form)
    if (this.stack.push(form) > DEPTH) exceeded('nesting', DEPTH)
  }
  island = openIsland

  close(): void {
    this.head()
    this.stack.pop()
  }
  text(text: string): void {
    this.units += text.length
    this.add(text)
  }
  data(text: string): void {
    this.text(text)
  }
  raw(html: string): void {
    this.units += html.length
    this.add([sym('raw!'), html])
  }
  size(): number {
    return this.units
  }
  mark(): () => void {
    const { units, headed, stack, state } = this
    const forms = stack.map(form => [form, form.length] as const)
    const open = [...state.open]
    return () => {
      Object.assign(this, { units, headed })
      stack.splice(0, stack.length, ...forms.map(([form]) => form))
      for (const [form, length] of forms) form.length = length
      state.open.splice(0, state.open.length, ...open)
    }
  }

  call(f: Component, args: readonly unknown[], keys: Keys, m: Machine): unknown {
    const n = this.state.count++
    // Its guard would not be there any more when somebody evaluates the text.
    if (isGuarded(m)) return undefined
    if (this.state.none || this.state.writeOut.has(n) || this.state.always.has(f.id)) return undefined
    const plan = this.plan(f, args, keys, m)
    if (plan === undefined) return undefined
    this.units += 64
    if (plan.holes.length === 0) {
      this.add(plan.form)
      return null
    }
    this.head()
    this.state.open.push({ n, id: f.id })
    return this.fill(plan, 0, m)
  }

  private fill(plan: Plan, i: number, m: Machine): unknown {
    const hole = plan.holes[i]
    if (hole === undefined) {
      this.state.open.pop()
      this.add(plan.form)
      return null
    }
    const items: Value[] = []
    if (this.stack.push(items) > DEPTH) exceeded('nesting', DEPTH)
    const heads = m.head.length
    const filled: Resume = (_v, _k, machine) => {
      if (machine.head.length > heads) throw new WriteOut(this.state.open.at(-1)!)
      this.stack.pop()
      const [only] = items
      if (items.length === 1 && isElement(only)) hole.form.push(...only)
      else hole.form.push(sym('<>'), ...items)
      return this.fill(plan, i + 1, machine)
    }
    m.push(filled, m.env)
    return m.go(hole.markup.code, hole.markup.env)
  }
}

const start = (tag: string, attributes: readonly Attribute[]): Value[] => [
  sym(tag),
  ...attributes.flatMap(([name, value]): Value[] => [keyword(name), value]),
]

export type Keys = readonly (string | undefined)[] | undefined

export interface Plan {
  readonly form: Value[]
  /** markup in the arguments, each to be rendered into its place in `form` */
  readonly holes: readonly Hole[]
}

/** A value as a form that evaluates to it; undefined: there is none. */
export const formOf = (
  v: unknown,
  holes: Hole[],
  linkOf: (id: string) => Link | undefined,
  depth = 0,
): Value | undefined => {
  if (v === null || typeof v === 'boolean') return v
  if (typeof v === 'string') return v.isWellFormed() ? v : undefined
  if (typeof v === 'number') return Number.isFinite(v) ? v : undefined
  if (v instanceof Char || v instanceof Ratio) return v
  if (v instanceof Sym) return v.mark === 0 ? [sym('quote'), v] : undefined
  if (v instanceof Keyword) return [sym('quote'), v]
  // A function of a WebAssembly module has no name in the language.
  if (v instanceof Prim) return v.name.startsWith('#') ? undefined : sym(v.name)
  if (v instanceof Raw) return [sym('raw!'), v.html]
  if (v instanceof Component) return linkOf(v.id)
  if (v instanceof Markup) {
    const form: Value[] = []
    holes.push({ markup: v, form })
    return form
  }
  if (depth > 100) return undefined
  if (Array.isArray(v)) {
    const list: Value[] = [sym('list')]
    for (const item of v) {
      const form = formOf(item, holes, linkOf, depth + 1)
      if (form === undefined) return undefined
      list.push(form)
    }
    return list
  }
  if (v instanceof Map) {
    const dict = new Map<string, Value>()
    for (const [key, item] of v as ReadonlyMap<string, unknown>) {
      const form = formOf(item, holes, linkOf, depth + 1)
      if (form === undefined) return undefined
      dict.set(key, form)
    }
    return dict
  }
  return undefined
}
