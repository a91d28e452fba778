// WebAssembly modules for tests, from AssemblyScript.
import asc from 'assemblyscript/asc'

export const compileWasm = async (
  source: string,
  options: readonly string[] = ['--use', 'abort=', '--initialMemory', '1', '--maximumMemory', '1024'],
): Promise<Uint8Array<ArrayBuffer>> => {
  let bytes: Uint8Array<ArrayBuffer> | undefined
  const { error, stderr } = await asc.main(
    ['a.ts', '--outFile', 'a.wasm', '-O1', '--runtime', 'stub', '--noAssert', ...options],
    {
      readFile: name => (name === 'a.ts' ? source : null),
      writeFile: (_name, content) => {
        bytes = new Uint8Array(content as Uint8Array)
      },
      listFiles: () => [],
    },
  )
  if (error !== null || bytes === undefined) throw new Error(stderr.toString())
  return bytes
}

/** What a module may do, in one. */
export const everything = `
let top: usize = __heap_base
export function alloc(size: i32): i32 {
  const at = top
  top += usize(size)
  const missing = i32((top + 0xffff) >>> 16) - memory.size()
  if (missing > 0) memory.grow(missing)
  return i32(at)
}
let count: i32 = 0
export function next(): i32 { return ++count }
export function add(a: i32, b: i32): i32 { return a + b }
export function unsigned(a: u32): f64 { return f64(a) }
export function twice(a: i64): i64 { return a * 2 }
export function half(a: f32): f32 { return a / 2 }
export function over(a: f64, b: f64): f64 { return a / b }
export function even(n: i32): i32 { return i32(n % 2 == 0) }
export function not(b: i32): i32 { return b ? 0 : 1 }
export function nothing(): void {}
export function deep(n: i32): i32 { return n == 0 ? 0 : 1 + deep(n - 1) }
export function trap(): i32 { unreachable(); return 0 }
export function same(at: i32, size: i32): i64 { return (i64(at) << 32) | i64(size) }
export function length(at: i32, size: i32): i32 { return size }
export function outside(): i64 { return (i64(0x7fffffff) << 32) | 100 }
export function notUtf8(): i64 { const at = alloc(1); store<u8>(at, 255); return (i64(at) << 32) | 1 }
export function large(pages: i32): i32 { return memory.grow(pages) }
export function join(a: i32, n: i32, b: i32, m: i32): i64 {
  const at = alloc(n + m)
  memory.copy(at, a, n)
  memory.copy(at + n, b, m)
  return (i64(at) << 32) | i64(n + m)
}
`
