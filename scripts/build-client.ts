// Bundles the browser's client: src/client/{loader,kernel,platform}.ts → dist/client/*.js, the same bytes on every machine.
// `node scripts/build-client.ts` also prints sizes.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

export const clientModules = ['loader', 'kernel', 'platform'] as const
export type ClientModule = (typeof clientModules)[number]

export interface ClientBundle {
  readonly code: Uint8Array
  /** the source files whose code is in the bundle, relative to the package */
  readonly sources: readonly string[]
}

/** How many bytes a visitor downloads. */
export const brotliSize = (code: Uint8Array): number => brotliCompressSync(code).length

const sourcesOf = (metafile: Metafile, output: string): string[] =>
  Object.entries(metafile.outputs[output]!.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => file)

/** One entry file as a minified ES module. Nothing of the machine enters it: no paths, no maps, no comments. */
export async function bundle(entry: string, options: { readonly minify?: boolean } = {}): Promise<ClientBundle> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: 'out',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    minify: options.minify ?? true,
    treeShaking: true,
    logLevel: 'silent',
    // What the builder's folders and environment say must not change the bytes.
    tsconfigRaw: '{}',
  })
  const file = result.outputFiles[0]!
  return { code: file.contents, sources: sourcesOf(result.metafile, Object.keys(result.metafile.outputs)[0]!) }
}

export async function bundleClient(): Promise<Record<ClientModule, ClientBundle>> {
  const [loader, kernel, platform] = await Promise.all(clientModules.map(name => bundle(`src/client/${name}.ts`)))
  return { loader: loader!, kernel: kernel!, platform: platform! }
}

/** Bundles and writes dist/client. */
export async function buildClient(): Promise<Record<ClientModule, ClientBundle>> {
  const bundles = await bundleClient()
  mkdirSync(new URL('../dist/client/', import.meta.url), { recursive: true })
  for (const name of clientModules)
    writeFileSync(new URL(`../dist/client/${name}.js`, import.meta.url), bundles[name].code)
  return bundles
}

if (import.meta.main) {
  const bundles = await buildClient()
  for (const name of clientModules) {
    const { code } = bundles[name]
    console.log(`${name.padEnd(9)} ${String(code.length).padStart(7)} bytes ${String(brotliSize(code)).padStart(7)} brotli`)
  }
}
