// The core: evaluation of forms, rendering into a sink, and the words that most pages use. What a browser loads first.
import { SxError } from '../errors.ts'
import { Link, type List, MemberRef, type Value } from '../lang/values.ts'
import { apply } from './call.ts'
import { type CellPorts, createCells, type Definitions, type Refer, wrong } from './cell.ts'
import { type Code, type Env, type Home, lazily, type Scope } from './code.ts'
import { type CompilerPorts, child, createCompiler, isForm, type Special } from './compile.ts'
import type { Extension, Form } from './form.ts'
import { coreForms, coreMarkup, coreValues } from './forms.ts'
import type { Host } from './host-io.ts'
import { defaultLimits, type HeadElement, type Limits, Machine, type OnRaise, PAUSED } from './machine.ts'
import { parseParams } from './params.ts'
import { listRows } from './primitives/lists.ts'
import { numberRows } from './primitives/numbers.ts'
import { predicateRows } from './primitives/predicates.ts'
import { signalRawRows, signalRows } from './primitives/signals.ts'
import { stringRows } from './primitives/strings.ts'
import { primitive } from './primitives/table.ts'
import type { Sink } from './sink.ts'
import { Component, Fn, type Prim, type RuntimeValue } from './values.ts'

export interface CoreOptions {
  readonly definitions: Definitions
  readonly limits?: Partial<Limits>
  readonly fast?: CompilerPorts['fast']
  /** may keep the code of forms that come again; `key`: what the code depends on beside the form */
  readonly keep?: (form: Value, key: string, make: () => Code) => Code
  /** called every 2,000 steps: may let others have their turn */
  readonly rest?: () => Promise<void> | undefined
  /** another kind of machine */
  readonly machine?: typeof Machine
  readonly extensions?: readonly Extension[]
}

export interface RenderOptions {
  /** what to write for a root-relative URL in an attribute: see url.ts */
  readonly url?: (value: string) => string
  /** what host words ask; without it each of them is an error */
  readonly host?: Host
}

/** `head`: elements that belong in `<head>`, in order. `islands`: the id of each island, in order, with repeats. */
export interface RenderedParts {
  readonly head: readonly HeadElement[]
  readonly islands: readonly string[]
}

export type Names = ReadonlyMap<string, RuntimeValue>

/**
 * All of these throw SxError: eval-failed, eval-unbound, eval-unsupported, eval-limit (with `definition` and `trace`
 * in the detail); whatever loading a definition throws; and, from those that can't wait, block-not-found for a
 * definition that is not loaded.
 */
export interface Core {
  evaluate(form: Value, scope?: Names, o?: RenderOptions): Promise<RuntimeValue>
  /** Calls a function value that evaluation gave. */
  apply(f: RuntimeValue, args: readonly RuntimeValue[]): Promise<RuntimeValue>
  /** Renders into any sink. */
  renderTo(sink: Sink, form: Value, scope?: Names, o?: RenderOptions): Promise<RenderedParts>
}

/** What runtime.ts builds on. */
export interface CoreParts extends Core {
  /** A machine about to evaluate (no sink) or render `form`. */
  machine(form: Value, scope?: Names, sink?: Sink, o?: RenderOptions): Machine
  /** A machine about to do a step. */
  doing(step: (m: Machine) => unknown, limits?: Limits): Machine
  /** Runs to the end, loading what is needed. */
  drive(m: Machine): Promise<unknown>
  /** Loads the block that a paused machine waits for, if it does; otherwise rests. */
  load(m: Machine): Promise<void>
  closure(params: List, body: List, label: string): Fn
  /** what surrounds an island may mean something inside it */
  readonly surrounds: boolean
  /** code that gives a definition by its id: a CID, or `<group>#<index>` */
  definition(id: string): Code
  readonly limits: Limits
  /** Knows these words, too, in whatever is compiled from now on. */
  add(x: Extension): void
}

