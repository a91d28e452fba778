// WebAssembly from SX: numbers, texts and bytes go over exactly or not at all, and no call knows of another.
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Node, WasmNode } from '../../src/ipld/kinds.ts'
import { readWasm } from '../../src/ipld/wasm.ts'
import { readOne } from '../../src/lang/reader.ts'
import { ExportLink, isList, Link, Sym, type Value } from '../../src/lang/values.ts'
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts'
import { compileWasm, everything } from '../support/wasm-module.ts'

/** `m.name` is the module's export of that name. */
const form = (text: string): Value => {
  const link = (v: Value): Value =>
    isList(v)
      ? v.map(link)
      : v instanceof Sym && v.name.startsWith('m.')
        ? new ExportLink('m', v.name.slice(2))
        : v
  return link(readOne(text))
}

let bytes: Uint8Array<ArrayBuffer>
let runtime: Runtime
const runtimeOf = (module: Uint8Array<ArrayBuffer>, node: Partial<WasmNode> = {}, limits = {}): Runtime => {
  const { imports, exports } = readWasm(module)
  const nodes: Record<string, Node> = {
    m: { kind: 'wasm', bytes: new Link('b'), size: module.length, imports, exports, ...node },
  }
  return createRuntime({
    definitions: { find: cid => nodes[cid], load: async () => {} },
    wasm: () => module,
    limits,
  })
}
const run = (text: string, scope?: ReadonlyMap<string, unknown>): unknown =>
  runtime.evaluateSync(form(text), scope)
beforeAll(async () => {
  bytes = await compileWasm(everything, ['--use', 'abort=', '--maximumMemory', '2000'])
  runtime = runtimeOf(bytes)
}, 60_000)

