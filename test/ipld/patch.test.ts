import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { cidOf, DAG_CBOR, parseCid } from '../../src/ipld/cid.ts'
import { gzip } from '../../src/ipld/gzip.ts'
import { patchBetween, writePatch } from '../../src/ipld/make-patch.ts'
import { prove, readPack } from '../../src/ipld/pack.ts'
import { nodesOfPage, type PageNodes } from '../../src/ipld/page-nodes.ts'
import { applyPatch, nodesInOrder } from '../../src/ipld/patch.ts'
import type { Skeleton } from '../../src/ipld/skeleton.ts'
import { writePack } from '../../src/ipld/write-pack.ts'
import { createSite, type Files, sha256 } from '../support/graph-site.ts'
import { inflate } from '../support/packs.ts'
import { type Vertex, vertices, write, writing } from '../support/random-site.ts'

type Bytes = Uint8Array<ArrayBuffer>
const bytesOf = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const codeOf = async (run: () => unknown): Promise<unknown> => {
  try {
    await run()
    return 'applied'
  } catch (error) {
    return error instanceof SxError ? error.code : error
  }
}

/** Versions of a site one after another; every block of all of them stays. */
const versions = () => {
  const site = createSite()
  const kept = new Map<string, Uint8Array>()
  let paths: string[] = []
  return {
    get: (cid: string): Uint8Array => kept.get(cid)!,
    page(files: Files): string {
      const { errors } = site.update(
        files,
        paths.filter(path => !(path in files)),
      )
      if (errors.length > 0) throw errors[0]
      paths = Object.keys(files)
      for (const [cid, { bytes }] of site.blocks) kept.set(cid, bytes)
      return site.pages().home!
    },
  }
}
const patchOf = async (before: Files, after: Files) => {
  const site = versions()
  const from = site.page(before)
  const to = site.page(after)
  return { site, from, to, patch: await patchBetween(from, to, site.get, sha256) }
}

const home = (content: string): string => `(defpage home :path "/" :title "Home" :content ${content})`
const parts = Array.from(
  { length: 40 },
  (_, i) =>
    `(defcomp ~part-${i} (&key x) (div (p "part number ${i}" x) (~icon :name "${i}") ${i ? `(~part-${i - 1} :x x)` : ''}))`,
)
const base: Files = {
  'icon.sx': '(defcomp ~icon (&key name) (svg :width 16 (title name)))',
  'parts.sx': parts.join('\n'),
  'home.sx': home('(main (h1 "Home") (~part-39 :x 1) (~part-20 :x 2) (~icon :name "end"))'),
}
const replaced = (file: string, from: string, to: string): Files => {
  expect(base[file]).toContain(from)
  return { ...base, [file]: base[file]!.replace(from, to) }
}

