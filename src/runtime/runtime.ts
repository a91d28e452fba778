// Evaluation and rendering as the rest of the program sees them.
import { SxError } from '../errors.ts'
import type { GroupedNode } from '../ipld/kinds.ts'
import { type List, type Ref, Sym, type Value } from '../lang/values.ts'
import { apply } from './call.ts'
import { createCells, type Definitions } from './cell.ts'
import { type Code, code, type Env, type Home, type Scope } from './code.ts'
import { child, createCompiler } from './compile.ts'
import { onRaise } from './control.ts'
import { started } from './fold.ts'
import { forms } from './forms.ts'
import { createHtmlSink } from './html.ts'
import { defaultLimits, GO, type HeadElement, type Limits, Machine, PAUSED } from './machine.ts'
import { bindArgs, parseParams } from './params.ts'
import { createPrimitives } from './primitives/all.ts'
import { fast } from './primitives/numbers.ts'
import { primitive, type Row } from './primitives/table.ts'
import { renderForm } from './render.ts'
import type { Sink } from './sink.ts'
import { Component, Fn, type RuntimeValue } from './values.ts'

export type { Definitions, HeadElement, Limits, RuntimeValue }

export interface RuntimeOptions {
  readonly definitions: Definitions
  readonly limits?: Partial<Limits>
  /** build time: what a Ref means before it has a CID */
  readonly names?: (ref: Ref) => GroupedNode | undefined
  /** milliseconds, for the time limit; without it only steps, depth and output are limited */
  readonly now?: () => number
  /** further primitives (those that need reader or printer), or others for a name */
  readonly primitives?: readonly Row[]
  /** an integer from low to high, for random-int; without it random-int is refused */
  readonly random?: (low: number, high: number) => number
}

export interface RenderOptions {
  /** what to write for a root-relative URL in an attribute: see url.ts */
  readonly url?: (value: string) => string
}

/** `head`: elements that belong in `<head>`, in order. `islands`: the id of each island, in order, with repeats. */
export interface RenderedParts {
  readonly head: readonly HeadElement[]
  readonly islands: readonly string[]
}

export interface Rendered extends RenderedParts {
  readonly html: string
}

type Names = ReadonlyMap<string, RuntimeValue>

/**
 * All of these throw SxError: eval-failed, eval-unbound, eval-unsupported, eval-limit (with `definition` and `trace`
 * in the detail); whatever loading a definition throws; and, from those that can't wait, block-not-found for a
 * definition that is not loaded.
 */
export interface Runtime {
  evaluate(form: Value, scope?: Names): Promise<RuntimeValue>
  evaluateSync(form: Value, scope?: Names): RuntimeValue
  /** Calls a function or component body that has no cell (`params` and `body` as in a node) with values. */
  call(
    node: { readonly params: List; readonly body: List },
    args: readonly RuntimeValue[],
  ): Promise<RuntimeValue>
  /** Calls a function value that evaluation gave. */
  apply(f: RuntimeValue, args: readonly RuntimeValue[]): Promise<RuntimeValue>
  /** Runs a macro's body over unevaluated forms; pure, in 200,000 steps (`macro-limit`). The result is a form. */
  callMacro(macro: { readonly name: string; readonly params: List; readonly body: List }, args: List): Value
  renderHtml(form: Value, scope?: Names, o?: RenderOptions): Promise<Rendered>
  renderHtmlSync(form: Value, scope?: Names, o?: RenderOptions): Rendered
  /** The same in pieces of about 16 KB, made as they are asked for. Returns the rest of Rendered. */
  streamHtml(form: Value, scope?: Names, o?: RenderOptions): AsyncGenerator<string, RenderedParts>
  /** Renders into any sink. */
  renderTo(sink: Sink, form: Value, scope?: Names, o?: RenderOptions): Promise<RenderedParts>
  /** Forgets definitions that came by name: the sources have changed. */
  forget(): void
}

const macroSteps = 200_000
const slice = 20_000
const chunk = 16_384

const root: Home = { id: '' }