export const createCore = (o: CoreOptions): CoreParts => {
  const limits: Limits = { ...defaultLimits, ...o.limits }
  const forms = new Map<string, Special>()
  const prims = new Map<string, Prim>()
  let onRaise: OnRaise = (_m, error) => {
    throw error
  }
  // One for all machines, those that run already too.
  const raise: OnRaise = (m, error) => onRaise(m, error)
  const all: Extension[] = []
  const referring: Refer[] = []

  const add: CoreParts['add'] = x => {
    const put = (rows: Extension['forms'], use: (special: Special, form: Form) => void): void => {
      for (const [name, form] of rows ?? []) {
        if (!forms.has(name)) forms.set(name, {})
        use(forms.get(name)!, form)
      }
    }
    all.push(x)
    put(x.forms, (s, form) => (s.value = form))
    put(x.both, (s, form) => (s.value = s.markup = form))
    put(x.markup, (s, form) => (s.markup = form))
    for (const row of x.primitives ?? []) prims.set(row[0], primitive(row))
    for (const row of x.raw ?? []) prims.set(row[0], primitive(row, true))
    if (x.refer) referring.push(x.refer)
    const next = onRaise
    if (x.onRaise) onRaise = (m, error) => x.onRaise!(m, error, next)
  }
  const core: Extension = {
    forms: coreValues,
    both: coreForms,
    markup: coreMarkup,
    primitives: [numberRows, predicateRows, stringRows, listRows, signalRows].flat(),
    raw: signalRawRows,
  }
  for (const x of [core, ...(o.extensions ?? [])]) add(x)

  const top = (home: Home, names: readonly string[] = []): Scope => ({
    names: ['', ...names],
    parent: undefined,
    home,
  })

  const compileNode: CellPorts['compile'] = (node, home) => {
    const { id } = home
    const { kind } = node
    const env = [null, id]
    if (kind === 'component' || kind === 'island') {
      const p = parseParams(node.params, id)
      const lazy = lazily(() => compiler.body(node.body, child(p.names, top(home)), true))
      const made = new Component(id, kind === 'island', p, lazy, env)
      return { value: all.reduce((f, x) => x.contain?.(f, create) ?? f, made) }
    }
    if (kind !== 'value') return wrong(kind, id)
    const { body } = node
    // A function is there without evaluation.
    return isForm(body, 'fn', 'lambda')
      ? { value: new Fn(compiler.lambda(body[1]!, body.slice(2), top(home), id), env) }
      : compiler.value(body, top(home))
  }

  const refer = createCells({
    definitions: o.definitions,
    compile: compileNode,
    refer: referring,
  })
  const compiler = createCompiler({
    refer,
    forms,
    prims,
    fast: o.fast,
  })
  const root: Home = { id: '' }
  const keep = o.keep ?? ((_form, _key, make) => make())

  const create = (own: Limits): Machine => {
    const m = new (o.machine ?? Machine)(own, raise)
    m.compiler = compiler
    return m
  }

  const doing = (step: (m: Machine) => unknown, own = limits): Machine => {
    const m = create(own)
    m.step((_env: Env) => step(m), [null, ''])
    return m
  }

  const machine: CoreParts['machine'] = (form, scope, sink, options) => {
    const names = [...(scope?.keys() ?? [])]
    const asMarkup = !!sink
    // Compiling is a step of the machine's, so that what it throws says where it was too.
    const m = doing(m =>
      m.go(
        keep(form, `${asMarkup} ${names.join(' ')}`, () => compiler.body([form], top(root, names), asMarkup)),
        [null, '', ...(scope?.values() ?? [])],
      ),
    )
    return Object.assign(m, { ...options, ...(sink && { sink }) })
  }

  const load = async ({ waiting }: Machine): Promise<void> => {
    if (typeof waiting !== 'string') return waiting ? waiting.done : o.rest?.()
    await o.definitions.load(waiting)
    if (!o.definitions.find(waiting))
      throw new SxError('block-not-found', 'loaded and still not there', { cid: waiting })
  }

  const drive = async (m: Machine): Promise<unknown> => {
    for (;;) {
      const v = m.run(o.rest && 2000)
      if (v !== PAUSED) return v
      await load(m)
    }
  }

  return {
    limits,
    add,
    surrounds: all.some(x => x.surrounds),
    machine,
    doing,
    drive,
    load,
    closure: (params, body, label) => new Fn(compiler.lambda(params, body, top(root), label), [null, label]),
    definition(id) {
      const [cid, index] = id.split('#') as [string, string?]
      return index === undefined
        ? refer(new Link(cid), root)
        : refer(new MemberRef(+index), { id, group: cid })
    },
    evaluate: async (form, scope, options) => drive(machine(form, scope, undefined, options)),
    apply: async (f, args) => drive(doing(m => apply(m, f, args))),
    async renderTo(sink, form, scope, options) {
      const m = machine(form, scope, sink, options)
      await drive(m)
      return m
    },
  }
}
