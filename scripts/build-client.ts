// Bundles the browser's client: src/client → dist/client/{loader,kernel,platform}.js and dist/client/modules/*.js, the
// same bytes on every machine. `node scripts/build-client.ts` also prints sizes.
//
// A module of src/client/modules holds rare words of the runtime and is fetched by CID when a page uses one of them. It
// shares the kernel's classes: its imports of files that are in the kernel are made imports from `sx:kernel`, which the
// loader replaces by the URL of the verified kernel. The platform is built last and carries the modules' CIDs, so that
// its own CID stands for all of it.
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { cidOf, RAW } from '../src/ipld/cid.ts'
import { extensions } from '../src/runtime/extensions.ts'
import type { Extension } from '../src/runtime/form.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = new URL('../dist/client/', import.meta.url)

export interface ClientBundle {
  readonly code: Uint8Array
  /** the source files whose code is in the bundle, relative to the package */
  readonly sources: readonly string[]
}

export interface Client {
  readonly loader: ClientBundle
  readonly kernel: ClientBundle
  readonly platform: ClientBundle
  /** by name */
  readonly modules: Readonly<Record<string, ClientBundle>>
}

/** How many bytes a visitor downloads. */
export const brotliSize = (code: Uint8Array): number => brotliCompressSync(code).length

/** One minified ES module. Nothing of the machine enters it: no paths, no maps, no comments. */
async function run(options: BuildOptions): Promise<ClientBundle> {
  const result = await build({
    absWorkingDir: root,
    outdir: 'out',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    minify: true,
    treeShaking: true,
    logLevel: 'silent',
    // What the builder's folders and environment say must not change the bytes.
    tsconfigRaw: '{}',
    ...options,
  })
  const { inputs } = Object.values(result.metafile!.outputs)[0]!
  return {
    code: result.outputFiles![0]!.contents,
    sources: Object.keys(inputs).filter(file => inputs[file]!.bytesInOutput > 0 && file.startsWith('src/')),
  }
}

/** Bundles one file by itself. */
export const bundle = (entry: string): Promise<ClientBundle> => run({ entryPoints: [entry] })

const text = (code: Uint8Array): string => new TextDecoder().decode(code)

/** Imports of `files` stay imports, from `sx:kernel/<file>`. */
const outside = (files: ReadonlySet<string>): Plugin => ({
  name: 'outside',
  setup(b) {
    b.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = fileURLToPath(new URL(path, pathToFileURL(`${resolveDir}/`))).slice(root.length)
      return files.has(file) ? { path: `sx:kernel/${file}`, external: true, sideEffects: false } : undefined
    })
  },
})

const importing = /import\{([^}]*)\}from"sx:kernel\/([^"]+)";/g

/** The words for which a page needs a module. Exact arithmetic has the core's own words: it is needed for literals as 1/2. */
const wordsOf = (name: keyof typeof extensions): string => {
  if (name === 'exact') return '1/2'
  const { forms = [], both = [], markup = [], primitives = [], raw = [] }: Extension = extensions[name]
  const words = [...forms, ...both, ...primitives, ...raw].map(([word]) => word)
  // A tag is one at the head of a list only.
  return [...new Set([...words, ...markup.map(([tag]) => `(${tag}`)])].sort().join(' ')
}

export async function bundleClient(): Promise<Client> {
  // In this order a runtime takes them: a later one's word replaces an earlier one's.
  const names = Object.keys(extensions) as (keyof typeof extensions)[]
  const inKernel = new Set((await bundle('src/client/kernel.ts')).sources)
  /** `file name` → the short name under which the kernel exports it */
  const shared = new Map<string, string>()
  const modules: Record<string, ClientBundle> = {}
  for (const name of names) {
    const { code, sources } = await run({
      entryPoints: [`src/client/modules/${name}.ts`],
      plugins: [outside(inKernel)],
    })
    const taken: string[] = []
    const own = text(code).replace(importing, (_all, list: string, file: string) => {
      for (const item of list.split(',')) {
        const [name, as = name] = item.split(' as ') as [string, string?]
        const key = `${name} ${file}`
        if (!shared.has(key)) shared.set(key, `$${shared.size.toString(36)}`)
        taken.push(`${shared.get(key)} as ${as}`)
      }
      return ''
    })
    if (own.includes('sx:kernel'))
      throw new Error(`${name}: an import from the kernel that this script doesn't understand`)
    modules[name] = {
      code: new TextEncoder().encode(`import{${taken.join()}}from"sx:kernel";${own}`),
      sources,
    }
  }
  const entry = [...shared].map(([key, as]) => {
    const [name, file] = key.split(' ') as [string, string]
    return `export { ${name} as ${as} } from './${file}'`
  })
  const words: Record<string, string> = {}
  for (const name of names)
    words[cidOf(RAW, createHash('sha256').update(modules[name]!.code).digest())] = wordsOf(name)
  const [loader, kernel, platform] = await Promise.all([
    bundle('src/client/loader.ts'),
    run({
      stdin: {
        contents: ["export * from './src/client/kernel.ts'", ...entry].join('\n'),
        resolveDir: root,
        loader: 'ts',
      },
    }),
    run({ entryPoints: ['src/client/platform.ts'], define: { SX_MODULES: JSON.stringify(words) } }),
  ])
  return { loader, kernel, platform, modules }
}

/** Bundles and writes dist/client. */
export async function buildClient(): Promise<Client> {
  const client = await bundleClient()
  rmSync(output, { recursive: true, force: true })
  mkdirSync(new URL('modules/', output), { recursive: true })
  for (const [name, { code }] of filesOf(client)) writeFileSync(new URL(`${name}.js`, output), code)
  return client
}

/** Every file of the client by its name in dist/client, without `.js`. */
export const filesOf = ({
  loader,
  kernel,
  platform,
  modules,
}: Client): readonly (readonly [string, ClientBundle])[] => [
  ['loader', loader],
  ['kernel', kernel],
  ['platform', platform],
  ...Object.entries(modules).map(([name, bundle]) => [`modules/${name}`, bundle] as const),
]

if (import.meta.main) {
  for (const [name, { code }] of filesOf(await buildClient()))
    console.log(
      `${name.padEnd(20)} ${String(code.length).padStart(7)} bytes ${String(brotliSize(code)).padStart(7)} brotli`,
    )
}
