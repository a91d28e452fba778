import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { blockOf } from '../../src/ipld/block.ts'
import { cidOf, RAW } from '../../src/ipld/cid.ts'
import { closureOf } from '../../src/ipld/closure.ts'
import { linksIn } from '../../src/ipld/links.ts'
import type { Manifest } from '../../src/ipld/manifest.ts'
import type { Proven } from '../../src/ipld/pack.ts'
import { openSite } from '../../src/ipld/site.ts'
import { createPagePacks, type PackedPage } from '../../src/publish/page-packs.ts'
import { type BuiltSite, serveSite } from '../support/built-site.ts'
import { build, createSite, type Files, sha256 } from '../support/graph-site.ts'
import { openAll } from '../support/packs.ts'

const packerOf = (site: Pick<ReturnType<typeof createSite>, 'blocks'>) => {
  const packs = new Map<string, Uint8Array<ArrayBuffer>>()
  let made = 0
  const bytesOf = (cid: string): Uint8Array => site.blocks.get(cid)!.bytes
  const linksOf = (cid: string): readonly string[] => linksIn(bytesOf(cid))
  const packer = createPagePacks({
    bytesOf,
    linksOf,
    put: (bytes, codec) => {
      made++
      const { cid } = blockOf(bytes, codec, sha256)
      packs.set(cid, new Uint8Array(bytes))
      return cid
    },
  })
  const known = new Map<string, PackedPage>()
  return {
    packs,
    made: () => made,
    update(pages: Record<string, string>) {
      for (const [name, cid] of Object.entries(pages))
        if (known.get(name)?.cid !== cid) known.set(name, { cid, needs: new Set(closureOf(cid, linksOf)) })
      for (const name of known.keys()) if (!(name in pages)) known.delete(name)
      return packer.update(new Map(known))
    },
    open: (cids: readonly string[], page: string): Promise<Proven> =>
      openAll(
        cids.map(cid => ({ cid, bytes: packs.get(cid)! })),
        page,
        sha256,
      ),
  }
}

const long = (word: string, size: number): string => `"${`${word} `.repeat(size)}"`
/** Three pages under one large layout, with a large part each. */
const files: Files = {
  'layout.sx': `(defcomp ~layout (&key title &rest children) (main (h1 title) (p ${long('shared', 400)}) children))`,
  'pages.sx': ['a', 'b', 'c']
    .map(
      name => `(defcomp ~${name} () (p ${long(name, 50)}))
(defpage ${name} :path "/${name}" :content (~layout :title "${name}" (~${name})))`,
    )
    .join('\n'),
}

