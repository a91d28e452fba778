// Bundles the browser's client: src/client → dist/client/{loader,kernel,platform}.js and dist/client/modules/*.js, the
// same bytes on every machine. `node scripts/build-client.ts --sizes` also prints sizes.
//
// A module of src/client/modules holds rare words of the runtime and is fetched by CID when a page uses one of them. It
// shares the kernel's classes: its imports of files that are in the kernel are what it takes from the kernel's exports. So a
// module is a function: of the kernel, to what the module exports; several are one file as a dict of such functions by CID
// (`src/publish/parts.ts`). The platform is built last and carries the modules' CIDs, so that its own CID stands for all
// of it; it lies in the kernel's file. Each file is one expression (`src/ipld/runtime-file.ts`).
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { type MinifyOptions, minify } from 'terser'
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
  /** the service worker, and what takes it away */
  readonly worker: ClientBundle
  readonly workerOff: ClientBundle
  /** by name; `words` knows which holds what, `page` renders and adopts the whole page */
  readonly modules: Readonly<Record<string, ClientBundle>>
  /** the words for which a page needs a module, by its name */
  readonly words: Readonly<Record<string, string>>
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
    // Fields that a constructor sets need no declaration.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    ...options,
  })
  const { inputs } = Object.values(result.metafile!.outputs)[0]!
  return {
    code: options.plugins ? result.outputFiles![0]!.contents : await smaller(result.outputFiles![0]!.text),
    sources: Object.keys(inputs).filter(file => inputs[file]!.bytesInOutput > 0 && file.startsWith('src/')),
  }
}

/** Bundles one file by itself. */
export const bundle = (entry: string): Promise<ClientBundle> => run({ entryPoints: [entry] })

const options: MinifyOptions = {
  module: true,
  ecma: 2020,
  // Found by trying: what is shorter by itself may be longer compressed.
  compress: {
    passes: 10,
    pure_getters: true,
    unsafe_arrows: true,
    unsafe_methods: true,
    keep_fargs: false,
    inline: 1,
    lhs_constants: false,
  },
}

/** What terser still finds after esbuild. */
const smaller = async (code: string): Promise<Uint8Array> =>
  new TextEncoder().encode((await minify(code, options)).code)

/** Parts of a minified module, whose imports stand first and exports last, once each: as patterns and dicts have them. */
const partsOf = (code: string): { readonly taken: string; readonly body: string; readonly given: string } => {
  const [, imports = '', body, exports] =
    /^(?:import(?:\{([^}]*)\}from)?"sx:kernel";)?(.*?)export\{([^}]*)\};?\s*$/s.exec(code) ?? []
  if (body === undefined || /^import\b/.test(body))
    throw new Error('a module that this script does not understand')
  const names = (list: string, dict: (inside: string, outside: string) => string): string =>
    list
      .split(',')
      .filter(Boolean)
      .map(item => {
        const [first, second = first] = item.split(' as ') as [string, string?]
        return first === second ? first : dict(first, second)
      })
      .join()
  return {
    taken: names(imports, (theirs, ours) => `${theirs}:${ours}`),
    body,
    given: names(exports!, (ours, theirs) => `${theirs}:${ours}`),
  }
}

/** A module as a function of the kernel. */
const asFunction = (code: string): string => {
  const { taken, body, given } = partsOf(code)
  return `(${taken && `{${taken}}`})=>{${body}return{${given}}}`
}

const cidOfCode = (code: Uint8Array): string => cidOf(RAW, createHash('sha256').update(code).digest())

const bytes = (code: string): Uint8Array => new TextEncoder().encode(code)

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

/**
 * The words for which a page needs a module. Exact arithmetic has the core's own words: it is needed for literals as 1/2,
 * and for texts that may hold some. What is looked up may be a library's export; what is evaluated may hold any word. */
export const wordsOf = (name: keyof typeof extensions): string => {
  if (name === 'exact') return '1/2 sx-parse eval'
  if (name === 'library') return '#export lookup eval'
  if (name === 'wasm') return '#wasm foreign'
  // No word tells: a page's manifest names the definitions.
  if (name === 'foreign') return '#foreign'
  if (name === 'bytecode') return '#bytecode'
  const { forms = [], both = [], markup = [], primitives = [], raw = [] }: Extension = extensions[name]
  // These are the core's in their simpler shapes.
  const shapes: Readonly<Record<string, string>> = { do: '(do)', let: '(let)', cond: '=>' }
  const words = [...forms, ...both, ...primitives, ...raw].map(([word]) => shapes[word] ?? word)
  // A tag is one at the head of a list only.
  return [...new Set([...words, ...markup.map(([tag]) => `(${tag}`), 'eval'])].sort().join(' ')
}

