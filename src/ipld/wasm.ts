// What a WebAssembly module needs and offers, read from its bytes (WebAssembly core specification, §5.5): no engine is needed.
import { SxError } from '../errors.ts'
import type { WasmPort, WasmType } from './kinds.ts'

/** At most this many imports, and as many exports (the limit of the JavaScript interface, §10 of that specification). */
export const MAX_PORTS = 100_000

const portTypes = ['function', 'table', 'memory', 'global'] as const
// Sections come in this order, custom ones (0) anywhere (§5.5.16): data count stands before code, tags before globals.
const order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const createCursor = (bytes: Uint8Array, from: number, to: number) => {
  let at = from
  const fail = (why: string): never => {
    throw new SxError('wasm-invalid', `not a WebAssembly module: ${why}, at byte ${at}`, { at })
  }
  const byte = (): number => (at < to ? (bytes[at++] as number) : fail('it ends early'))
  /** unsigned LEB128 of at most `bits` bits (§5.2.2) */
  const leb = (bits: number): number => {
    let value = 0
    for (let shift = 0; shift < bits; shift += 7) {
      const next = byte()
      const left = bits - shift
      if (left < 7 && (next & 127) >= 2 ** left) fail('a number that is too large')
      value += (next & 127) * 2 ** shift
      if (next < 128) return value
    }
    return fail('a number that is too long')
  }
  const skip = (count: number): number => {
    if (count > to - at) fail('a length beyond its end')
    at += count
    return at - count
  }
  const name = (): string => {
    const length = leb(32)
    const start = skip(length)
    try {
      return utf8.decode(bytes.subarray(start, start + length))
    } catch {
      return fail('a name that is not UTF-8')
    }
  }
  return { fail, byte, leb, skip, name, done: () => at === to, left: () => to - at }
}
type Cursor = ReturnType<typeof createCursor>

const portType = (cursor: Cursor, code: number): WasmPort['type'] =>
  portTypes[code] ??
  cursor.fail(code === 4 ? 'tags (exceptions) are not supported here' : `unknown kind ${code}`)

/** A type that SX can't hand over, or take. */
const foreign = 'other'
const numbers = new Map<number, WasmType>([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
])
type Signature = { readonly params: readonly WasmType[]; readonly results: readonly WasmType[] }

/** A value or reference type (§5.3); long references carry a heap type, a signed LEB128 of 33 bits. */
const valueType = (cursor: Cursor): WasmType | typeof foreign => {
  const code = cursor.byte()
  if (code === 0x63 || code === 0x64) {
    let more = true
    for (let i = 0; more && i < 5; i++) more = cursor.byte() > 127
    if (more) cursor.fail('a heap type that is too long')
  } else if (code < 0x69 || code > 0x7f) cursor.fail(`unknown type 0x${code.toString(16)}`)
  return numbers.get(code) ?? foreign
}
/** Limits (§5.3.9): bit 0 a maximum follows, bit 1 shared, bit 2 64-bit addresses. */
const limits = (cursor: Cursor): { readonly least: number; readonly most: number } => {
  const flags = cursor.byte()
  if (flags > 7) cursor.fail(`unknown limits 0x${flags.toString(16)}`)
  const bits = flags & 4 ? 64 : 32
  const least = cursor.leb(bits)
  return { least, most: flags & 1 ? cursor.leb(bits) : Number.POSITIVE_INFINITY }
}
/** The index of a function's type; of anything else nothing. */
const description = (cursor: Cursor, type: WasmPort['type']): number | undefined => {
  if (type === 'function') return cursor.leb(32)
  if (type === 'memory') limits(cursor)
  else {
    valueType(cursor)
    if (type === 'table') limits(cursor)
    else if (cursor.byte() > 1) cursor.fail('unknown mutability')
  }
  return undefined
}

/** Types of functions (§5.5.4). Where one is of another sort (of the GC proposal) all are unknown: their bytes are not read. */
const readTypes = (cursor: Cursor): (Signature | undefined)[] | undefined => {
  const found: (Signature | undefined)[] = []
  for (let left = bounded(cursor); left > 0; left--) {
    if (cursor.byte() !== 0x60) return undefined
    const types = (): (WasmType | typeof foreign)[] =>
      Array.from({ length: bounded(cursor) }, () => valueType(cursor))
    const params = types()
    const results = types()
    found.push([...params, ...results].includes(foreign) ? undefined : ({ params, results } as Signature))
  }
  if (!cursor.done()) cursor.fail('a section that is longer than what it holds')
  return found
}

/** A count of things that take a byte each at least. */
const bounded = (cursor: Cursor): number => {
  const count = cursor.leb(32)
  return count > cursor.left() ? cursor.fail('a count beyond its end') : count
}

