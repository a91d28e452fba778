// The whole runtime: the core with all extensions, HTML text, and macros. What a server and a build use.
import { SxError } from '../errors.ts'
import type { GroupedNode, WasmNode } from '../ipld/kinds.ts'
import type { Trust } from '../ipld/trust.ts'
import { Keyword, type List, Ref, type Value } from '../lang/values.ts'
import type { Definitions } from './cell.ts'
import type { Code, Env } from './code.ts'
import { isGuarded } from './control.ts'
import { type Core, createCore, type Names, type RenderedParts, type RenderOptions } from './core.ts'
import { extensions } from './extensions.ts'
import { fast } from './fast.ts'
import { foreignComponents } from './foreign.ts'
import type { Extension } from './form.ts'
import { createHtmlSink } from './html.ts'
import { type Lookup, lookupWords } from './lookup.ts'
import { type HeadElement, type Limits, type Machine, PAUSED } from './machine.ts'
import { createNamedCells, type NamedCells } from './names.ts'
import { bindArgs } from './params.ts'
import { randomInt } from './primitives/rare-numbers.ts'
import type { Row } from './primitives/table.ts'
import { Traced, uncaught } from './trace.ts'
import type { Fn, RuntimeValue } from './values.ts'
import { type Compile, wasm } from './wasm.ts'
import { createWire, type Wire, type WireOptions, type WireRenderer } from './wire.ts'

export type { Definitions, HeadElement, Limits, RenderedParts, RenderOptions, RuntimeValue }

export interface RuntimeOptions
  extends Pick<WireOptions, 'definitions' | 'limits' | 'extensions' | 'sha256' | 'rest'> {
  /** milliseconds, for the time limit; without it only steps, depth and output are limited */
  readonly now?: () => number
  /** build time: what a Ref means before it has a CID */
  readonly names?: (ref: Ref) => GroupedNode | undefined
  /** the verified bytes of a WebAssembly module; without it there is none */
  readonly wasm?: (node: WasmNode) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>
  /** what `lookup` and `eval` ask where an evaluation brings no host of its own */
  readonly lookup?: Lookup
  /** how far the publisher of a definition is trusted; undefined: it is the site's own */
  readonly trust?: (id: string) => Trust | undefined
  /** hears what a definition of another publisher was not allowed to write */
  readonly leftOut?: (id: string, what: ReadonlySet<string>) => void
  /** further primitives (those that need reader or printer), or others for a name */
  readonly primitives?: readonly Row[]
  /** an integer from low to high, for random-int; without it random-int is refused */
  readonly random?: (low: number, high: number) => number
}

export interface Rendered extends RenderedParts {
  readonly html: string
}

/** Throws as Core does. */
export interface Runtime extends Core {
  evaluateSync(form: Value, scope?: Names, o?: RenderOptions): RuntimeValue
  /** Calls a function that has no cell (`params` and `body` as in a node) with values. */
  call(
    node: { readonly params: List; readonly body: List },
    args: readonly RuntimeValue[],
  ): Promise<RuntimeValue>
  /** Runs a macro's body over unevaluated forms; pure, in 200,000 steps (`macro-limit`). The result is a form. */
  callMacro(macro: { readonly name: string; readonly params: List; readonly body: List }, args: List): Value
  renderHtml(form: Value, scope?: Names, o?: RenderOptions): Promise<Rendered>
  renderHtmlSync(form: Value, scope?: Names, o?: RenderOptions): Rendered
  /** SX text in which components and islands stay calls by link; the rest is evaluated. `url` means nothing here. */
  renderWire(form: Value, scope?: Names, o?: RenderOptions): Promise<Wire>
  /** The same in pieces of about 16 KB, made as they are asked for. Returns the rest of Rendered. */
  streamHtml(form: Value, scope?: Names, o?: RenderOptions): AsyncGenerator<string, RenderedParts>
  /** Forgets definitions that came by name: the sources have changed. */
  forget(): void
}

const macroSteps = 200_000
const slice = 1000
const chunk = 16_384

const driveSync = (m: Machine): unknown => {
  const v = m.run()
  if (v !== PAUSED) return v
  if (typeof m.waiting === 'object')
    throw new SxError(
      'eval-unsupported',
      `${m.waiting.word} has to wait for its answer, and this evaluation can't`,
      {
        word: m.waiting.word,
        hint: 'Use evaluate or renderHtml.',
      },
    )
  throw new SxError('block-not-found', "a definition is not loaded, and this evaluation can't wait for it", {
    cid: m.waiting,
    hint: 'Load it first, or use evaluate or renderHtml.',
  })
}

