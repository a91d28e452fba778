// The client's budgets (brotli bytes). Fails when one is over: `node scripts/check-sizes.ts`.
//
// What a page downloads before it is interactive is taken from pages that the real builder built: loader, kernel (with the
// platform in it), and the file of modules that the page's manifest names for its islands, each compressed as it travels.
// Definitions are not counted.
import { hash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cidOf, RAW } from '../src/ipld/cid.ts'
import type { Manifest } from '../src/ipld/manifest.ts'
import { createBuilder } from '../src/publish/build.ts'
import { createFiles } from '../src/store/files.ts'
import { brotliSize, bundleClient, type Client, filesOf } from './build-client.ts'

const KB = 1024

/** Each file's own budget; a module of the runtime is small or it is two. */
const limits: Readonly<Record<string, number>> = {
  // Runs files of the runtime where no other process has to be asked.
  loader: 2.89 * KB,
  // The evaluator, what packs are proven with, and the platform.
  kernel: 15.74 * KB,
  platform: 1.71 * KB,
  // Takes in a release with all that its pages ask for.
  worker: 1.73 * KB,
  // The reader and the printer, for `sx-parse` and `pretty-print`.
  'modules/source': 7 * KB,
  // A panel, its styles, and the way from a root to a page.
  'modules/status': 2.8 * KB,
  // Walks the site's names, hashes where the browser can't, and loads all that a name means.
  'modules/lookup': 1.92 * KB,
  // The whole page: HTML text, its head, what differs from the server's.
  'modules/page': 2.58 * KB,
  // Loads, renders and shows another page.
  'modules/take-over': 2.5 * KB,
  // Everything about calls, and its own way of loading.
  'modules/wasm': 2.5 * KB,
  // Two lists of names that are allowed.
  'modules/foreign': 1.75 * KB,
  // Storage that answers at once and storage that lasts, patches, and loading block by block.
  'modules/ways': 2.3 * KB,
  // The CIDs of all other modules, and their words.
  'modules/words': 1.8 * KB,
  // Guards and continuations take back what was written, in a living document too.
  'modules/control': 1.8 * KB,
  // Loops, and how lists change in a document that lives.
  'modules/loops': 1.95 * KB,
}
const MODULE_LIMIT = 1.7 * KB
/** What a page with one island downloads before it is interactive: decisions 0006, 0010, 0016 and 0018 say why it isn't 14 KB. */
const INTERACTIVE_LIMIT = 18.57 * KB
/** The example's busiest page: a calendar, drawings, dates, a style library. Names of modules inside cost ±6 bytes. */
const EXAMPLE_LIMIT = 23.5 * KB
/** Decisions 0014, 0016 and 0018 say why it isn't 35 KB. */
const MODULES_LIMIT = 42.15 * KB

const oneIsland = `
(defcomp ~layout (&key title &rest children)
  (<> (header (a :href "/" "Home")) (main (h1 title) children)))
(defisland ~counter (&key (start :as number) label)
  (let ((n (signal start)))
    (p (button :type "button" :on-click (fn (e) (swap! n dec)) "-")
       (output (deref n))
       (button :type "button" :on-click (fn (e) (swap! n inc)) "+")
       (if (> (deref n) 9) (strong "Many ") "Some ") label)))
(defpage home :path "/" :title "Count"
  :content (~layout :title "Count" (~counter :start 3 :label "apples")
             (ul (map (fn (x) (li (str "No. " x))) (list 1 2 3)))))
`

export interface Weighed {
  readonly what: string
  readonly size: number
  readonly limit: number
}

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/** What the islands of a page need beside the kernel. */
interface Live {
  readonly modules: readonly string[]
  /** of the file that holds them */
  readonly size: number
}

/** The file of modules that the islands of a site's pages need, by the pages' paths: as their manifests say. */
const modulesOfPages = async (client: Client, folder: string): Promise<ReadonlyMap<string, Live>> => {
  const codes = Object.entries(client.modules)
  const names = new Map(codes.map(([name, { code }]) => [cidOf(RAW, sha256(code)), name]))
  const { blocks } = await createBuilder({
    folder,
    settings: { title: 't', lang: 'en', source: 'src', public: 'public', gateways: [] },
    boot: {
      loader: client.loader.code,
      kernel: client.kernel.code,
      platform: client.platform.code,
      modules: new Map(codes.map(([name, { code }]) => [name, code])),
      words: client.words,
    },
    sha256,
    sha3: text => hash('sha3-256', text, 'hex'),
    files: createFiles(sha256),
    stored: { get: () => undefined },
  }).build()
  const bytesOf = new Map(blocks.map(({ cid, bytes }) => [cid, bytes]))
  const pages = new Map<string, Live>()
  for (const { bytes } of blocks) {
    const found = /<script [^>]*data-sx-manifest[^>]*>(\{.*?\})<\/script>/s.exec(
      new TextDecoder().decode(bytes),
    )
    if (found === null) continue
    const { path, live = [], parts } = JSON.parse(found[1]!) as Manifest
    pages.set(path, {
      modules: live.map(cid => names.get(cid)!),
      // The first file is theirs.
      size: live.length > 0 ? brotliSize(bytesOf.get(parts![0]!)!) : 0,
    })
  }
  return pages
}

export async function weigh(): Promise<readonly Weighed[]> {
  const client = await bundleClient()
  const files = filesOf(client).map(([what, { code }]) => ({
    what,
    size: brotliSize(code),
    limit: limits[what] ?? MODULE_LIMIT,
  }))
  const sum = (of: readonly Weighed[]): number => of.reduce((total, { size }) => total + size, 0)
  const page = (what: string, { modules, size }: Live, limit: number): Weighed => ({
    what: `${what} (${modules.join(' ') || 'no modules'})`,
    size: sum(files.filter(f => f.what === 'loader' || f.what === 'kernel')) + size,
    limit,
  })
  const folder = mkdtempSync(join(tmpdir(), 'sx-sizes-'))
  try {
    mkdirSync(join(folder, 'one/src'), { recursive: true })
    writeFileSync(join(folder, 'one/src/home.sx'), oneIsland)
    cpSync(fileURLToPath(new URL('../examples/rose-ash', import.meta.url)), join(folder, 'example'), {
      recursive: true,
    })
    const one = await modulesOfPages(client, join(folder, 'one'))
    const example = await modulesOfPages(client, join(folder, 'example'))
    return [
      ...files,
      page('page with one island', one.get('/')!, INTERACTIVE_LIMIT),
      page('/events of the example', example.get('/events')!, EXAMPLE_LIMIT),
      {
        what: 'all modules',
        // Readers never fetch `state`: `sx dev` does.
        size: sum(files.filter(f => /^modules\/(?!state$)/.test(f.what))),
        limit: MODULES_LIMIT,
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const weighed = await weigh()
  const row = (what: string, size: unknown, limit: unknown, note = ''): void =>
    console.log(`${what.padEnd(64)} ${String(size).padStart(6)} ${String(limit).padStart(6)}${note}`)
  row('brotli bytes', 'size', 'limit')
  for (const { what, size, limit } of weighed)
    row(what, size, Math.floor(limit), size > limit ? '  over' : '')
  if (weighed.some(w => w.size > w.limit)) process.exitCode = 1
}