describe('a patch', () => {
  it.each<[string, Files, number]>([
    ['a word in a leaf', replaced('icon.sx', '16', '24'), 120],
    ['a word in the middle', replaced('parts.sx', 'part number 20"', 'part number twenty"'), 130],
    ['a word of the page itself', replaced('home.sx', '(h1 "Home")', '(h1 "At home")'), 120],
    [
      'a component that is new',
      {
        ...base,
        'new.sx': '(defcomp ~new () (b "new"))',
        'home.sx': home('(main (h1 "Home") (~new) (~part-39 :x 1) (~part-20 :x 2) (~icon :name "end"))'),
      },
      180,
    ],
    ['a component that falls away', replaced('home.sx', '(~part-39 :x 1)', ''), 120],
    [
      'a new leaf under a leaf',
      {
        ...replaced('icon.sx', '(title name)', '(title (~name :of name))'),
        'name.sx': '(defcomp ~name (&key of) (b of))',
      },
      190,
    ],
    [
      'two that change places',
      replaced('home.sx', '(~part-39 :x 1) (~part-20 :x 2)', '(~part-20 :x 2) (~part-39 :x 1)'),
      170,
    ],
    [
      'a new name',
      {
        'icon.sx': base['icon.sx']!.replaceAll('~icon', '~sign'),
        'parts.sx': base['parts.sx']!.replaceAll('~icon', '~sign'),
        'home.sx': `${base['home.sx']!.replaceAll('~icon', '~sign')}`.replace('"end"', '"End"'),
      },
      130,
    ],
  ])('of %s is a few bytes', async (_, after, most) => {
    const { site, from, to, patch } = await patchOf(base, after)
    expect(patch!.length).toBeLessThan(most)
    const inflated = await inflate(new Uint8Array(patch!), 1 << 20)
    expect(inflated[0]).toBe(2)
    // it names both pages
    expect(cidOf(DAG_CBOR, inflated.subarray(1, 33))).toBe(from)
    expect(cidOf(DAG_CBOR, inflated.subarray(33, 65))).toBe(to)
    expect(applyPatch(inflated, from, nodesOfPage(from, site.get).nodes)).toEqual(
      nodesOfPage(to, site.get).nodes,
    )
  })

  it('of a cycle whose members all move sends what changed, not the cycle', async () => {
    const members = (first: string): Files => ({
      'cycle.sx': Array.from(
        { length: 30 },
        (_, i) =>
          `(define (f${i} n) (if (= n ${i === 3 ? first : i * 7}) ${JSON.stringify(`the ${i}th ${sha256(Uint8Array.of(i)).join('')}`)} (f${(i + 1) % 30} (- n 1))))`,
      ).join('\n'),
      'home.sx': home('(p (f0 1) (f10 2) (f20 3))'),
    })
    const { patch, site, to } = await patchOf(members('1'), members('2'))
    const pack = gzip(writePack(nodesOfPage(to, site.get).nodes))
    expect(patch!.length).toBeLessThan(pack.length / 4)
  })

  it('is none to the same page, to another route, from what is no page, or where the pack is smaller', async () => {
    const site = versions()
    const from = site.page(base)
    expect(await patchBetween(from, from, site.get, sha256)).toBeUndefined()
    const elsewhere = site.page({ ...base, 'home.sx': home('(p "x")').replace('"/"', '"/other"') })
    expect(await patchBetween(from, elsewhere, site.get, sha256)).toBeUndefined()
    const icon = nodesOfPage(from, site.get).order[0]!
    expect(await patchBetween(icon, from, site.get, sha256)).toBeUndefined()
    const small = site.page({ 'home.sx': home('(p "another thing altogether")') })
    expect(await patchBetween(from, small, site.get, sha256)).toBeUndefined()
  })

  it('leads from every version to every other, for random edits of random graphs', async () => {
    const edit = (size: number) =>
      fc.record({
        vertex: fc.nat(size - 1),
        with: fc.record({ shape: fc.nat(2), to: fc.array(fc.nat(size - 1), { maxLength: 3 }) }),
      })
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }).chain(size =>
          fc.record({
            graph: vertices(size).map(some => [
              ...some,
              ...Array.from({ length: size - some.length }, (): Vertex => ({ shape: 1, to: [] })),
            ]),
            edits: fc.array(edit(size), { minLength: 1, maxLength: 4 }),
            // every version under other names, in other files: renames, aliases and duplicates
            ways: fc.array(writing(size), { minLength: 5, maxLength: 5 }),
            shown: fc.array(fc.array(fc.nat(size - 1), { minLength: 1, maxLength: 5 }), {
              minLength: 5,
              maxLength: 5,
            }),
          }),
        ),
        async ({ graph, edits, ways, shown }) => {
          const site = versions()
          const graphs = [graph]
          for (const { vertex, with: to } of edits)
            graphs.push(graphs.at(-1)!.map((one, i) => (i === vertex ? to : one)))
          const pages = graphs.map((one, i) => {
            const how = ways[i]!
            const calls = shown[i]!.map(
              v => `(${how.names[v]! % 2 === 0 ? '~part/' : 'fn-'}${how.names[v]} 1)`,
            )
            return site.page({ ...write(one, how), 'home.sx': home(`(list ${calls.join(' ')})`) })
          })
          const all = pages.map(page => nodesOfPage(page, site.get))
          for (const [i, old] of all.entries())
            for (const [k, next] of all.entries()) {
              const made = applyPatch(writePatch(old, next), pages[i]!, old.nodes)
              expect(made).toEqual(next.nodes)
              const { blocks } = await prove(made, pages[k]!, sha256)
              expect([...blocks.keys()]).toEqual(next.order)
            }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('counts nodes in the same order, whatever packs they came in', () => {
    const site = versions()
    const { nodes, order } = nodesOfPage(site.page(base), site.get)
    // some nodes first, as in a shared pack, with all that they need
    const first = [...order.keys()].filter(i => i < 20)
    const packed = [
      ...first.filter(i => i % 2 === 0),
      ...first.filter(i => i % 2 === 1),
      ...[...order.keys()].slice(20),
    ]
    const sorted = [...packed].sort(
      (a, b) => (nodes[a]!.refs.length ? 1 : 0) - (nodes[b]!.refs.length ? 1 : 0) || a - b,
    )
    const at = new Map(sorted.map((old, i) => [old, i]))
    const moved: Skeleton[] = sorted.map(i => ({
      parts: nodes[i]!.parts,
      refs: nodes[i]!.refs.map(ref => at.get(ref)!),
    }))
    expect(nodesInOrder(moved)).toEqual(nodes)
    expect(nodesInOrder(readPack(writePack(nodes)))).toEqual(nodes)
  })
})

describe('a patch from somebody else', () => {
  const site = versions()
  const from = site.page(base)
  const to = site.page(replaced('parts.sx', 'part number 20"', 'part number twenty"'))
  const old: PageNodes = nodesOfPage(from, site.get)
  const good = writePatch(old, nodesOfPage(to, site.get))
  const apply = (bytes: Uint8Array) => codeOf(() => prove(applyPatch(bytes, from, old.nodes), to, sha256))

  it('for another page is refused before anything is made', async () => {
    expect(await apply(good)).toBe('applied')
    expect(await codeOf(() => applyPatch(good, to, old.nodes))).toBe('block-malformed')
  })
  it('that was changed anywhere leads to the page that it names, or nowhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = good.slice()
        bytes[at % bytes.length]! ^= flip
        expect(await apply(bytes)).toMatch(/^block-|^applied$/)
      }),
      { numRuns: 300 },
    )
  })
  it('that is noise ends in a clear error', async () => {
    const head = [2, ...parseCid(from).digest, ...parseCid(to).digest]
    const op = fc.oneof(
      fc.tuple(fc.constant(0), fc.nat(50), fc.nat(50)),
      fc.tuple(fc.constant(2), fc.nat(50), fc.nat(127), fc.nat(127), fc.constant(0)),
      fc.array(fc.nat(255), { maxLength: 6 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(op, { maxLength: 30 }), async ops => {
        expect(await apply(Uint8Array.from([...head, ...ops.flat()]))).toMatch(/^block-/)
      }),
      { numRuns: 1000 },
    )
  })
  it('is no long computation and no large one', async () => {
    const head = [2, ...parseCid(from).digest, ...parseCid(to).digest]
    // one node that copies the first old one again and again
    const wide: Skeleton = {
      parts: Array.from({ length: 20_001 }, () => new Uint8Array()),
      refs: Array(20_000).fill(0),
    }
    const leaf: Skeleton = { parts: [Uint8Array.of(1)], refs: [] }
    const copies = Uint8Array.from([...head, 0, 0, 1, 2, 1, ...Array(200_000).fill([5, 0]).flat(), 0])
    expect(await codeOf(() => applyPatch(copies, from, [leaf, wide]))).toMatch(/^block-/)
    const large: Skeleton = { parts: [new Uint8Array(1 << 20)], refs: [] }
    const grown = Uint8Array.from([...head, 2, 0, ...Array(5).fill([0x81, 0x80, 0x80, 2, 0]).flat(), 0])
    expect(await codeOf(() => applyPatch(grown, from, [large]))).toBe('block-malformed')
  })
})

