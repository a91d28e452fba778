// WebAssembly modules: an export is a function of numbers; `foreign` makes one of it that takes and gives texts, bytes and
// truth too. Each call has an instance of its own, so that nothing lives on: what a call gives depends on its arguments
// alone.
import { SxError } from '../errors.ts'
import type { WasmNode, WasmPort, WasmType } from '../ipld/kinds.ts'
import { ExportLink } from '../lang/values.ts'
import type { CellTools, Opened } from './cell.ts'
import type { Code } from './code.ts'
import type { Extension } from './form.ts'
import { openExport } from './library.ts'
import { Wait } from './machine.ts'
import { brief, exceeded, fail, made, Prim, spend } from './values.ts'

/** Compiles a module's verified bytes, once; a promise where that takes time. */
export type Compile = (node: WasmNode) => WebAssembly.Module | Promise<WebAssembly.Module>

/** 64 MiB */
const MOST_MEMORY = 64 << 20

const number = (name: string, type: WasmType, v: unknown): number | bigint => {
  const whole = type[0] === 'i'
  if (typeof v !== 'number' || (whole && !Number.isInteger(v)))
    return fail(`${name} takes ${whole ? 'an integer' : 'a number'}, not ${brief(v)}`)
  if (type === 'i64') return BigInt(v)
  if (type === 'i32' && (v < -(2 ** 31) || v >= 2 ** 32))
    fail(`${name} takes an integer of 32 bits, not ${v}`)
  return v
}

/** What SX can hold of a number: finite, and exact where it is whole. */
const back = (name: string, v: unknown): number | null => {
  if (v === undefined) return null
  const n = Number(v)
  if (Number.isFinite(n) && (!Number.isInteger(n) || Number.isSafeInteger(n))) return n + 0
  return fail(`${name} gave ${v}, which is no number of SX`)
}

interface Instance {
  readonly memory?: WebAssembly.Memory
  readonly alloc?: (size: number) => number
  readonly [name: string]: unknown
}

const utf8 = new TextEncoder()
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const memoryOf = (name: string, { memory }: Instance): Uint8Array =>
  memory instanceof WebAssembly.Memory
    ? new Uint8Array(memory.buffer)
    : fail(`the module of ${name} exports no memory, where texts could cross`)

const write = (name: string, instance: Instance, bytes: Uint8Array): readonly [number, number] => {
  if (typeof instance.alloc !== 'function')
    return fail(`the module of ${name} exports no alloc, where texts could be put`)
  const at = Number(instance.alloc(bytes.length)) >>> 0
  const memory = memoryOf(name, instance)
  if (at + bytes.length > memory.length) fail(`alloc of ${name} gave a place outside of its memory`)
  memory.set(bytes, at)
  return [at, bytes.length]
}

const bytesOf = (name: string, v: unknown): Uint8Array =>
  Array.isArray(v) && v.every(byte => Number.isInteger(byte) && byte >= 0 && byte < 256)
    ? Uint8Array.from(v as number[])
    : fail(`${name} takes a list of bytes, 0 to 255, not ${brief(v)}`)

/** What crosses as what: a parameter's numbers, and how a value becomes them. */
const params: Record<
  string,
  {
    readonly takes: number
    readonly give: (
      name: string,
      instance: Instance,
      v: unknown,
      type: WasmType,
    ) => readonly (number | bigint)[]
  }
> = {
  number: { takes: 1, give: (name, _instance, v, type) => [number(name, type, v)] },
  boolean: {
    takes: 1,
    give: (name, _instance, v, type) =>
      typeof v === 'boolean' ? [number(name, type, +v)] : fail(`${name} takes a boolean, not ${brief(v)}`),
  },
  string: {
    takes: 2,
    give: (name, instance, v) =>
      typeof v === 'string'
        ? write(name, instance, utf8.encode(v))
        : fail(`${name} takes a string, not ${brief(v)}`),
  },
  bytes: { takes: 2, give: (name, instance, v) => write(name, instance, bytesOf(name, v)) },
}

/** The bytes that a result names: its place in the upper 32 bits, how many in the lower. */
const region = (name: string, instance: Instance, v: unknown): Uint8Array => {
  const both = BigInt.asUintN(64, v as bigint)
  const at = Number(both >> 32n)
  const size = Number(both & 0xffff_ffffn)
  const memory = memoryOf(name, instance)
  if (at + size > memory.length) fail(`${name} gave bytes outside of its memory`)
  return memory.slice(at, at + size)
}

const text = (name: string, bytes: Uint8Array): string => {
  try {
    return strict.decode(bytes)
  } catch {
    return fail(`${name} gave a text that is not UTF-8`)
  }
}

