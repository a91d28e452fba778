import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearMisses } from '../../src/lang/near.ts'

describe('near misses', () => {
  it('count insertions, deletions, substitutions and swaps', () => {
    expect(editDistance('shout', 'shuot', 3)).toBe(1)
    expect(editDistance('card', 'cards', 3)).toBe(1)
    expect(editDistance('kitten', 'sitting', 3)).toBe(3)
    expect(editDistance('abc', 'xyz', 2)).toBe(3)
    expect(editDistance('', 'ab', 2)).toBe(2)
  })
  it('stop counting at the limit, and agree with the plain definition below it', () => {
    const plain = (a: string, b: string): number => {
      const table = Array.from({ length: a.length + 1 }, (_, i) => [i])
      for (let j = 0; j <= b.length; j++) table[0]![j] = j
      for (let i = 1; i <= a.length; i++)
        for (let j = 1; j <= b.length; j++) {
          const same = a[i - 1] === b[j - 1] ? 0 : 1
          let cost = Math.min(table[i - 1]![j]! + 1, table[i]![j - 1]! + 1, table[i - 1]![j - 1]! + same)
          if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
            cost = Math.min(cost, table[i - 2]![j - 2]! + 1)
          table[i]![j] = cost
        }
      return table[a.length]![b.length]!
    }
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(word, word, fc.nat(4), (a, b, limit) => {
        expect(editDistance(a, b, limit)).toBe(Math.min(plain(a, b), limit + 1))
      }),
      { numRuns: 3000 },
    )
  })
  it('of a component are components first', () => {
    expect(nearMisses('~lost', ['last', '~post', 'list', '~blog/lots'])[0]).toBe('~post')
    expect(nearMisses('last', ['~lasts', 'fast'])[0]).toBe('fast')
  })
  it('come nearest first, three at most, and not from far away', () => {
    expect(nearMisses('shuot', ['shout', 'short', 'shut', 'shot', 'upper'])).toEqual([
      'shout',
      'shot',
      'shut',
    ])
    expect(nearMisses('f', ['g', 'h'])).toEqual([])
    expect(nearMisses('~card', ['Card', 'card', '~cart'])).toEqual(['Card', 'card', '~cart'])
  })
  it('know a name that stands below another path', () =>
    expect(nearMisses('~card', ['~market/card', '~blog/cards'])).toEqual(['~market/card']))
})
