// Near misses of an unknown name: what the author may have meant.

/**
 * Edits between two names: insertions, deletions, substitutions, swaps of neighbours (optimal string alignment), or
 * `limit + 1` when there are more than `limit`.
 */
export const editDistance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      )
      if (!same && i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] as number) + 1)
      row.push(cost)
      if (cost < least) least = cost
    }
    if (least > limit) return limit + 1
    before = last
    last = row
  }
  return last[b.length] as number
}

/** Names are compared without case, `~` and the difference of `_` and `-`. */
const folded = (name: string): string => name.toLowerCase().replace(/^~/, '').replaceAll('_', '-')
const tail = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/**
 * At most `count` of `names` that look like `name`, nearest first, then by code unit: a slip of a letter or two, or
 * the same last part below another path (`~card` for `~market/card`).
 */
export const nearMisses = (name: string, names: Iterable<string>, count = 3): readonly string[] => {
  const wanted = folded(name)
  const wantedTail = tail(wanted)
  const limit = wanted.length < 3 ? 1 : wanted.length < 8 ? 2 : 3
  const found: { readonly name: string; readonly cost: number }[] = []
  for (const other of names) {
    if (other === name) continue
    const candidate = folded(other)
    const cost =
      wantedTail.length > 2 && tail(candidate) === wantedTail ? 1.5 : editDistance(wanted, candidate, limit)
    // A name may not change as a whole: `f` is not near `g`.
    if (cost <= limit && cost < Math.max(wanted.length, candidate.length)) found.push({ name: other, cost })
  }
  return found
    .sort((a, b) => a.cost - b.cost || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(one => one.name)
}
