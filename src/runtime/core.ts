// The core: evaluation of forms, rendering into a sink, and the words that most pages use. What a browser loads first.
import { SxError } from '../errors.ts'
import type { GroupedNode } from '../ipld/kinds.ts'
import { isList, type List, type Ref, Sym, type Value } from '../lang/values.ts'
import { apply } from './call.ts'
import { createCells, type Definitions } from './cell.ts'
import { type Code, code, type Env, type Home, type Scope } from './code.ts'
import { child, createCompiler } from './compile.ts'
import { started } from './fold.ts'
import type { Extension, Form } from './form.ts'
import { coreForms } from './forms.ts'
import type { Host } from './host-io.ts'
import { defaultLimits, type HeadElement, type Limits, Machine, PAUSED, uncaught } from './machine.ts'
import { parseParams } from './params.ts'
import { fast } from './primitives/fast.ts'
import { listRawRows, listRows } from './primitives/lists.ts'
import { numberRows } from './primitives/numbers.ts'
import { predicateRows } from './primitives/predicates.ts'
import { signalRawRows, signalRows } from './primitives/signals.ts'
import { stringRows } from './primitives/strings.ts'
import { primitive } from './primitives/table.ts'
import { coreMarkup, renderForm } from './render.ts'
import type { Sink } from './sink.ts'
import { Component, Fn, type Prim, type RuntimeValue } from './values.ts'

export interface CoreOptions {
  readonly definitions: Definitions
  readonly limits?: Partial<Limits>
  /** build time: what a Ref means before it has a CID */
  readonly names?: (ref: Ref) => GroupedNode | undefined
  /** milliseconds, for the time limit; without it only steps, depth and output are limited */
  readonly now?: () => number
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
  /** Loads the block that a paused machine waits for, if it does. */
  load(m: Machine): Promise<void>
  closure(params: List, body: List, label: string): Fn
  readonly limits: Limits
  forget(): void
}

export const createCore = (o: CoreOptions): CoreParts => {
  const limits: Limits = { ...defaultLimits, ...o.limits }
  const extensions: readonly Extension[] = [
    {
      forms: coreForms,
      markup: coreMarkup,
      primitives: [numberRows, predicateRows, stringRows, listRows, signalRows].flat(),
      raw: [...listRawRows, ...signalRawRows],
      onRaise: uncaught,
    },
    ...(o.extensions ?? []),
  ]
  const forms = new Map<string, Form>()
  const markup = new Map<string, Form>()
  const prims = new Map<string, Prim>()
  let onRaise = uncaught
  for (const x of extensions) {
    for (const [name, form] of x.forms ?? []) forms.set(name, form)
    for (const [name, form] of x.markup ?? []) markup.set(name, form)
    for (const row of x.primitives ?? []) prims.set(row[0], primitive(row))
    for (const row of x.raw ?? []) prims.set(row[0], primitive(row, true))
    onRaise = x.onRaise ?? onRaise
  }

  const top = (home: Home, names: readonly string[] = []): Scope => ({
    names: ['', ...names],
    parent: undefined,
    home,
  })

  const compileNode = (node: GroupedNode, home: Home): { value: unknown } | Code => {
    const { id } = home
    if (node.kind === 'component' || node.kind === 'island') {
      const p = parseParams(node.params, `the component ${id}`)
      let body: Code | undefined
      const lazy = code(2, (env, m) => {
        body ??= started(compiler.body(node.body, child(p.names, top(home)), true))
        return body(env, m)
      })
      return { value: new Component(id, node.kind === 'island', p, lazy, [null, id]) }
    }
    if (node.kind === 'value') {
      const c = compiler.value(node.body, top(home))
      const head = isList(node.body) ? node.body[0] : undefined
      // A function is there without evaluation.
      return head instanceof Sym && (head.name === 'fn' || head.name === 'lambda')
        ? { value: c([null, id], undefined as unknown as Machine) }
        : c
    }
    throw new SxError('eval-unsupported', `a ${node.kind} can't be evaluated`, { definition: id })
  }

  const cells = createCells({ definitions: o.definitions, names: o.names, compile: compileNode })
  const compiler = createCompiler({ cells, forms, markup, prims, fast, render: renderForm })
  const root: Home = { id: '' }
  const compiled = new WeakMap<object, { readonly key: string; readonly code: Code }>()

  /** Forms that come again (a page's body) are compiled once. */
  const codeOf = (form: Value, names: readonly string[], asMarkup: boolean): Code => {
    const key = `${asMarkup} ${names.join(' ')}`
    const object = form !== null && typeof form === 'object' ? form : undefined
    const found = object && compiled.get(object)
    if (found?.key === key) return found.code
    const body = compiler.body([form], top(root, names), asMarkup)
    const c = asMarkup ? started(body) : body
    if (object) compiled.set(object, { key, code: c })
    return c
  }

  const doing = (step: (m: Machine) => unknown, own: Limits = limits): Machine => {
    const m = new Machine(own, o.now, onRaise)
    m.go(
      code(2, () => step(m)),
      [null, ''],
    )
    return m
  }

  const machine: CoreParts['machine'] = (form, scope, sink, options) => {
    const names = scope ? [...scope.keys()] : []
    // Compiling is a step of the machine's, so that what it throws says where it was too.
    const m = doing(() =>
      m.go(codeOf(form, names, sink !== undefined), [null, '', ...(scope?.values() ?? [])] as Env),
    )
    if (sink) m.sink = sink
    m.url = options?.url
    m.host = options?.host
    return m
  }

  const load = async ({ waiting }: Machine): Promise<void> => {
    if (waiting === undefined) return
    if (typeof waiting !== 'string') return waiting.done
    await o.definitions.load(waiting)
    if (o.definitions.find(waiting) === undefined)
      throw new SxError('block-not-found', 'a definition was loaded and is still not there', { cid: waiting })
  }

  const drive = async (m: Machine): Promise<unknown> => {
    for (;;) {
      const v = m.run()
      if (v !== PAUSED) return v
      await load(m)
    }
  }

  return {
    limits,
    machine,
    doing,
    drive,
    load,
    closure: (params, body, label) => new Fn(compiler.lambda(params, body, top(root), label), [null, label]),
    evaluate: async (form, scope, options) => drive(machine(form, scope, undefined, options)),
    apply: async (f, args) => drive(doing(m => apply(m, f, [...args]))),
    async renderTo(sink, form, scope, options) {
      const m = machine(form, scope, sink, options)
      await drive(m)
      return m
    },
    forget: () => cells.forget(),
  }
}