export const createRuntime = (o: RuntimeOptions): Runtime => {
  const limits: Limits = { ...defaultLimits, ...o.limits }
  const prims = createPrimitives()
  const random: Row = [
    'random-int',
    'nn',
    (low: number, high: number) => {
      if (o.random) return o.random(low, high)
      throw new SxError('eval-unsupported', 'random-int has no place in what is built', {
        hint: 'A page is a pure function of its sources: use it in an island.',
      })
    },
  ]
  prims.set('random-int', primitive(random))
  for (const row of o.primitives ?? []) prims.set(row[0], primitive(row))

  const cells = createCells({
    definitions: o.definitions,
    names: o.names,
    compile: (node, home) => compileNode(node, home),
  })
  const compiler = createCompiler({ cells, forms, prims, fast, render: renderForm })

  const top = (home: Home, names: readonly string[] = []): Scope => ({
    names: ['', ...names],
    parent: undefined,
    home,
  })

  function compileNode(node: GroupedNode, home: Home): { value: unknown } | Code {
    const { id } = home
    if (node.kind === 'component' || node.kind === 'island') {
      const p = parseParams(node.params, o.names ? id : `a component (${id.slice(0, 16)}…)`)
      let body: Code | undefined
      const lazy = code(2, (env, m) =>
        (body ??= started(compiler.body(node.body, child(p.names, top(home)), true)))(env, m),
      )
      return { value: new Component(id, node.kind === 'island', p, lazy, [null, id]) }
    }
    if (node.kind === 'value') {
      const c = compiler.value(node.body, top(home))
      const v = c.level === 0 ? c([null, id], undefined as unknown as Machine) : undefined
      return v instanceof Fn ? { value: v } : c
    }
    throw new SxError('eval-unsupported', `a ${node.kind} can't be evaluated`, { definition: id })
  }

  const machine = (own: Limits = limits): Machine => new Machine(own, o.now, onRaise)

  const compiled = new WeakMap<object, { readonly key: string; readonly code: Code }>()

  /** Sets a machine to a form; forms that come again (a page's body) are compiled once. */
  const set = (m: Machine, form: Value, scope: Names | undefined, asMarkup: boolean): void => {
    const names = scope ? [...scope.keys()] : []
    const key = `${asMarkup} ${names.join(' ')}`
    const object = form !== null && typeof form === 'object' ? form : undefined
    const found = object && compiled.get(object)
    let c = found?.key === key ? found.code : undefined
    if (c === undefined) {
      const s = top(root, names)
      c = asMarkup ? started(compiler.body([form], s, true)) : compiler.body([form], s)
      if (object) compiled.set(object, { key, code: c })
    }
    const env: Env = [null, '']
    for (const name of names) env.push(scope!.get(name))
    m.go(c, env)
  }

  const load = async (m: Machine): Promise<void> => {
    const cid = m.waiting
    if (cid === undefined) return
    await o.definitions.load(cid)
    if (o.definitions.find(cid) === undefined)
      throw new SxError('block-not-found', 'a definition was loaded and is still not there', { cid })
  }

  const drive = async (m: Machine): Promise<unknown> => {
    for (;;) {
      const v = m.run()
      if (v !== PAUSED) return v
      await load(m)
    }
  }

  const driveSync = (m: Machine): unknown => {
    const v = m.run()
    if (v !== PAUSED) return v
    throw new SxError(
      'block-not-found',
      "a definition is not loaded, and this evaluation can't wait for it",
      {
        cid: m.waiting,
        hint: 'Load it first, or use evaluate or renderHtml.',
      },
    )
  }

  /** Compiling happens inside the machine's care, so that its errors say where they are too. */
  const ready = (form: Value, scope: Names | undefined, asMarkup: boolean, own?: Limits): Machine => {
    const m = machine(own)
    m.go(
      code(2, () => {
        set(m, form, scope, asMarkup)
        return GO
      }),
      [null, ''],
    )
    return m
  }

  const rendering = (
    sink: Sink,
    form: Value,
    scope: Names | undefined,
    options: RenderOptions | undefined,
  ): Machine => {
    const m = ready(form, scope, true)
    m.sink = sink
    m.url = options?.url
    return m
  }

  const parts = (m: Machine): RenderedParts => ({ head: m.head, islands: m.islands })

  const start = (params: List, body: List, label: string): Fn => {
    const spec = compiler.lambda(params, body, top(root), label)
    return new Fn(spec, [null, label])
  }

  const macros = new WeakMap<List, Fn>()

  return {
    evaluate: async (form, scope) => drive(ready(form, scope, false)),
    evaluateSync: (form, scope) => driveSync(ready(form, scope, false)),
    call: async (node, args) => {
      const f = start(node.params, node.body, '')
      const m = machine()
      m.go(f.s.code, bindArgs(f.s, f.e, args))
      return drive(m)
    },
    apply: async (f, args) => {
      const m = machine()
      m.go(
        code(2, () => apply(m, f, [...args])),
        [null, ''],
      )
      return drive(m)
    },
    callMacro(macro, args) {
      let f = macros.get(macro.body)
      if (f === undefined) macros.set(macro.body, (f = start(macro.params, macro.body, macro.name)))
      const m = machine({ ...limits, steps: Math.min(limits.steps, macroSteps) })
      try {
        const callee = f
        m.go(
          code(2, () => m.go(callee.s.code, bindMacro(callee, args))),
          [null, macro.name],
        )
        return driveSync(m) as Value
      } catch (error) {
        if (error instanceof SxError && error.code === 'eval-limit')
          throw new SxError(
            'macro-limit',
            `the macro ${macro.name} passed a limit: ${error.message}`,
            error.detail,
            error,
          )
        throw error
      }
    },
    async renderHtml(form, scope, options) {
      const sink = createHtmlSink()
      const m = rendering(sink, form, scope, options)
      await drive(m)
      return { html: sink.take(), ...parts(m) }
    },
    renderHtmlSync(form, scope, options) {
      const sink = createHtmlSink()
      const m = rendering(sink, form, scope, options)
      driveSync(m)
      return { html: sink.take(), ...parts(m) }
    },
    async *streamHtml(form, scope, options) {
      const sink = createHtmlSink()
      const m = rendering(sink, form, scope, options)
      for (;;) {
        const v = m.run(slice)
        if (v !== PAUSED) break
        if (sink.waiting() >= chunk) yield sink.take()
        await load(m)
      }
      if (sink.waiting() > 0) yield sink.take()
      return parts(m)
    },
    async renderTo(sink, form, scope, options) {
      const m = rendering(sink, form, scope, options)
      await drive(m)
      return parts(m)
    },
    forget: () => cells.forget(),
  }
}

/** Operands of a macro as written: with `&key` parameters, a keyword and the form after it belong together. */
const bindMacro = (f: Fn, args: List): Env => {
  if (!f.s.keys) return bindArgs(f.s, f.e, args)
  const values: Value[] = []
  const keys: (string | undefined)[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    const name =
      typeof arg === 'object' && arg !== null && 'name' in arg && !(arg instanceof Sym) ? arg.name : undefined
    const known = typeof name === 'string' && f.s.keys.has(name) && i + 1 < args.length
    keys.push(known ? (name as string) : undefined)
    values.push(known ? args[++i]! : arg)
  }
  return bindArgs(f.s, f.e, values, keys)
}
