// Chance with a seed, made here: a program is a function of its number, whatever versions of anything are installed.

export interface Random {
  /** an integer from 0 to n−1 */
  below(n: number): number
  /** true that many times in a hundred */
  chance(percent: number): boolean
  pick<T>(from: readonly T[]): T
  /** one of the rows, each as often as its weight says */
  weighted<T extends readonly [weight: number, ...unknown[]]>(rows: readonly T[]): T
}

/** mulberry32 over a mixed seed: neighbouring seeds have nothing in common. */
export const createRandom = (seed: number): Random => {
  let state = Math.imul((seed ^ Math.floor(seed / 2 ** 32)) + 0x9e3779b9, 0x85ebca6b) ^ 0xc2b2ae35
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    below,
    chance: percent => next() * 100 < percent,
    pick: from => from[below(from.length)]!,
    weighted(rows) {
      let left = next() * rows.reduce((sum, [weight]) => sum + weight, 0)
      return rows.find(([weight]) => (left -= weight) < 0) ?? rows.at(-1)!
    },
  }
}