/** Each module compiled once, when first needed. */
const compileNow = (bytesOf: NonNullable<RuntimeOptions['wasm']>): Compile => {
  const modules = new Map<string, ReturnType<Compile>>()
  return node => {
    const { cid } = node.bytes
    const compiled = (bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module => {
      try {
        const module = new WebAssembly.Module(bytes)
        modules.set(cid, module)
        return module
      } catch (error) {
        const why = (error as Error).message
        throw new SxError('wasm-invalid', `the module ${cid} does not compile: ${why}`, { cid }, error)
      }
    }
    const known = modules.get(cid)
    if (known !== undefined) return known
    const bytes = bytesOf(node)
    if (!(bytes instanceof Promise)) return compiled(bytes)
    const later = bytes.then(compiled).catch(error => {
      modules.delete(cid)
      throw error
    })
    modules.set(cid, later)
    return later
  }
}

export const createRuntime = (o: RuntimeOptions): Runtime => {
  const named: NamedCells[] = []
  /** Each core keeps its own code: the same form means other code in another core. */
  const keeping = (): Pick<WireOptions, 'extensions' | 'keep'> => {
    let own: NamedCells | undefined
    const refer: Extension['refer'] = (form, { compile }) => {
      if (!(form instanceof Ref)) return undefined
      if (own === undefined) {
        own = createNamedCells(o.names ?? (() => undefined), compile)
        named.push(own)
      }
      return own.refer(form)
    }
    const compiled = new WeakMap<object, { readonly key: string; readonly code: Code }>()
    return {
      extensions: [
        { onRaise: uncaught, refer },
        ...Object.values({ ...extensions, ...(o.wasm && { wasm: wasm(compileNow(o.wasm)) }) }),
        { primitives: [...(o.random ? [randomInt(o.random)] : []), ...(o.primitives ?? [])] },
        ...(o.lookup ? [lookupWords(o.lookup)] : []),
        ...(o.trust ? [foreignComponents(o.trust, o.leftOut)] : []),
        ...(o.extensions ?? []),
      ],
      // Forms that come again (a page's body) are compiled once.
      keep: (form, key, make) => {
        if (form === null || typeof form !== 'object') return make()
        const found = compiled.get(form)
        if (found?.key === key) return found.code
        const code = make()
        compiled.set(form, { key, code })
        return code
      },
    }
  }
  const options: WireOptions = {
    ...o,
    ...(o.now && { limits: { ...o.limits, now: o.now } }),
    fast,
    machine: Traced,
  }
  const core = createCore({ ...options, ...keeping() })
  let wire: WireRenderer | undefined
  const macros = new WeakMap<List, Fn>()
  const { evaluate, apply, renderTo } = core

  return {
    evaluate,
    apply,
    renderTo,
    forget: () => {
      for (const cells of named) cells.forget()
    },
    evaluateSync: (form, scope, options) => driveSync(core.machine(form, scope, undefined, options)),
    call: async (node, args) => {
      const f = core.closure(node.params, node.body, 'fn')
      return core.drive(core.doing(m => m.go(f.s.code, bindArgs(f.s, f.e, args))))
    },
    callMacro(macro, args) {
      const f = macros.get(macro.body) ?? core.closure(macro.params, macro.body, macro.name)
      macros.set(macro.body, f)
      const own = { ...core.limits, steps: Math.min(core.limits.steps, macroSteps) }
      try {
        return driveSync(core.doing(m => m.go(f.s.code, bindMacro(f, args)), own)) as Value
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
      const { head, islands } = await renderTo(sink, form, scope, options)
      return { html: sink.take(), head, islands }
    },
    renderHtmlSync(form, scope, options) {
      const sink = createHtmlSink()
      const m = core.machine(form, scope, sink, options)
      driveSync(m)
      return { html: sink.take(), head: m.head, islands: m.islands }
    },
    renderWire: (form, scope, given) =>
      (wire ??= createWire({ ...options, ...keeping() })).render(form, scope, given),
    async *streamHtml(form, scope, options) {
      const sink = createHtmlSink()
      const m = core.machine(form, scope, sink, options)
      for (;;) {
        const v = m.run(slice)
        if (v !== PAUSED) break
        if (sink.waiting() >= chunk && !m.multi && !isGuarded(m)) yield sink.take()
        await core.load(m)
      }
      if (sink.waiting() > 0) yield sink.take()
      return { head: m.head, islands: m.islands }
    },
  }
}

/** Operands of a macro as written: with `&key` parameters, a keyword and the form after it belong together. */
const bindMacro = ({ s, e }: Fn, args: List): Env => {
  if (!s.keys) return bindArgs(s, e, args)
  const values: Value[] = []
  const keys: (string | undefined)[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    const key = arg instanceof Keyword && s.keys.has(arg.name) && i + 1 < args.length ? arg.name : undefined
    keys.push(key)
    values.push(key === undefined ? arg : args[++i]!)
  }
  return bindArgs(s, e, values, keys)
}
