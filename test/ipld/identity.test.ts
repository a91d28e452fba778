// What a definition's CID depends on, and what it does not: properties over random sites.
import { decode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { decodeNode } from '../../src/ipld/decode.ts'
import { checkGroup } from '../../src/ipld/refine.ts'
import { build, sha256 } from '../support/graph-site.ts'
import {
  nameOf,
  reach,
  unfoldings,
  type Vertex,
  vertices,
  type Writing,
  write,
  writing,
} from '../support/random-site.ts'

const links = (value: unknown, found: string[] = []): string[] => {
  const cid = CID.asCID(value)
  if (cid !== null) found.push(cid.toString())
  else if (Array.isArray(value)) for (const one of value) links(one, found)
  else if (typeof value === 'object' && value !== null)
    for (const one of Object.values(value)) links(one, found)
  return found
}

const cidsOf = (graph: readonly Vertex[], how: Writing): string[] => {
  const names = build(write(graph, how)).names()
  return graph.map((_, v) => names[nameOf(v, how)] as string)
}

const twoWritings = (most: number) =>
  vertices(most).chain(graph =>
    fc.record({ graph: fc.constant(graph), a: writing(graph.length), b: writing(graph.length) }),
  )

describe('a CID', () => {
  it('depends on no name, file, order, space or comment, in 3,000 random graphs with cycles and look-alikes', () => {
    fc.assert(
      fc.property(twoWritings(9), ({ graph, a, b }) => {
        expect(cidsOf(graph, b)).toEqual(cidsOf(graph, a))
      }),
      { numRuns: 3000 },
    )
  }, 120_000)

  it('is shared by members of a cycle exactly when they unfold to the same', () => {
    fc.assert(
      fc.property(
        vertices(8).chain(graph => fc.record({ graph: fc.constant(graph), how: writing(graph.length) })),
        ({ graph, how }) => {
          const cids = cidsOf(graph, how)
          const classes = unfoldings(graph, v => cids[v] as string)
          const reached = graph.map((_, v) => reach(graph, v))
          for (let x = 0; x < graph.length; x++)
            for (let y = 0; y < x; y++) {
              const together = (reached[x] as Set<number>).has(y) && (reached[y] as Set<number>).has(x)
              if (together) expect(cids[x] === cids[y]).toBe(classes[x] === classes[y])
            }
        },
      ),
      { numRuns: 2000 },
    )
  }, 60_000)

  it('names a block that is whole: every link leads to another one, every group is canonical', () => {
    fc.assert(
      fc.property(
        vertices(8).chain(graph => fc.record({ graph: fc.constant(graph), how: writing(graph.length) })),
        ({ graph, how }) => {
          const { blocks, first } = build(write(graph, how))
          const seen = new Set<string>()
          for (const { cid, bytes } of first.blocks) {
            for (const link of links(decode(bytes))) expect(seen).toContain(link)
            seen.add(cid)
            const node = decodeNode(bytes)
            if (node.kind === 'group') checkGroup(node, sha256)
          }
          expect(blocks.size).toBe(first.blocks.length)
        },
      ),
      { numRuns: 500 },
    )
  }, 60_000)

  it('changes for exactly the ancestors of a definition whose form changes', () => {
    fc.assert(
      fc.property(
        vertices(9).chain(graph =>
          fc.record({
            graph: fc.constant(graph),
            how: writing(graph.length),
            edited: fc.nat(graph.length - 1),
          }),
        ),
        ({ graph, how, edited }) => {
          const before = cidsOf(graph, how)
          const next = graph.map((one, v) => (v === edited ? { ...one, shape: 7 } : one))
          const after = cidsOf(next, how)
          graph.forEach((_, v) => {
            // What merged with the edited one, or stood in its cycle, refers to it or did: ancestors by either graph.
            expect(after[v] !== before[v]).toBe(reach(graph, v).has(edited))
          })
        },
      ),
      { numRuns: 1000 },
    )
  }, 60_000)
})

describe('renaming what is written', () => {
  const site = (card: string, foot: string, layout: string): Record<string, string> => ({
    'cards.sx': `; A card.\n(defcomp ${card} (&key heading &rest children)\n  (div :class "card" (h2 heading) children (${foot})))\n(defcomp ${foot} () (p "foot"))`,
    'pages.sx': `(defcomp ${layout} (&rest children) (main children))\n(defpage home :path "/" :title "Home" :content (${layout} (${card} :heading "x" "y")))`,
  })
  it('changes no page and no definition', () => {
    const a = build(site('~card', '~foot', '~layout'))
    const b = build(site('~cards/card', '~shared:parts/foot', '~wide'))
    expect(Object.values(b.names()).sort()).toEqual(Object.values(a.names()).sort())
    expect(b.pages()).toEqual(a.pages())
  })
  it('of a page changes nothing, its path does', () => {
    const page = (name: string, path: string) =>
      build({ 'p.sx': `(defpage ${name} :path "${path}" :content (p 1))` }).pages()[name]
    expect(page('home', '/')).toBe(page('start', '/'))
    expect(page('home', '/')).not.toBe(page('home', '/start'))
  })
  it('of an unnamed file changes nothing', () => {
    const unnamed = '(defcomp (&key x) (p x))'
    expect(build({ 'a/_b/c.sx': unnamed }).names()['~a/c']).toBe(
      build({ 'd.sx': '(defcomp ~other (&key x) (p x))' }).names()['~other'],
    )
  })
})

describe('quote sugar, brackets and dict order', () => {
  it('change nothing', () => {
    const one = build({ 'a.sx': "(define (f x) (let ((y '(1 :a))) {:b y :a x}))" }).names().f
    const other = build({ 'a.sx': '(define f [fn [x] (let [[y (quote [1 :a])]] {:a x\n :b y})])' }).names().f
    expect(other).toBe(one)
  })
  it('a byte order mark and CRLF change nothing either', () => {
    expect(build({ 'a.sx': '\ufeff(define f\r\n 1)\r\n' }).names()).toEqual(
      build({ 'a.sx': '(define f 1)' }).names(),
    )
  })
})
