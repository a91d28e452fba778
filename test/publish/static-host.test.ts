// Host words on pages that are built: answered by JSON files that are published too, or an error that shows the way.
import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { SxError } from '../../src/errors.ts'
import { decodeNode } from '../../src/ipld/decode.ts'
import { createBuilder } from '../../src/publish/build.ts'
import type { Builder, Built } from '../../src/publish/build-port.ts'
import { createFiles } from '../../src/store/files.ts'
import { readFile, resolve } from '../../src/store/unixfs-read.ts'
import { sha256 } from '../support/memory-store.ts'

let folder: string | undefined
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true })
  folder = undefined
})
const bytes = (text: string) => new TextEncoder().encode(text)

const site = (files: Record<string, string>) => {
  folder = mkdtempSync(join(tmpdir(), 'sx-data-'))
  const at = folder
  const blocks = new Map<string, Uint8Array>()
  const write = (more: Record<string, string>) => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(at, path)), { recursive: true })
      writeFileSync(join(at, path), text)
    }
  }
  write(files)
  const builder: Builder = createBuilder({
    folder: at,
    settings: { title: 't', lang: 'en', source: 'src', public: 'public', gateways: [] },
    boot: { loader: bytes('1'), kernel: bytes('2'), platform: bytes('3'), modules: new Map() },
    sha256,
    sha3: text => hash('sha3-256', text, 'hex'),
    files: createFiles(sha256),
    stored: { get: cid => blocks.get(cid) },
  })
  const build = async (): Promise<Built> => {
    const built = await builder.build()
    for (const block of built.blocks) blocks.set(block.cid, block.bytes)
    return built
  }
  const text = async (built: Built, path: string): Promise<string | undefined> => {
    const node = decodeNode(blocks.get(built.root)!)
    if (node.kind !== 'site') throw new Error('no site')
    const store = { get: (cid: string) => blocks.get(cid) }
    const entry = resolve(store, node.files.cid, path)
    if (entry === undefined) return undefined
    let all = ''
    for await (const part of readFile(store, entry.cid)) all += new TextDecoder().decode(part)
    return all
  }
  return { write, build, text }
}
const errorOf = async (build: () => Promise<unknown>): Promise<SxError> => {
  try {
    await build()
  } catch (error) {
    return (error as SxError & { detail: { errors: SxError[] } }).detail.errors[0]!
  }
  throw new Error('it was built')
}

const list =
  '(defcomp ~posts () (ul (map (fn (p) (li (get p :title))) (query "blog/posts"))))\n(defpage home :path "/" :title (str (len (query "blog/posts")) " posts") :content (~posts))'

it('a query is answered by a file of data/, which is published, and pages follow it', async () => {
  const { build, text, write } = site({
    'src/a.sx': list,
    'data/blog/posts.json': '[{"title":"One"},{"title":"Two"}]',
  })
  const built = await build()
  expect(await text(built, 'index.html')).toContain('<ul><li>One</li><li>Two</li></ul>')
  expect(await text(built, 'index.html')).toContain('<title>2 posts</title>')
  expect(await text(built, 'data/blog/posts.json')).toBe('[{"title":"One"},{"title":"Two"}]')
  write({ 'data/blog/posts.json': '[{"title":"Three"}]' })
  expect(await text(await build(), 'index.html')).toContain('<ul><li>Three</li></ul>')
})

it(':paths may ask', async () => {
  const { build, text } = site({
    'src/a.sx': '(defpage post :path "/p/<slug>" :title slug :paths (query "slugs") :content (h1 slug))',
    'data/slugs.json': '["a","b"]',
  })
  expect(await text(await build(), 'p/b/index.html')).toContain('<h1>b</h1>')
})

it('without a file it is an error at the definition that asks, with the way to it', async () => {
  const { build } = site({ 'src/a.sx': list.replace('(str (len (query "blog/posts")) " posts")', '"x"') })
  const error = await errorOf(build)
  expect(error.code).toBe('eval-unsupported')
  expect(error.message).toContain('blog/posts')
  expect(error.detail.place).toMatchObject({ file: 'a.sx', line: 1 })
  expect(error.detail.hint).toContain('→ ~posts → query; put its answer into data/blog/posts.json')
})

it.each(['now', 'current-user', 'request-arg'])('%s waits for a browser or a server', async word => {
  const { build } = site({
    'src/a.sx': `(define (when-it-is) (str (${word} "x")))\n(defpage home :path "/" :title "" :content (p (when-it-is)))`,
  })
  const error = await errorOf(build)
  expect(error.message).toContain(`${word} waits for a browser or a server`)
  expect(error.detail).toMatchObject({ place: { line: 1 } })
  expect(error.detail.hint).toContain(`→ when-it-is → ${word}`)
})

it('a page that is rendered later may ask anything', async () => {
  const { build } = site({
    'src/a.sx': '(defpage post :path "/p/<slug>" :title slug :content (p (now) (request-arg "q")))',
  })
  expect((await build()).pages).toHaveLength(1)
})

it('a query with arguments is more than a file can answer; a top-level value asks nobody', async () => {
  const first = site({
    'src/a.sx': '(defpage home :path "/" :title "" :content (p (query "a" :n 1)))',
    'data/a.json': '1',
  })
  expect((await errorOf(first.build)).message).toContain('has arguments')
  rmSync(folder!, { recursive: true })
  const second = site({
    'src/a.sx': '(define all (query "a"))\n(defpage home :path "/" :title "" :content (p all))',
    'data/a.json': '1',
  })
  expect((await errorOf(second.build)).message).toContain("top-level value can't ask the host")
})

it('a file that is no JSON says which', async () => {
  const { build } = site({ 'src/a.sx': '(define one 1)', 'data/a.json': '{' })
  await expect(build()).rejects.toThrow(/data\/a.json is not JSON/)
})

it('a definition of another publisher counts with what it reaches', async () => {
  const { build, write } = site({ 'src/a.sx': '(define (clock) (now))' })
  const built = await build()
  const cid = built.names().clock!
  write({ 'src/b.sx': `(define (mine) :effects () (@h:${cid}))` })
  const error = await errorOf(build)
  expect([error.code, error.detail.word]).toEqual(['effect-undeclared', 'now'])
})
