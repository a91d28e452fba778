// How many bytes of leaves all streams together hold for readers who have not taken them yet.

export interface Loans {
  /** for as long as the reader likes; false: half of the budget is out already */
  tryTake(bytes: number): boolean
  /** for a moment; whoever comes when all is out waits for its turn */
  take(bytes: number): Promise<void>
  giveBack(bytes: number): void
}

export function createLoans(budget: number): Loans {
  let out = 0
  const waiting: { readonly bytes: number; readonly go: () => void }[] = []
  const fits = (bytes: number): boolean => out + bytes <= budget || out === 0
  return {
    tryTake: bytes => {
      if (out + bytes > budget / 2 || waiting.length > 0) return false
      out += bytes
      return true
    },
    take: async bytes => {
      if (waiting.length > 0 || !fits(bytes))
        await new Promise<void>(go => {
          waiting.push({ bytes, go })
        })
      else out += bytes
    },
    giveBack: bytes => {
      out -= bytes
      for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
        waiting.shift()
        out += next.bytes
        next.go()
      }
    },
  }
}
