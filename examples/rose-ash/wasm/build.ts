// Builds src/lib/search.wasm from search.ts: `node examples/rose-ash/wasm/build.ts`. The same bytes on every machine, since the
// compiler is one version of one npm package (assemblyscript in package.json).
import { readFileSync, writeFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

/** Small; without imports, so that it is pure; at most 16 MiB of memory (docs/language.md, WebAssembly). */
const options = ['-O3z', '--runtime', 'stub', '--noAssert', '--use', 'abort=', '--maximumMemory', '256']

/** The module's bytes. Rejects with what the compiler says. */
export const buildSearch = async (): Promise<Uint8Array> => {
  const source = readFileSync(new URL('search.ts', import.meta.url), 'utf8')
  let bytes: Uint8Array | undefined
  const { error, stderr } = await asc.main(['search.ts', '--outFile', 'search.wasm', ...options], {
    readFile: name => (name === 'search.ts' ? source : null),
    writeFile: (_name, content) => {
      bytes = content as Uint8Array
    },
    listFiles: () => [],
  })
  if (error !== null || bytes === undefined) throw new Error(`search.ts does not compile: ${stderr.toString()}`)
  return bytes
}

if (import.meta.main) writeFileSync(new URL('../src/lib/search.wasm', import.meta.url), await buildSearch())
