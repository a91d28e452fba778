// Makes the tarball that is published: dist, and in it Helia cut down to what we call (docs/decisions/0001-package-size.md).
// Run: node scripts/pack-package.ts [folder for the tarball, default .]   Prints the tarball's path.
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const home = fileURLToPath(new URL('..', import.meta.url))

interface Manifest {
  readonly version: string
  readonly license?: string
  readonly dependencies: Record<string, string>
  readonly [key: string]: unknown
}
const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** What the product calls of each package that travels inside ours; a new name that is imported has to be added here. */
const carried: Readonly<Record<string, readonly string[]>> = {
  helia: ['createHeliaLight'],
  '@helia/unixfs': ['unixfs'],
}
/** Shared with the product's own code: classes such as CID exist once. */
const shared = [
  'multiformats',
  '@ipld/dag-cbor',
  '@ipld/dag-json',
  'interface-store',
  '@multiformats/murmur3',
]

/** Modules of ours that travel with all that they import in them: packages which nothing else needs. */
const filled = ['store/peer-node.js']

/** The repository's own dist is left alone but for dist/client, which is made anew. */
function compile(stage: string): void {
  run(process.execPath, ['scripts/build-client.ts'])
  const typescript = join(home, 'node_modules/typescript/bin/tsc')
  run(process.execPath, [typescript, '-p', 'tsconfig.build.json', '--outDir', join(stage, 'dist')])
  cpSync(join(home, 'dist/client'), join(stage, 'dist/client'), { recursive: true })
}

function run(command: string, args: readonly string[], cwd = home): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/** One file in place of a package and all below it, with the licences of what went in. */
async function carry(name: string, exported: readonly string[], into: string): Promise<void> {
  const folder = join(into, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  const { version, license } = manifestOf(join(home, 'node_modules', name))
  const contents = `export { ${exported.join(', ')} } from '${name}'`
  const packages = await bundle(contents, join(folder, 'index.js'))
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ name, version, license, type: 'module', exports: './index.js', description: `What sx-ipfs uses of ${name}, in one file` }, null, 2)}\n`,
  )
  writeFileSync(join(folder, 'LICENSES.txt'), licences(packages))
}

/** Takes a compiled module's place, with the licences beside it. Returns the packages that it imports by name. */
async function fill(path: string): Promise<readonly string[]> {
  const contents = readFileSync(path, 'utf8')
  const packages = await bundle(contents, path)
  writeFileSync(path.replace(/\.js$/, '.LICENSES.txt'), licences(packages))
  return [...contents.matchAll(/from '((?:@[^/']+\/)?[^/']+)/g)].map(([, name]) => name!)
}

/** Writes the module `contents` with all that it imports, but for what is shared. Returns the packages' folders. */
async function bundle(contents: string, outfile: string): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: home },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outfile,
    allowOverwrite: true,
    external: [...shared],
    // CommonJS in a module still asks for Node's own parts by require
    banner: {
      js: `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)`,
    },
    metafile: true,
    logLevel: 'warning',
    absWorkingDir: home,
  })
  return new Set(
    Object.keys(metafile.inputs).flatMap(
      file => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
    ),
  )
}

const licences = (packages: ReadonlySet<string>): string => [...packages].sort().map(licenceText).join('\n')

function licenceText(folder: string): string {
  const { name, version, license } = manifestOf(join(home, folder)) as Manifest & { name: string }
  const texts = readdirSync(join(home, folder)).filter(file => /^(licen[cs]e|notice)/i.test(file))
  return [
    `${name} ${version} (${license ?? 'licence not said'})`,
    ...texts.map(file => readFileSync(join(home, folder, file), 'utf8')),
  ].join('\n\n')
}

/** Compiles, gathers and packs. Returns the tarball's path. */
export async function packPackage(into: string): Promise<string> {
  const stage = mkdtempSync(join(tmpdir(), 'sx-pack-'))
  try {
    compile(stage)
    const { scripts: _, overrides: __, devDependencies: ___, ...manifest } = manifestOf(home)
    const files = manifest.files as string[]
    const inside = new Set<string>()
    for (const path of filled)
      for (const name of await fill(join(stage, 'dist', path)))
        if (!Object.hasOwn(carried, name) && !shared.includes(name)) inside.add(name)
    const published = {
      ...manifest,
      dependencies: Object.fromEntries(
        Object.entries(manifest.dependencies).filter(([name]) => !inside.has(name)),
      ),
      bundleDependencies: Object.keys(carried),
    }
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
    for (const name of [...files, 'README.md', 'CHANGELOG.md', 'LICENSE'])
      if (name !== 'dist' && existsSync(join(home, name))) {
        mkdirSync(dirname(join(stage, name)), { recursive: true })
        cpSync(join(home, name), join(stage, name), { recursive: true })
      }
    for (const [name, exported] of Object.entries(carried)) await carry(name, exported, stage)
    const [made] = JSON.parse(
      run('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', resolve(into)], stage),
    ) as [{ filename: string }]
    return join(resolve(into), made.filename)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  console.log(await packPackage(process.argv[2] ?? '.'))