describe('a function of a module', () => {
  it.each([
    ['(m.add 2 3)', 5],
    ['(m.add 4294967295 1)', 0],
    ['(m.unsigned 4294967295)', 4294967295],
    ['(m.unsigned -1)', 4294967295],
    ['(m.twice 4503599627370495)', 9007199254740990],
    ['(m.half 5)', 2.5],
    ['(m.over 1 4)', 0.25],
    ['(m.over 0 -4)', 0],
    ['(m.nothing)', null],
    ['(map m.even (list 1 2))', [0, 1]],
    ['(apply m.add (list 1 2))', 3],
    ['(type-of m.add)', 'lambda'],
    ['(= m.add m.add)', true],
    ['((foreign m.even [:number] :boolean) 2)', true],
    ['((foreign m.not [:boolean] :boolean) true)', false],
    ['((foreign m.length [:string] :number) "hé€😀")', 10],
    ['((foreign m.same [:bytes] :bytes) (list 0 255 7))', [0, 255, 7]],
    ['((foreign m.same [:bytes] :string) (list 104 105))', 'hi'],
    ['((foreign m.same [:string] :string) "")', ''],
    ['((foreign m.same [:string] :string) (join "" (map (fn (i) "ü") (range 100000))))', 'ü'.repeat(100_000)],
    ['((foreign m.join [:string :string] :string) "a\u0000" "b")', 'a\u0000b'],
    ['((foreign m.nothing () :nil))', null],
  ])('%s', (text, expected) => {
    expect(run(text)).toEqual(expected)
  })

  it.each([
    ['(m.add 1)', /takes 2 arguments, not 1/],
    ['(m.add 1 "2")', /add takes an integer, not "2"/],
    ['(m.add 1 1.5)', /add takes an integer, not 1.5/],
    ['(m.add 1 4294967296)', /an integer of 32 bits/],
    ['(m.add 1 1/2)', /takes an integer/],
    ['(m.twice 9007199254740991)', /is no number of SX/],
    ['(m.over 1 0)', /gave Infinity, which is no number of SX/],
    ['(m.over 0 0)', /gave NaN/],
    ['(m.missing)', /has no function missing/],
    ['(m.memory)', /has no function memory/],
    ['(m.trap)', /trap failed: /],
    ['(m.deep 10000000)', /deep failed: /],
    ['((foreign m.same [:string] :string) 7)', /takes a string, not 7/],
    ['((foreign m.same [:bytes] :bytes) (list 256))', /a list of bytes/],
    ['((foreign m.not [:boolean] :number) 1)', /takes a boolean, not 1/],
    ['((foreign m.outside () :string))', /bytes outside of its memory/],
    ['((foreign m.notUtf8 () :string))', /a text that is not UTF-8/],
    ['(foreign m.add [:string] :string)', /add gives \(i32\), which is no string/],
    ['(foreign m.add [:number] :number)', /add takes \(i32 i32\), which \(number\) does not become/],
    ['(foreign m.over [:string] :number)', /which \(string\) does not become/],
    ['(foreign m.add [:number :date] :number)', /"date" is no type/],
    ['(foreign m.add [:number :toString] :number)', /is no type/],
    ['(foreign m.add [:number :number] :date)', /"date" is no type/],
    ['(foreign inc [:number] :number)', /takes a function of a WebAssembly module/],
  ])('%s fails: %s', (text, message) => {
    expect(() => run(text)).toThrow(message)
  })

  it('gives the same for the same, for no call leaves anything behind', () => {
    expect(run('(list (m.next) (m.next) (guard (e (true 0)) (m.trap)) (m.next))')).toEqual([1, 1, 0, 1])
  })

  it('that takes more memory than is allowed is stopped', () => {
    expect(run('(m.large 100)')).toBe(0)
    expect(() => run('(m.large 1500)')).toThrow(/limit of memory/)
  })

  it('gives what counts as memory, however often it is called', () => {
    const endless = '(let loop ((all ())) (loop (cons ((foreign m.same [:string] :string) text) all)))'
    const little = runtimeOf(bytes, {}, { memory: 100_000 })
    expect(() => little.evaluateSync(form(endless), new Map([['text', 'x'.repeat(10_000)]]))).toThrow(
      /limit of memory/,
    )
  })

  it('takes and gives any text and any bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uint8Array(), (text, data) => {
        const scope = new Map<string, unknown>([
          ['text', text],
          ['data', [...data]],
        ])
        expect(run('((foreign m.same [:string] :string) text)', scope)).toBe(text)
        expect(run('((foreign m.same [:bytes] :bytes) data)', scope)).toEqual([...data])
      }),
    )
  })

  it('takes every integer of its type, and no other', () => {
    fc.assert(
      fc.property(fc.double(), v => {
        const fits = Number.isInteger(v) && v >= -(2 ** 31) && v < 2 ** 32
        const given = new Map([['v', v]])
        if (fits) expect(run('(m.add v 0)', given)).toBe(v | 0)
        else expect(() => run('(m.add v 0)', given)).toThrow(/add takes/)
      }),
    )
  })
})

it('a node that says another thing than its module is not believed', async () => {
  const { exports } = readWasm(bytes)
  const lying = exports.map(port => (port.name === 'add' ? { ...port, name: 'addition' } : port))
  expect(() => runtimeOf(bytes, { exports: lying }).evaluateSync(form('(m.addition 1 2)'))).toThrow(
    /addition/,
  )
  const needy = await compileWasm(
    '@external("env", "now") declare function now(): i32\nexport function run(): i32 { return now() }',
  )
  expect(() => runtimeOf(needy, { imports: [] }).evaluateSync(form('(m.run)'))).toThrow(/needs imports/)
})

it('bytes that do not compile are an error that names the module', () => {
  const broken = Uint8Array.from(bytes)
  broken[bytes.length - 3]! ^= 0xff
  const node = readWasm(bytes)
  expect(() => runtimeOf(broken, node).evaluateSync(form('(m.add 1 2)'))).toThrow(/does not compile/)
})

it('without an engine for it, WebAssembly is an error', () => {
  const { imports, exports } = readWasm(bytes)
  const definitions = {
    find: (): Node => ({ kind: 'wasm', bytes: new Link('b'), size: 1, imports, exports }),
    load: async () => {},
  }
  expect(() => createRuntime({ definitions }).evaluateSync(form('(m.add 1 2)'))).toThrow(/not offered/)
})
