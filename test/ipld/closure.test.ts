import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { cidOf, DAG_CBOR } from '../../src/ipld/cid.ts'
import { closureOf, LINKS_PER_BLOCK, putClosure } from '../../src/ipld/closure.ts'
import { decodeNode } from '../../src/ipld/decode.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const cid = (n: number): string => cidOf(DAG_CBOR, sha256(new TextEncoder().encode(String(n))))

describe('a closure', () => {
  it('is in depth-first post-order of first occurrence, the root last', () => {
    const graph: Record<string, string[]> = {
      root: ['a', 'b', 'a'],
      a: ['c'],
      b: ['c', 'd', 'a'],
      c: [],
      d: [],
    }
    expect(closureOf('root', name => graph[name] as string[])).toEqual(['c', 'a', 'd', 'b', 'root'])
  })

  it('is what a recursive walk gives, for any graph, each node asked once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat({ max: 29 }), { maxLength: 5 }), { minLength: 30, maxLength: 30 }),
        edges => {
          const links = (name: string): string[] =>
            (edges[Number(name)] as number[]).filter(to => to > Number(name)).map(String)
          const expected: string[] = []
          const seen = new Set<string>()
          const walk = (name: string): void => {
            seen.add(name)
            for (const to of links(name)) if (!seen.has(to)) walk(to)
            expected.push(name)
          }
          walk('0')
          const asked: string[] = []
          const order = closureOf('0', name => {
            asked.push(name)
            return links(name)
          })
          expect(order).toEqual(expected)
          expect(new Set(asked).size).toBe(asked.length)
        },
      ),
    )
  })

  it('takes a chain of 100,000 without a stack, and refuses one more', () => {
    const chain = (length: number) =>
      closureOf('0', name => (Number(name) + 1 < length ? [String(Number(name) + 1)] : []))
    expect(chain(100_000).length).toBe(100_000)
    expect(() => chain(100_001)).toThrowError(SxError)
    expect(() => closureOf('a', () => ['b'], 1)).toThrowError(
      expect.objectContaining({ code: 'block-too-large' }),
    )
  })

  it.each([0, 1, LINKS_PER_BLOCK, LINKS_PER_BLOCK + 1, 50_000])(
    'of %i links is stored in blocks under 1 MiB and comes back',
    count => {
      const blocks = new Map<string, Uint8Array>()
      const order = Array.from({ length: count }, (_, i) => cid(i))
      const root = putClosure(order, bytes => {
        const name = cidOf(DAG_CBOR, sha256(bytes))
        blocks.set(name, bytes)
        return name
      })
      for (const bytes of blocks.values()) expect(bytes.length).toBeLessThan(2 ** 20)
      const linksOf = (name: string): string[] => {
        const node = decodeNode(blocks.get(name) as Uint8Array)
        if (node.kind !== 'closure') throw new Error('no closure')
        return node.links?.map(link => link.cid) ?? (node.parts ?? []).flatMap(part => linksOf(part.cid))
      }
      expect(linksOf(root)).toEqual(order)
      expect(blocks.size).toBe(count <= LINKS_PER_BLOCK ? 1 : Math.ceil(count / LINKS_PER_BLOCK) + 1)
    },
  )
})
