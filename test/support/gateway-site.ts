// A small site of real blocks for the gateway's tests: three definitions, a cycle, names, pages, files of each sort.

import type { FileReader } from '../../src/gateway/gateway-port.ts'
import { DAG_CBOR, RAW } from '../../src/ipld/cid.ts'
import type { Data } from '../../src/ipld/data.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { encodeNode } from '../../src/ipld/encode.ts'
import { hashMapFrom } from '../../src/ipld/hashmap.ts'
import type { Node } from '../../src/ipld/kinds.ts'
import { readOne } from '../../src/lang/reader.ts'
import { Link, type List, type Value } from '../../src/lang/values.ts'
import { createFiles } from '../../src/store/files.ts'
import { decodeUnixFs } from '../../src/store/unixfs.ts'
import { readFile, resolve } from '../../src/store/unixfs-read.ts'
import { createMemoryStore, type MemoryStore, sha256 } from './memory-store.ts'

export const policy =
  "default-src 'none'; script-src 'sha256-AAAA'; style-src 'self'; connect-src https://gateway.example"

export const home = (text = 'Hello'): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy.replaceAll("'", '&#39;')}"><title>Home</title></head><body><h1>${text}</h1>${'<p>And so on, and so on.</p>'.repeat(60)}</body></html>`

export const siteFiles: Readonly<Record<string, string | Uint8Array>> = {
  'index.html': home(),
  'market/index.html': '<!doctype html><title>Market</title><p>Bread',
  '404.html': '<!doctype html><title>Lost</title><h1>Our own lost page</h1>',
  'site.css': 'body { color: black }\n'.repeat(100),
  'img/rosé.png': Uint8Array.from({ length: 1000 }, (_, i) => i & 255),
  'large.bin': Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 7) & 255),
  data: 'no ending',
}

export interface TestSite {
  readonly store: MemoryStore
  readonly files: FileReader
  readonly root: string
  readonly cids: {
    readonly card: string
    readonly list: string
    readonly even: string
    readonly group: string
    readonly kernel: string
    readonly platform: string
    readonly image: string
    readonly files: string
  }
  /** commits another root with these files; the definitions stay */
  publish(files: Readonly<Record<string, string | Uint8Array>>): Promise<string>
}

const form = (text: string): List => readOne(text) as List

export async function createTestSite(): Promise<TestSite> {
  const store = createMemoryStore()
  const put = (node: Node): string => store.put(encodeNode(node), DAG_CBOR)
  const raw = (text: string): string => store.put(new TextEncoder().encode(text), RAW)

  const card = put({
    kind: 'component',
    params: form('(&key title &rest children)'),
    body: [form('(article :class "card <b>" (h2 title) children)')],
  })
  const list = put({
    kind: 'component',
    params: form('(&key posts)'),
    body: [
      form(
        `(section (map (fn (post) (@h:${card} :title (get post :title) "a; \\"quoted\\" (text) @h:${card}")) posts))`,
      ),
    ],
  })
  const group = put({
    kind: 'group',
    members: [
      { kind: 'value', body: form('(fn (n) (if (= n 0) true (@m:1 (- n 1))))') as Value },
      { kind: 'value', body: form('(fn (n) (if (= n 0) false (@m:0 (- n 1))))') as Value },
    ],
  })
  const even = put({ kind: 'member', group: new Link(group), index: 0 })
  const [loader, kernel, platform] = [
    'export const loader = 1',
    'export const kernel = 2',
    `export const platform = 3 // ${'once more '.repeat(100)}`,
  ].map(raw) as [string, string, string]

  const index = (entries: Iterable<readonly [string, Data]>): Link => {
    const map = hashMapFrom(entries, { sha256 })
    return new Link(map.put(bytes => store.put(bytes, DAG_CBOR)))
  }
  const names = index([
    ['~card', new Link(card)],
    ['~list', new Link(list)],
    ['even?', new Link(even)],
  ])
  const annotations = index([
    [
      card,
      {
        names: [
          { name: '~card', doc: 'A card with <markup>.', file: 'card.sx', line: 2 },
          { name: '~ui/card' },
        ],
      },
    ],
    [list, { names: [{ name: '~list' }] }],
    [even, { names: [{ name: 'even?' }] }],
  ])
  const pages = index([])

  const builder = createFiles(sha256)
  const publish = async (entries: Readonly<Record<string, string | Uint8Array>>): Promise<string> => {
    const tree = builder.tree()
    for (const [path, content] of Object.entries(entries)) {
      const added = await builder.addFile(
        typeof content === 'string' ? new TextEncoder().encode(content) : content,
      )
      for (const block of added.blocks) store.putBlock(block)
      tree.set(path, added)
    }
    const directory = tree.root()
    for (const block of directory.blocks) store.putBlock(block)
    const site: Node = {
      kind: 'site',
      title: 'Test',
      names,
      exports: index([]),
      pages,
      annotations,
      boot: { loader: new Link(loader), kernel: new Link(kernel), platform: new Link(platform) },
      modules: new Map(),
      files: new Link(directory.cid),
    }
    const root = put(site)
    store.setRoot(root)
    return root
  }
  const root = await publish(siteFiles)
  const files: FileReader = {
    resolve: (from, path) => resolve(store, from, path),
    read: (cid, range) => readFile(store, cid, range),
  }
  const directory = filesOf(store, root)
  const image = resolve(store, directory, 'img/rosé.png')!.cid
  return {
    store,
    files,
    root,
    publish,
    cids: { card, list, even, group, kernel, platform, image, files: directory },
  }
}

function filesOf(store: MemoryStore, root: string): string {
  const node = decodeNode(store.get(root)!)
  if (node.kind !== 'site') throw new Error('no site')
  return node.files.cid
}

/** CIDs of the leaves of a file that has more than one. */
export function leavesOf(site: TestSite, path: string): readonly string[] {
  const file = resolve(site.store, site.cids.files, path)!
  return decodeUnixFs(file.cid, site.store.get(file.cid)!).links.map(link => link.cid)
}
