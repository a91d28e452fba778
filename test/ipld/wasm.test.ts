import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import type { WasmPort } from '../../src/ipld/kinds.ts'
import { readWasm, whyNotCalled } from '../../src/ipld/wasm.ts'
import { compileWasm } from '../support/wasm-module.ts'

const text = (name: string): number[] => {
  const bytes = [...new TextEncoder().encode(name)]
  return [bytes.length, ...bytes]
}
const section = (id: number, ...body: number[]): number[] => [id, body.length, ...body]
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const types = section(1, 1, 0x60, 0, 0)
const imports = section(
  2,
  4,
  ...[...text('env'), ...text('now'), 0, 0],
  ...[...text('env'), ...text('table'), 1, 0x70, 1, 1, 10],
  ...[...text('ünï'), ...text(''), 2, 0, 1],
  ...[...text('env'), ...text('g'), 3, 0x7f, 0],
)
const exports_ = section(
  7,
  3,
  ...[...text('run'), 0, 0],
  ...[...text('memory'), 2, 0],
  ...[...text('g'), 3, 0],
)
const custom = section(0, ...text('name'), 1, 2, 3)
const module_ = Uint8Array.from([
  ...header,
  ...custom,
  ...types,
  ...imports,
  ...custom,
  ...exports_,
  ...custom,
])

const refusal = (bytes: Iterable<number>): string => {
  try {
    readWasm(Uint8Array.from(bytes))
  } catch (error) {
    if (error instanceof SxError) return error.code
    throw error
  }
  return 'none'
}