describe("a site's packs", () => {
  it('hold what pages share once, and what is their own in one pack each', async () => {
    const site = build(files)
    const packer = packerOf(site)
    const packs = packer.update(site.pages())
    const [shared] = packs.get('a')!
    expect([...packs.values()].map(list => [list.length, list[0]])).toEqual([
      [2, shared],
      [2, shared],
      [2, shared],
    ])
    expect(packer.made()).toBe(4)
    for (const [name, page] of Object.entries(site.pages())) {
      const { blocks } = await packer.open(packs.get(name)!, page)
      expect([...blocks.keys()].sort()).toEqual(
        closureOf(page, cid => linksIn(site.blocks.get(cid)!.bytes)).sort(),
      )
    }
  })
  it('are one pack for a page by itself, for pages that share little, and for a page that needs little of what is shared', () => {
    const lengths = (files: Files): number[] => {
      const site = build(files)
      return [...packerOf(site).update(site.pages()).values()].map(list => list.length)
    }
    expect(lengths({ 'a.sx': '(defpage home :path "/" :content (p "x"))' })).toEqual([1])
    expect(
      lengths({
        'a.sx':
          '(defcomp ~foot () (p "foot"))\n(defpage a :path "/a" :content (~foot))\n(defpage b :path "/b" :content (~foot))',
      }),
    ).toEqual([1, 1])
    expect(lengths({ ...files, 'bare.sx': '(defpage bare :path "/bare" :content (p "bare"))' })).toEqual([
      2, 2, 1, 2,
    ])
  })
  it('are made again for the pages that an edit changed, and no others', () => {
    const site = createSite()
    site.update(files)
    const packer = packerOf(site)
    const before = packer.update(site.pages())
    const made = packer.made()
    site.update({ 'pages.sx': files['pages.sx']!.replace('"b b ', '"b B ') })
    const after = packer.update(site.pages())
    expect(packer.made()).toBe(made + 1)
    expect(after.get('a')).toEqual(before.get('a'))
    expect(after.get('b')).not.toEqual(before.get('b'))
    expect(packer.update(site.pages())).toEqual(after)
    expect(packer.made()).toBe(made + 1)
  })
  it('of a page larger than a block are several, each within it', async () => {
    const parts = Array.from({ length: 5 }, (_, i) => {
      // text that hardly compresses
      let hash = sha256(Uint8Array.of(i))
      let text = ''
      while (text.length < 400_000) {
        hash = sha256(hash)
        text += Buffer.from(hash).toString('base64')
      }
      return `(define part-${i} "${text}")`
    })
    const site = build({
      'a.sx': `${parts.join('\n')}\n(defpage home :path "/" :content (p part-0 part-1 part-2 part-3 part-4))`,
    })
    const packer = packerOf(site)
    const packs = packer.update(site.pages()).get('home')!
    expect(packs.length).toBe(3)
    for (const cid of packs) expect(packer.packs.get(cid)!.length).toBeLessThanOrEqual(1 << 20)
    const { blocks } = await packer.open(packs, site.pages().home!)
    expect(blocks.size).toBe(6)
  })
  it('built by edits are those built from scratch', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const edit = fc.record({
      page: name,
      word: fc.constantFrom('x', 'y', 'z'),
      uses: fc.subarray(['a', 'b', 'c', 'd']),
    })
    const fileOf = ({ page, word, uses }: { page: string; word: string; uses: string[] }): string =>
      `(defcomp ~${page} () (p ${long(word, 300)}))
(defpage ${page} :path "/${page}" :content (div ${uses.map(one => `(~${one})`).join(' ')}))`
    const all = ['a', 'b', 'c', 'd'].map(page => [
      `${page}.sx`,
      fileOf({ page, word: 'x', uses: ['a', 'b'] }),
    ])
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), edits => {
        const site = createSite()
        let now: Files = Object.fromEntries(all)
        site.update(now)
        const packer = packerOf(site)
        packer.update(site.pages())
        for (const one of edits) {
          const file = { [`${one.page}.sx`]: fileOf(one) }
          now = { ...now, ...file }
          site.update(file)
          const packs = packer.update(site.pages())
          const fresh = build(now)
          expect(packs).toEqual(packerOf(fresh).update(fresh.pages()))
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('a built site', () => {
  let site: BuiltSite | undefined
  afterEach(() => site?.stop())

  it('links the packs of each page from its entry, names them in its manifest, and has their blocks', async () => {
    site = await serveSite({ 'src/layout.sx': files['layout.sx']!, 'src/pages.sx': files['pages.sx']! })
    const load = (cid: string): Uint8Array => site!.store.get(cid)!
    const { root } = site.store.roots()[0]!
    const open = openSite(root, { sha256, load })
    const pages = [...open.pages()]
    expect(pages.map(page => page.packs.length)).toEqual([2, 2, 2])
    for (const { path, page, packs } of pages) {
      const html = (await site.gateway.inject({ method: 'GET', url: `${path}/` })).payload
      const manifest = JSON.parse(/data-sx-manifest>(.*?)<\/script>/.exec(html)![1]!) as Manifest
      expect(manifest.packs).toEqual(packs)
      const bytes = packs.map(cid => ({ cid, bytes: new Uint8Array(load(cid)) }))
      for (const one of bytes) expect(cidOf(RAW, sha256(one.bytes))).toBe(one.cid)
      const proven = await openAll(bytes, page, sha256)
      for (const [cid, block] of proven.blocks) expect(block).toEqual(new Uint8Array(load(cid)))
    }
    // the entry as any IPLD tool sees it
    const below = linksIn(load(open.node.pages.cid))
    expect(below).toEqual(expect.arrayContaining([...pages[0]!.packs]))
  })
})
