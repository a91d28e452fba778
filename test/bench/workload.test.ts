// The workload: valid, the same every time, and of the shape that was measured.
import { describe, expect, it } from 'vitest'
import { workload } from '../../bench/workload.ts'
import { shape } from '../../bench/workload-shape.ts'

describe('workload', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(workload(500)).toEqual(workload(500, 1))
    expect(workload(500, 2)).not.toEqual(workload(500, 1))
  })

  it('holds as many definitions as asked for, and every reference resolves', () => {
    for (const count of [1, 7, 100, 1000]) expect(shape(workload(count)).definitions).toBe(count)
  })

  it('has the shape of the interface that was measured', () => {
    const found = shape(workload(11_826))
    const near = (value: number, goal: number, factor: number) => {
      expect(value).toBeGreaterThan(goal / factor)
      expect(value).toBeLessThan(goal * factor)
    }
    near(found.medianBytes, 191, 1.1)
    near(found.meanBytes, 389, 1.05)
    near(found.references, 2.3, 1.05)
    near(found.longestChain, 86, 1.3)
    near(found.closureMedian, 389, 1.6)
    near(found.ancestors, 146, 1.7)
    expect(found).toMatchObject({ pages: 118, cycles: 43, largestCycle: 57 })
  })
})
