// Near misses of an unknown name: what the author may have meant.

/**
 * Edits between two names: insertions, deletions, substitutions, swaps of neighbours (optimal string alignment), or
 * `limit + 1` when there are more than `limit`. Looks only at alignments that can stay within the limit.
 */
export const editDistance = (a: string, b: string, limit: number): number => {
  const over = limit + 1
  if (Math.abs(a.length - b.length) > limit) return over
  const width = b.length + 1
  let before = new Uint8Array(width)
  let last = new Uint8Array(width).fill(over)
  let row = new Uint8Array(width)
  for (let j = 0; j <= Math.min(limit, b.length); j++) last[j] = j
  for (let i = 1; i <= a.length; i++) {
    row.fill(over)
    if (i <= limit) row[0] = i
    const unit = a.charCodeAt(i - 1)
    let least = row[0] as number
    for (let j = Math.max(1, i - limit); j <= Math.min(b.length, i + limit); j++) {
      const same = unit === b.charCodeAt(j - 1)
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      )
      if (
        !same &&
        i > 1 &&
        j > 1 &&
        unit === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1)
      )
        cost = Math.min(cost, (before[j - 2] as number) + 1)
      row[j] = Math.min(cost, over)
      if (cost < least) least = cost
    }
    if (least > limit) return over
    ;[before, last, row] = [last, row, before]
  }
  return last[b.length] as number
}

/** Names are compared without case, `~` and the difference of `_` and `-`. */
const folded = (name: string): string => name.toLowerCase().replace(/^~/, '').replaceAll('_', '-')
const tail = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/**
 * At most `count` of `names` that look like `name`, nearest first, then of the same length, then by code unit: a slip of a letter or two, or
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
    const tailed = wantedTail.length > 2 && tail(candidate) === wantedTail ? 1.5 : limit + 1
    const cost = Math.min(tailed, editDistance(wanted, candidate, limit))
    // A name may not change as a whole: `f` is not near `g`.
    if (cost <= limit && cost < Math.max(wanted.length, candidate.length)) found.push({ name: other, cost })
  }
  const lengthOff = (other: string): number => Math.abs(other.length - name.length)
  // Where letters differ, a name of the same kind was meant, a component or none; a `~` alone is soon forgotten.
  const rank = ({ name: other, cost }: (typeof found)[number]): number =>
    cost > 0 && other.startsWith('~') !== name.startsWith('~') ? cost + 0.9 : cost
  return found
    .sort((a, b) => rank(a) - rank(b) || lengthOff(a.name) - lengthOff(b.name) || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(one => one.name)
}
