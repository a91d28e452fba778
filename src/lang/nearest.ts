// Near misses of a name among few candidates: what an error suggests.

/** Edits (insert, delete, change, swap neighbours) between two words, or `limit + 1` when there are more. */
const edits = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    before = last
    last = row
  }
  return last[b.length]!
}

/** Up to three candidates within a third of the name's length, nearest first, then by code point. */
export const nearest = (name: string, candidates: Iterable<string>): string[] => {
  if (name.length > 80) return []
  const limit = Math.max(1, Math.floor(name.length / 3))
  const found: { word: string; distance: number }[] = []
  for (const word of new Set(candidates)) {
    const distance = edits(name, word, limit)
    if (distance <= limit && distance < name.length) found.push({ word, distance })
  }
  return found
    .sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1))
    .slice(0, 3)
    .map(one => one.word)
}