export async function bundleClient(): Promise<Client> {
  // In this order a runtime takes them: a later one's word replaces an earlier one's.
  const names = Object.keys(extensions) as (keyof typeof extensions)[]
  const inKernel = new Set((await bundle('src/client/kernel.ts')).sources)
  // Questions of spelling: a module has its own of those that it asks and the kernel doesn't.
  inKernel.delete('src/lang/shape.ts')
  /** `name file` → the name under which the kernel exports it */
  const shared = new Map<string, string>()
  /** Imports from files of the kernel become imports of its names: `sx$…` until the kernel has been made smaller. */
  const shareKernel = async (entry: string): Promise<ClientBundle> => {
    const { code, sources } = await run({
      entryPoints: [entry],
      plugins: [outside(inKernel)],
      define: {
        SX_MODULES: 'sxModules',
        SX_WORDS: 'sxWords',
        SX_STATE: 'sxState',
        SX_NAVIGATE: 'sxNavigate',
        SX_OFFLINE: 'sxOfflineModule',
        SX_STATUS: 'sxStatusModule',
        SX_TAKE_OVER: 'sxTakeOver',
        SX_WAYS: 'sxWays',
      },
    })
    const taken: string[] = []
    const own = text(code).replace(importing, (_all, list: string, file: string) => {
      for (const item of list.split(',')) {
        const [name, as = name] = item.split(' as ') as [string, string?]
        const key = `${name} ${file}`
        if (!shared.has(key)) shared.set(key, `sx$${shared.size}`)
        taken.push(`${shared.get(key)} as ${as}`)
      }
      return ''
    })
    if (own.includes('sx:kernel'))
      throw new Error('an import from the kernel that this script does not understand')
    return { code: await smaller(`import{${taken.join()}}from"sx:kernel";${own}`), sources }
  }
  const parts: Record<string, ClientBundle> = {}
  for (const name of names) parts[name] = await shareKernel(`src/client/modules/${name}.ts`)
  parts.words = await shareKernel('src/client/words.ts')
  parts.page = await shareKernel('src/client/page.ts')
  parts.state = await shareKernel('src/client/state.ts')
  parts.ways = await shareKernel('src/client/ways.ts')
  parts['take-over'] = await shareKernel('src/client/take-over.ts')
  parts.navigate = await shareKernel('src/client/navigate.ts')
  parts.status = await shareKernel('src/client/status.ts')
  parts.offline = await shareKernel('src/client/offline.ts')

  const made = await run({
    stdin: {
      contents: [
        "export * from './src/client/kernel.ts'",
        ...[...shared].map(([key, as]) => {
          const [name, file] = key.split(' ') as [string, string]
          return `export { ${name} as ${as} } from './${file}'`
        }),
      ].join('\n'),
      resolveDir: root,
      loader: 'ts',
    },
  })
  // What is exported for modules keeps the short name that it has inside.
  const inside = new Map<string, string>()
  const kernel: ClientBundle = {
    ...made,
    code: bytes(
      text(made.code).replace(/([\w$]+) as (sx\$\w+)/g, (_all, name: string, as: string) => {
        inside.set(as, name)
        return name
      }),
    ),
  }
  const modules: Record<string, ClientBundle> = {}
  const finish = (name: string, named: Readonly<Record<string, string>> = {}): void => {
    const { code, sources } = parts[name]!
    // All imports stand first.
    let all = text(code).replace(/^import\{[^}]*/, imports =>
      imports.replace(/sx\$\w+(?= as )/g, as => inside.get(as)!),
    )
    for (const [placeholder, value] of Object.entries(named)) all = all.replace(placeholder, () => value)
    modules[name] = { code: bytes(asFunction(all)), sources }
  }
  for (const name of names) finish(name)
  const words = Object.fromEntries(names.map(name => [name, wordsOf(name)]))
  finish('words', {
    sxModules: JSON.stringify(
      Object.fromEntries(names.map(name => [cidOfCode(modules[name]!.code), words[name]])),
    ),
  })
  finish('state')
  const quoted = (name: string): string => JSON.stringify(cidOfCode(modules[name]!.code))
  finish('ways')
  finish('take-over', { sxWays: quoted('ways') })
  finish('navigate', { sxTakeOver: quoted('take-over') })
  finish('offline')
  finish('status')
  finish('page', {
    sxWords: quoted('words'),
    sxState: quoted('state'),
    sxNavigate: quoted('navigate'),
    sxOfflineModule: quoted('offline'),
    sxStatusModule: quoted('status'),
  })
  const [loader, worker, workerOff, bare] = await Promise.all([
    bundle('src/client/loader.ts'),
    bundle('src/client/worker.ts'),
    bundle('src/client/worker-off.ts'),
    run({
      entryPoints: ['src/client/platform.ts'],
      define: {
        SX_PAGE: JSON.stringify(cidOfCode(modules.page!.code)),
        SX_WAYS: JSON.stringify(cidOfCode(modules.ways!.code)),
      },
    }),
  ])
  const platform = { ...bare, code: bytes(asFunction(text(bare.code))) }
  const { body, given } = partsOf(text(kernel.code))
  const withPlatform = bytes(
    `(()=>{${body}return{kernel:{${given}},"${cidOfCode(platform.code)}":${text(platform.code)}}})()`,
  )
  return {
    loader,
    kernel: { ...kernel, code: withPlatform },
    platform,
    worker,
    workerOff,
    modules,
    words,
  }
}

/** Bundles and writes dist/client. */
export async function buildClient(): Promise<Client> {
  const client = await bundleClient()
  rmSync(output, { recursive: true, force: true })
  mkdirSync(new URL('modules/', output), { recursive: true })
  for (const [name, { code }] of filesOf(client)) writeFileSync(new URL(`${name}.js`, output), code)
  writeFileSync(new URL('words.json', output), JSON.stringify(client.words))
  return client
}

/** Every file of the client by its name in dist/client, without `.js`. */
export const filesOf = ({
  loader,
  kernel,
  platform,
  worker,
  workerOff,
  modules,
}: Client): readonly (readonly [string, ClientBundle])[] => [
  ['loader', loader],
  ['kernel', kernel],
  ['platform', platform],
  ['worker', worker],
  ['worker-off', workerOff],
  ...Object.entries(modules).map(([name, bundle]) => [`modules/${name}`, bundle] as const),
]

if (import.meta.main) {
  const client = await buildClient()
  // `npm start` and `npm test` build it each time: they have other things to say.
  for (const [name, { code }] of process.argv.includes('--sizes') ? filesOf(client) : [])
    console.log(
      `${name.padEnd(20)} ${String(code.length).padStart(7)} bytes ${String(brotliSize(code)).padStart(7)} brotli`,
    )
}
