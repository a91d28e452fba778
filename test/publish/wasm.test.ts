// WebAssembly modules of a site: libraries for libraries to import, called while pages are built, rebuilt from their source.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSearch } from '../../examples/rose-ash/wasm/build.ts'
import { SxError } from '../../src/errors.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'
import { compileWasm } from '../support/wasm-module.ts'

const count = (by: number): string => `
let top: usize = __heap_base
export function alloc(size: i32): i32 { const at = top; top += usize(size); return i32(at) }
export function plus(n: i32): i32 { return n + ${by} }
export function length(at: i32, size: i32): i32 { return size }`

const sources = {
  'src/count.sx': `(define-library (rose count) (export more size)
    (import (prefix (lib count.wasm) wasm-))
    (begin (define size (foreign wasm-length [:string] :number)) (define (more n) (wasm-plus n))))`,
  'src/a.sx': `
(defmacro seven () (more 6))
(defpage home :path "/" :title "Count" :content (p (more 1) " " (size "abc") " " (seven)))
(defpage other :path "/other" :title "None" :content (p "none"))`,
}

let site: BuiltSite
let url: string
beforeAll(async () => {
  site = await serveSite({ ...sources, 'src/lib/count.wasm': await compileWasm(count(1)) })
  url = await site.gateway.listen(0)
}, 120_000)
afterAll(() => site.stop())

/** What is wrong with a library that imports so. */
const errorsOf = async (set: string, body = '1'): Promise<readonly SxError[]> => {
  const bad = `(define-library (rose bad) (export it) (import ${set}) (begin (define it ${body})))`
  const error = await site.build({ 'src/bad.sx': bad }).then(
    () => undefined,
    (failed: unknown) => failed,
  )
  await site.build({ 'src/bad.sx': '(define bad 1)' })
  expect(error).toBeInstanceOf(SxError)
  return (error as SxError).detail.errors as readonly SxError[]
}

describe('a module of the source folder', () => {
  it('is imported like a library, and called while pages and macros are built', async () => {
    expect(await (await fetch(url)).text()).toContain('<body><p>2 3 7</p></body>')
    const { 'rose/count': library, 'lib/count.wasm': module } = site.names()
    const node = decodeNode(site.store.get(library!)!)
    expect(node).toMatchObject({ kind: 'library', imports: [{ cid: module }] })
  })

  it('changes its users’ CIDs and pages when its bytes do', async () => {
    const before = site.names()
    await site.build({ 'src/lib/count.wasm': await compileWasm(count(100)) })
    expect(await (await fetch(url)).text()).toContain('<body><p>101 3 106</p></body>')
    expect(site.names()['rose/count']).not.toBe(before['rose/count'])
    await site.build({ 'src/lib/count.wasm': await compileWasm(count(1)) })
    expect(site.names()).toEqual(before)
  })

  it('is shown with what its functions take and give', async () => {
    const shown = await fetch(`${url}sx/h/${site.names()['lib/count.wasm']}`, {
      headers: { accept: 'text/html' },
    })
    expect(await shown.text()).toContain('plus: function (i32) → (i32)')
  })

  it.each([
    ['(lib cuont.wasm)', /no library lib\/cuont.wasm/, /lib\/count.wasm/],
    ['(only (lib count.wasm) pluss)', /does not export pluss/, /plus/],
    ['(only (lib count.wasm) memory)', /does not export memory/, /./],
  ])('that is imported as %s is an error with a place and a hint', async (set, message, hint) => {
    const [error] = await errorsOf(set)
    expect(error?.message).toMatch(message)
    expect(error?.detail.place).toMatchObject({ file: 'bad.sx' })
    expect(`${error?.detail.hint ?? '.'}`).toMatch(hint)
  })

  it('that needs imports, or memory without end, can lie there and can’t be imported', async () => {
    const needy = await compileWasm(
      '@external("env", "now") declare function now(): i32\nexport function run(): i32 { return now() }',
    )
    const greedy = await compileWasm('export function run(): i32 { return 1 }', ['--use', 'abort='])
    await site.build({ 'src/lib/needy.wasm': needy, 'src/lib/greedy.wasm': greedy })
    for (const [name, why] of [
      ['needy.wasm', /imports env.now/],
      ['greedy.wasm', /without bound/],
    ] as const) {
      const [error] = await errorsOf(`(lib ${name})`, 'run')
      expect(error).toMatchObject({ code: 'wasm-invalid', message: expect.stringMatching(why) })
    }
  })

  it('runs in sx serve, of the store’s bytes', async () => {
    await site.build({ 'src/q.sx': '(defquery ask (&key (n :as number)) (more n))' })
    expect(await (await fetch(`${url}sx/q/ask?n=41`)).json()).toBe(42)
  })
})

it('the example’s module is what its source is built to', async () => {
  const committed = readFileSync(new URL('../../examples/rose-ash/src/lib/search.wasm', import.meta.url))
  expect(Buffer.compare(Buffer.from(await buildSearch()), committed)).toBe(0)
}, 120_000)
