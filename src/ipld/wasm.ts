// The imports and exports of a WebAssembly module, read from its bytes (WebAssembly core specification, §5.5): no engine is needed.
import { SxError } from '../errors.ts'
import type { WasmPort } from './kinds.ts'

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
  return { fail, byte, leb, skip, name, done: () => at === to, at: () => at }
}
type Cursor = ReturnType<typeof createCursor>

const portType = (cursor: Cursor, code: number): WasmPort['type'] =>
  portTypes[code] ??
  cursor.fail(code === 4 ? 'tags (exceptions) are not supported here' : `unknown kind ${code}`)

/** A value or reference type (§5.3); long references carry a heap type, a signed LEB128 of 33 bits. */
const skipValueType = (cursor: Cursor): void => {
  const code = cursor.byte()
  if (code === 0x63 || code === 0x64) {
    let more = true
    for (let i = 0; more && i < 5; i++) more = cursor.byte() > 127
    if (more) cursor.fail('a heap type that is too long')
  } else if (code < 0x69 || code > 0x7f) cursor.fail(`unknown type 0x${code.toString(16)}`)
}
/** Limits (§5.3.9): bit 0 a maximum follows, bit 1 shared, bit 2 64-bit addresses. */
const skipLimits = (cursor: Cursor): void => {
  const flags = cursor.byte()
  if (flags > 7) cursor.fail(`unknown limits 0x${flags.toString(16)}`)
  const bits = flags & 4 ? 64 : 32
  cursor.leb(bits)
  if (flags & 1) cursor.leb(bits)
}
const skipDescription = (cursor: Cursor, type: WasmPort['type']): void => {
  if (type === 'function') cursor.leb(32)
  else if (type === 'memory') skipLimits(cursor)
  else {
    skipValueType(cursor)
    if (type === 'table') skipLimits(cursor)
    else if (cursor.byte() > 1) cursor.fail('unknown mutability')
  }
}

const readPorts = (cursor: Cursor, read: () => WasmPort): WasmPort[] => {
  const count = cursor.leb(32)
  if (count > MAX_PORTS) cursor.fail(`more than ${MAX_PORTS} imports or exports`)
  const ports: WasmPort[] = []
  while (ports.length < count) ports.push(read())
  if (!cursor.done()) cursor.fail('a section that is longer than what it holds')
  return ports
}
const readImport = (cursor: Cursor): WasmPort => {
  const module = cursor.name()
  const name = cursor.name()
  const type = portType(cursor, cursor.byte())
  skipDescription(cursor, type)
  return { module, name, type }
}
const readExport = (cursor: Cursor): WasmPort => {
  const name = cursor.name()
  const type = portType(cursor, cursor.byte())
  cursor.leb(32)
  return { name, type }
}

/**
 * What a module needs and offers, in its own order. Code is not validated: whoever compiles it does that. Throws 'wasm-invalid'
 * for what is no module, for sections out of order or of a wrong length, for two exports of one name, and for tags.
 */
export const readWasm = (
  bytes: Uint8Array,
): { imports: readonly WasmPort[]; exports: readonly WasmPort[] } => {
  const file = createCursor(bytes, 0, bytes.length)
  for (const wanted of [0, 0x61, 0x73, 0x6d])
    if (file.byte() !== wanted) file.fail('it does not begin with \\0asm')
  for (const wanted of [1, 0, 0, 0]) if (file.byte() !== wanted) file.fail('only version 1 is read')
  let imports: readonly WasmPort[] = []
  let exports: readonly WasmPort[] = []
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
    if (id === 2) imports = readPorts(section, () => readImport(section))
    else if (id === 7) exports = readPorts(section, () => readExport(section))
  }
  if (new Set(exports.map(port => port.name)).size < exports.length) file.fail('two exports have one name')
  return { imports, exports }
}
