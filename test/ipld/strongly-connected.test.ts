import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edgesOf, stronglyConnected } from '../../src/ipld/strongly-connected.ts'

const reach = (targets: readonly (readonly number[])[], from: number): Set<number> => {
  const seen = new Set([from])
  for (const one of seen) for (const to of targets[one] ?? []) seen.add(to)
  return seen
}

describe('strongly connected components', () => {
  it('are what reaches each other, and edges lead to lower numbers', () => {
    const graphs = fc.integer({ min: 0, max: 12 }).chain(size =>
      fc.array(fc.array(fc.nat(Math.max(0, size - 1)), { maxLength: 4 }), {
        minLength: size,
        maxLength: size,
      }),
    )
    fc.assert(
      fc.property(graphs, targets => {
        const { count, of } = stronglyConnected(edgesOf(targets.length, v => targets[v] as number[]))
        const reached = targets.map((_, v) => reach(targets, v))
        expect(new Set(of).size).toBe(count)
        for (let a = 0; a < targets.length; a++) {
          for (let b = 0; b < targets.length; b++) {
            const together = (reached[a] as Set<number>).has(b) && (reached[b] as Set<number>).has(a)
            expect(of[a] === of[b]).toBe(together)
          }
          for (const to of targets[a] as number[]) expect(of[to]).toBeLessThanOrEqual(of[a] as number)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('of a chain and a ring of 300,000 vertices need no deep stack', () => {
    const size = 300_000
    expect(stronglyConnected(edgesOf(size, v => (v + 1 < size ? [v + 1] : []))).count).toBe(size)
    expect(stronglyConnected(edgesOf(size, v => [(v + 1) % size])).count).toBe(1)
  })
})