describe('the vectors of patches', () => {
  const { vectors, invalid } = JSON.parse(
    readFileSync(new URL('../vectors/ipld/patches.json', import.meta.url), 'utf8'),
  ) as {
    vectors: { name: string; from: string; to: string; pack: string; patch: string; next: string }[]
    invalid: { name: string; from: string; to: string; pack: string; patch: string; code: string }[]
  }
  const nodesIn = async (hex: string) => readPack(await inflate(bytesOf(hex), 1 << 20))

  it.each(vectors)('$name', async ({ from, to, pack, patch, next }) => {
    const old = await nodesIn(pack)
    const made = applyPatch(await inflate(bytesOf(patch), 1 << 20), from, old)
    const { blocks } = await prove(made, to, sha256)
    expect(hexOf(gzip(writePack(made)))).toBe(next)
    const before = (await prove(old, from, sha256)).blocks
    const get = (cid: string): Uint8Array => blocks.get(cid) ?? before.get(cid)!
    expect(hexOf((await patchBetween(from, to, get, sha256))!)).toBe(patch)
  })
  it.each(invalid)('$name: refused', async ({ from, to, pack, patch, code }) => {
    const old = await nodesIn(pack)
    expect(
      await codeOf(async () =>
        prove(applyPatch(await inflate(bytesOf(patch), 1 << 20), from, old), to, sha256),
      ),
    ).toBe(code)
  })
})