const results: Record<
  string,
  { readonly of: string; readonly take: (name: string, instance: Instance, v: unknown) => unknown }
> = {
  number: { of: 'i32 i64 f32 f64', take: (name, _instance, v) => back(name, v) },
  boolean: { of: 'i32', take: (_name, _instance, v) => v !== 0 },
  string: { of: 'i64', take: (name, instance, v) => text(name, region(name, instance, v)) },
  bytes: { of: 'i64', take: (name, instance, v) => [...region(name, instance, v)] },
  nil: { of: '', take: () => null },
}

/** A function of a module, with what crosses at each place. */
class Foreign extends Prim {
  readonly module: WebAssembly.Module
  readonly port: WasmPort
  constructor(module: WebAssembly.Module, port: WasmPort, types: readonly string[], result: string) {
    // Its name is no word of the language.
    super(
      `#${port.name}`,
      ((...args: unknown[]) => call(module, port, types, result, args)) as never,
      types.length,
      types.length,
    )
    this.module = module
    this.port = port
  }
}

const call = (
  module: WebAssembly.Module,
  { name, params: wanted }: WasmPort,
  types: readonly string[],
  result: string,
  args: readonly unknown[],
): unknown => {
  let instance: Instance
  let found: unknown
  try {
    instance = new WebAssembly.Instance(module).exports as Instance
    const given: (number | bigint)[] = []
    types.forEach((type, i) => {
      given.push(...params[type]!.give(name, instance, args[i], wanted![given.length]!))
    })
    found = (instance[name] as (...numbers: (number | bigint)[]) => unknown)(...given)
  } catch (error) {
    if (error instanceof SxError) throw error
    // A trap, a stack that is full, or no memory: of this instance, which nobody sees again.
    throw new SxError('eval-failed', `${name} failed: ${(error as Error).message}`, { name }, error)
  }
  const { memory } = instance
  const size = memory instanceof WebAssembly.Memory ? memory.buffer.byteLength : 0
  if (size > MOST_MEMORY) exceeded('memory of a WebAssembly module', MOST_MEMORY)
  // It is gone with the call, yet somebody had to clear it.
  spend(size / 64)
  return made(results[result]!.take(name, instance, found))
}

/** `(foreign f types result)`: f with other types at its places than numbers. */
const foreign = (f: unknown, given: readonly unknown[], result: unknown): Foreign => {
  if (!(f instanceof Foreign))
    return fail(`foreign takes a function of a WebAssembly module, not ${brief(f)}`)
  const { module, port } = f
  const wanted = port.params!
  const types = given.map(type =>
    typeof type === 'string' && Object.hasOwn(params, type)
      ? type
      : fail(`${brief(type)} is no type that ${port.name} could take: number boolean string bytes`),
  )
  const places = types.flatMap(type => Array<string>(params[type]!.takes).fill(type))
  if (
    places.length !== wanted.length ||
    places.some((type, i) => params[type]!.takes > 1 && wanted[i] !== 'i32')
  )
    fail(`${port.name} takes (${wanted.join(' ')}), which (${types.join(' ')}) does not become`)
  if (typeof result !== 'string' || !Object.hasOwn(results, result))
    return fail(`${brief(result)} is no type that ${port.name} could give: number boolean string bytes nil`)
  if (!results[result]!.of.split(' ').includes(port.results!.join(' ')))
    fail(`${port.name} gives (${port.results!.join(' ')}), which is no ${result}`)
  return new Foreign(module, port, types, result)
}

const open = (node: WasmNode, name: string, compile: Compile): Opened => {
  const port = node.exports.find(one => one.name === name && one.params)
  if (!port) return fail(`this module has no function ${name} of numbers`)
  const module = compile(node)
  if (module instanceof Promise) throw new Wait({ word: name, done: module.then(() => {}) })
  // The node says what the bytes hold; whoever made it is not believed.
  if (WebAssembly.Module.imports(module).length > 0)
    fail(`the module of ${name} needs imports, and is given none`)
  const { length } = port.params!
  return {
    value: new Foreign(
      module,
      port,
      Array<string>(length).fill('number'),
      port.results!.length === 1 ? 'number' : 'nil',
    ),
  }
}

/** What `library` does too: an export may be one or the other, which only its block says. */
export const wasm = (compile: Compile): Extension => {
  const exported = (cid: string, name: string, tools: CellTools): Code =>
    tools.cellOf(`${cid}#${name}`, () => {
      const node = tools.find(cid)
      return node.kind === 'wasm' ? open(node, name, compile) : openExport(node, cid, name, tools)
    })
  return {
    primitives: [['foreign', 'als', foreign as never]],
    refer: (form, tools) => (form instanceof ExportLink ? exported(form.cid, form.export, tools) : undefined),
  }
}