describe('a WebAssembly module', () => {
  it("has the imports and exports that the platform's own reader finds", () => {
    const compiled = new WebAssembly.Module(module_)
    const { imports: found, exports: offered } = readWasm(module_)
    const plain = (ports: { module?: string; name: string; kind: string }[]) =>
      ports.map(({ kind, ...port }) => ({ ...port, type: kind }))
    // Engines don't tell signatures.
    const unsigned = (ports: readonly WasmPort[]) => ports.map(({ params: _, results: __, ...port }) => port)
    expect(unsigned(found)).toEqual(plain(WebAssembly.Module.imports(compiled)))
    expect(unsigned(offered)).toEqual(plain(WebAssembly.Module.exports(compiled)))
    expect(found.map(port => port.type)).toEqual(['function', 'table', 'memory', 'global'])
  })

  it('may be empty', () => {
    expect(readWasm(Uint8Array.from(header))).toEqual({ imports: [], exports: [] })
  })

  it.each<[string, number[]]>([
    ['nothing', []],
    ['text', [...new TextEncoder().encode('hello world')]],
    ['another version', [...header.slice(0, 4), 13, 0, 1, 0]],
    ['a section beyond the end', [...header, 1, 50]],
    ['an unknown section', [...header, ...section(20)]],
    ['sections out of order', [...header, ...exports_, ...imports]],
    ['a repeated section', [...header, ...types, ...types]],
    ['a section longer than what it holds', [...header, ...section(7, 0, 0)]],
    ['a section shorter than what it holds', [...header, ...section(7, 1, 3, 97)]],
    ['a count that no bytes could hold', [...header, ...section(2, 0xff, 0xff, 0xff, 0xff, 0x0f)]],
    ['a count over 32 bits', [...header, ...section(2, 0xff, 0xff, 0xff, 0xff, 0x1f)]],
    ['a number that does not end', [...header, ...section(2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00)]],
    ['a name that is not UTF-8', [...header, ...section(7, 1, 1, 0xff, 0, 0)]],
    ['an unknown kind of export', [...header, ...section(7, 1, ...text('a'), 9, 0)]],
    ['a tag', [...header, ...section(7, 1, ...text('a'), 4, 0)]],
    ['an unknown type of global', [...header, ...section(2, 1, ...text('a'), ...text('b'), 3, 0x40, 0)]],
    ['unknown mutability', [...header, ...section(2, 1, ...text('a'), ...text('b'), 3, 0x7f, 2)]],
    ['unknown limits', [...header, ...section(2, 1, ...text('a'), ...text('b'), 2, 9, 1)]],
    ['two exports of one name', [...header, ...section(7, 2, ...text('a'), 0, 0, ...text('a'), 0, 0)]],
    ['a custom section without a name', [...header, ...section(0)]],
  ])('is refused as invalid: %s', (_, bytes) => {
    expect(refusal(bytes)).toBe('wasm-invalid')
  })

  it('is refused cut off anywhere inside a section, and never with another exception', () => {
    for (let end = 0; end < module_.length; end++)
      expect(refusal(module_.subarray(0, end))).toMatch(/none|wasm-invalid/)
    fc.assert(
      fc.property(fc.nat({ max: module_.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const lie = module_.slice()
        lie[at] = byte
        expect(refusal(lie)).toMatch(/none|wasm-invalid/)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        expect(refusal([...header, ...bytes])).toMatch(/none|wasm-invalid/)
      }),
    )
  })
})

describe('signatures', () => {
  it('are those of the source, imported functions counted first', async () => {
    const { imports, exports, memory } = readWasm(
      await compileWasm(
        `@external("env", "f") declare function f(a: i32): f64
export function g(a: f32, b: i64): void { f(i32(a)) }
export function h(): u32 { return 1 }`,
        ['--initialMemory', '2', '--maximumMemory', '9'],
      ),
    )
    expect(imports).toEqual([
      { module: 'env', name: 'f', type: 'function', params: ['i32'], results: ['f64'] },
    ])
    expect(exports).toEqual([
      { name: 'g', type: 'function', params: ['f32', 'i64'], results: [] },
      { name: 'h', type: 'function', params: [], results: ['i32'] },
      { name: 'memory', type: 'memory' },
    ])
    expect(memory).toEqual({ least: 2, most: 9 })
  })

  it('are left out where a function takes or gives no numbers, and where types are of another sort', () => {
    const exported = section(7, 1, ...text('f'), 0, 0)
    const taking = (type: number[]): unknown =>
      readWasm(Uint8Array.from([...header, ...section(1, 1, ...type), ...section(3, 1, 0), ...exported]))
        .exports
    expect(taking([0x60, 1, 0x7f, 0])).toEqual([
      { name: 'f', type: 'function', params: ['i32'], results: [] },
    ])
    for (const type of [
      [0x60, 1, 0x7b, 0],
      [0x60, 0, 1, 0x6f],
      [0x5f, 0],
    ])
      expect(taking(type)).toEqual([{ name: 'f', type: 'function' }])
  })

  it('of counts beyond the module are refused', () => {
    for (const sections of [
      section(1, 5, 0x60),
      section(1, 1, 0x60, 9),
      section(3, 200, 1),
      section(5, 3, 0, 1),
    ])
      expect(refusal([...header, ...sections])).toBe('wasm-invalid')
  })
})

describe('a module that SX can call', () => {
  const shape = { imports: [], exports: [], memory: undefined }
  it.each([
    [
      { ...shape, imports: [{ module: 'env', name: 'abort', type: 'function' as const }] },
      1,
      /imports env.abort/,
    ],
    [shape, 9 << 20, /bytes/],
    [{ ...shape, memory: { least: 1, most: Number.POSITIVE_INFINITY } }, 1, /without bound/],
    [{ ...shape, memory: { least: 1, most: 1025 } }, 1, /1025 pages/],
  ])('is not one that %j', (one, size, why) => {
    expect(whyNotCalled(one, size)?.why).toMatch(why)
    expect(whyNotCalled(shape, 8 << 20)).toBeUndefined()
    expect(whyNotCalled({ ...shape, memory: { least: 1, most: 1024 } }, 1)).toBeUndefined()
  })
})