const readPorts = <T>(cursor: Cursor, read: () => T): T[] => {
  const count = cursor.leb(32)
  if (count > MAX_PORTS) cursor.fail(`more than ${MAX_PORTS} imports or exports`)
  const ports: T[] = []
  while (ports.length < count) ports.push(read())
  if (!cursor.done()) cursor.fail('a section that is longer than what it holds')
  return ports
}
/** A port, and a function's index: of its type where it is imported, of itself where it is exported. */
type Indexed = readonly [port: WasmPort, index: number | undefined]

const readImport = (cursor: Cursor): Indexed => {
  const module = cursor.name()
  const name = cursor.name()
  const type = portType(cursor, cursor.byte())
  return [{ module, name, type }, description(cursor, type)]
}
const readExport = (cursor: Cursor): Indexed => {
  const name = cursor.name()
  const type = portType(cursor, cursor.byte())
  const index = cursor.leb(32)
  return [{ name, type }, type === 'function' ? index : undefined]
}

export interface WasmShape {
  readonly imports: readonly WasmPort[]
  readonly exports: readonly WasmPort[]
  /** 64 KiB pages of its own memory; undefined: it has none */
  readonly memory: { readonly least: number; readonly most: number } | undefined
}

/**
 * What a module needs and offers, in its own order, functions of numbers with their signature. Code is not validated: whoever
 * compiles it does that. Throws 'wasm-invalid' for what is no module, for sections out of order or of a wrong length, for two
 * exports of one name, and for tags.
 */
export const readWasm = (bytes: Uint8Array): WasmShape => {
  const file = createCursor(bytes, 0, bytes.length)
  for (const wanted of [0, 0x61, 0x73, 0x6d])
    if (file.byte() !== wanted) file.fail('it does not begin with \\0asm')
  for (const wanted of [1, 0, 0, 0]) if (file.byte() !== wanted) file.fail('only version 1 is read')
  let types: (Signature | undefined)[] | undefined
  let imports: readonly Indexed[] = []
  let exports: readonly Indexed[] = []
  let functions: readonly number[] = []
  let memory: WasmShape['memory']
  let last = -1
  while (!file.done()) {
    const id = file.byte()
    const length = file.leb(32)
    const start = file.skip(length)
    const section = createCursor(bytes, start, start + length)
    if (id === 0) {
      section.name()
      continue
    }
    const place = order.indexOf(id)
    if (place < 0) file.fail(`unknown section ${id}`)
    if (place <= last) file.fail(`section ${id} out of order or repeated`)
    last = place
    if (id === 1) types = readTypes(section)
    else if (id === 2) imports = readPorts(section, () => readImport(section))
    else if (id === 3) functions = Array.from({ length: bounded(section) }, () => section.leb(32))
    else if (id === 5) for (let left = bounded(section); left > 0; left--) memory ??= limits(section)
    else if (id === 7) exports = readPorts(section, () => readExport(section))
  }
  if (new Set(exports.map(([port]) => port.name)).size < exports.length)
    file.fail('two exports have one name')
  // Functions are counted from the imported ones on (§2.5.1).
  const indexes = [
    ...imports.flatMap(([port, index]) => (port.type === 'function' ? [index!] : [])),
    ...functions,
  ]
  const signed = (port: WasmPort, type: number | undefined): WasmPort => ({
    ...port,
    ...(type !== undefined && types?.[type]),
  })
  return {
    imports: imports.map(([port, type]) => signed(port, type)),
    exports: exports.map(([port, index]) => signed(port, index === undefined ? undefined : indexes[index])),
    memory,
  }
}

/** Bytes of a module that can be called: browsers refuse to make an instance of a larger one while others wait. */
const MOST_BYTES = 8 << 20
/** 64 MiB */
const MOST_PAGES = 1024

/** Why SX can't call a module, and what to do; undefined: it can. */
export const whyNotCalled = (
  { imports, memory }: WasmShape,
  size: number,
): { readonly why: string; readonly hint: string } | undefined => {
  const [needed] = imports
  if (needed !== undefined)
    return {
      why: `it imports ${imports
        .map(one => `${one.module}.${one.name}`)
        .slice(0, 5)
        .join(', ')}, and nothing is given to a module`,
      hint: 'build it without imports (AssemblyScript: --use abort=)',
    }
  if (size > MOST_BYTES)
    return { why: `it has ${size} bytes, more than ${MOST_BYTES}`, hint: 'build it for size' }
  if (memory !== undefined && memory.most > MOST_PAGES)
    return {
      why: `its memory may grow ${memory.most === Number.POSITIVE_INFINITY ? 'without bound' : `to ${memory.most} pages`}`,
      hint: `declare a maximum of at most ${MOST_PAGES} pages (AssemblyScript: --maximumMemory, a linker: --max-memory)`,
    }
  return undefined
}
