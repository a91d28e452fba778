// The graph by itself: what is computed when, who is told, and what is left when all is over.
import { memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batch, Computed, Signal, Watcher } from '../../src/runtime/signal.ts'

/** Watches what `f` reads, and keeps what it gave. */
class Watch extends Watcher {
  readonly seen: unknown[] = []
  private readonly f: () => unknown
  constructor(f: () => unknown) {
    super()
    this.f = f
    this.run()
  }
  override run(): void {
    const before = this.startReading()
    try {
      this.seen.push(this.f())
    } finally {
      this.stopReading(before, undefined)
    }
  }
  override fail(error: unknown): void {
    this.seen.push(error)
    this.end()
  }
}

const num = (s: Signal): number => s.get() as number

describe('signals', () => {
  it('compute nothing that nobody reads, and once for all who do', () => {
    const a = new Signal(1)
    let runs = 0
    const b = new Computed(() => {
      runs++
      return num(a) * 2
    })
    a.set(2)
    expect(runs).toBe(0)
    expect([b.get(), b.get(), runs]).toEqual([4, 4, 1])
    const w1 = new Watch(() => b.get())
    const w2 = new Watch(() => b.get())
    a.set(5)
    expect([w1.seen, w2.seen, runs]).toEqual([[4, 10], [4, 10], 2])
  })

  it('never show half of a change: diamonds, and conditions that no longer hold', () => {
    const a = new Signal(1)
    const twice = new Computed(() => num(a) * 2)
    const thrice = new Computed(() => num(a) * 3)
    const w = new Watch(() => num(thrice) - num(twice) - num(a))
    for (let i = 2; i < 5; i++) a.set(i)
    expect(w.seen).toEqual([0, 0, 0, 0])
    const list = new Signal([1] as number[] | null)
    const first = new Computed(() => (list.get() as number[])[0])
    const safe = new Watch(() => (list.get() ? first.get() : 'none'))
    list.set(null)
    expect(safe.seen).toEqual([1, 'none'])
  })

  it('tell nobody when a computed signal comes out the same, or is given the atom that it has', () => {
    const a = new Signal(1)
    const odd = new Computed(() => num(a) % 2 === 1)
    const w = new Watch(() => odd.get())
    a.set(3)
    a.set(3)
    a.set(4)
    expect(w.seen).toEqual([true, false])
    const list = new Signal([] as number[])
    const l = new Watch(() => (list.get() as number[]).length)
    ;(list.v as number[]).push(1)
    list.set(list.v)
    expect(l.seen).toEqual([0, 1])
  })

  it('hold an error for whoever reads it, and forget it when the sources change', () => {
    const a = new Signal(0)
    const b = new Computed(() => {
      if (!num(a)) throw new Error('zero')
      return 1 / num(a)
    })
    expect(() => b.get()).toThrow('zero')
    a.set(2)
    expect(b.get()).toBe(0.5)
  })

  it('give up on a circle of effects', () => {
    const a = new Signal(0)
    const w = new Watch(() => a.set(num(a) + 1))
    a.set(100)
    expect(w.over).toBe(true)
    expect(w.seen.at(-1)).toMatchObject({ code: 'eval-limit' })
  })

  it('are right in any graph after any changes, in batches or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 15 }),
        fc.array(fc.array(fc.tuple(fc.nat(2), fc.nat(5)), { maxLength: 3 }), { maxLength: 10 }),
        (shape, changes) => {
          const sources = [0, 1, 2].map(v => new Signal(v))
          const nodes: Signal[] = [...sources]
          const plain: (() => number)[] = sources.map(s => () => s.v as number)
          for (const of of shape) {
            const at = of.map(i => i % nodes.length)
            // Reads its first source, and the others only when that is even.
            const sum = (read: (i: number) => number): number =>
              read(at[0]!) % 2 ? read(at[0]!) : at.reduce((all, i) => all + read(i), 1) % 100
            const known = [...nodes]
            const bare = [...plain]
            nodes.push(new Computed(() => sum(i => num(known[i]!))))
            plain.push(() => sum(i => bare[i]!()))
          }
          const watches = nodes.map((node, i) => [new Watch(() => node.get()), plain[i]!] as const)
          for (const change of changes) {
            batch(() => {
              for (const [i, v] of change) sources[i]!.set(v)
            })
            for (const [watch, right] of watches) expect(watch.seen.at(-1)).toBe(right())
          }
          for (const [watch] of watches) watch.end()
          for (const node of nodes) expect(node.readers?.size ?? 0).toBe(0)
        },
      ),
    )
  })

  it('leave nothing behind: 10,000 readers of one signal come and go', () => {
    const store = new Signal(0)
    for (let i = 0; i < 10_000; i++) {
      const w = new Watch(() => num(new Computed(() => num(store) + i)))
      store.set(i)
      w.end()
    }
    expect(store.readers!.size).toBe(0)
  })

  it('give all memory back: after 10,000 readers at once the heap is within 5 % of what it was', () => {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const store = new Signal(0)
    const mount = (i: number): Watch => new Watch(() => num(new Computed(() => num(store) + i)) + num(store))
    const heapAfter = (rounds: number, end: (one: Watch) => void): number => {
      for (let round = 0; round < rounds; round++) {
        const all = Array.from({ length: 10_000 }, (_, i) => mount(i))
        store.set(num(store) + 1)
        for (const one of all) end(one)
      }
      collect()
      return memoryUsage().heapUsed
    }
    const before = heapAfter(3, one => one.end())
    expect(heapAfter(3, one => one.end()) / before).toBeLessThan(1.05)
    expect(store.readers!.size).toBe(0)
    // The measure sees those of one round that stay.
    expect(heapAfter(1, () => {}) / before).toBeGreaterThan(1.05)
  })

  it('go as deep as a chain of 1,000', () => {
    const a = new Signal(1)
    let last: Signal = a
    for (let i = 0; i < 1000; i++) {
      const before = last
      last = new Computed(() => num(before) + 1)
    }
    const w = new Watch(() => last.get())
    a.set(2)
    expect(w.seen).toEqual([1001, 1002])
  })
})
