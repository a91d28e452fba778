// The canonical order of a cycle's members, and which of them are one (format §2, cycles). Names play no part in it.
import { SxError } from '../errors.ts'
import { MemberRef, Ref } from '../lang/values.ts'
import type { Sha256 } from '../ports.ts'
import { cidBytes } from './cid.ts'
import { type Draft, encodeShape, type Reference } from './encode.ts'
import type { GroupedNode, GroupNode } from './kinds.ts'
import { edgesOf, stronglyConnected } from './strongly-connected.ts'

/** Members compared in all rounds for one cycle: a ring of n that look alike takes n rounds of n members. */
export const MAX_COMPARED = 1 << 22

export interface Refined {
  /** member → its index in the group; members of one index unfold to the same infinite form */
  readonly indexOf: readonly number[]
  /** index in the group → a member that stands for it */
  readonly members: readonly number[]
}

/**
 * Ranks the members of a cycle, ties first allowed, then split until nothing splits:
 *
 * 1. by c₀, the sha2-256 of the shape (encode.ts: every reference blanked), as bytes;
 * 2. members of one rank by their references in the order of the encoding, one that leaves the cycle before one that
 *    stays, and those that stay by the rank that their targets had; again with the new ranks, until no rank splits;
 * 3. what still ties by the binary CIDs of the references that leave, in order, as bytes; then 2 again.
 *
 * Members that tie in the end are one member. `insideOf` says which member a reference means (undefined: it leaves),
 * `cidOf` the CID of one that leaves. Throws 'definition-too-large' past `MAX_COMPARED`.
 */
export const refine = (
  nodes: readonly Draft<GroupedNode>[],
  sha256: Sha256,
  insideOf: (found: Reference | Ref) => number | undefined,
  cidOf: (found: Reference | Ref) => string,
): Refined => {
  const size = nodes.length
  const references: (Reference | Ref)[][] = []
  const shapes = nodes.map(node => {
    const found: (Reference | Ref)[] = []
    references.push(found)
    return sha256(encodeShape(node, one => found.push(one)))
  })
  const targets = references.map(list => list.map(one => insideOf(one) ?? -1))

  const order = nodes.map((_, member) => member)
  let ranks: number[] = new Array(size).fill(0)
  let count = 1
  let compared = 0
  /** Splits every rank by `compare`; a member's rank is the number of ranks before its own. True if one was split. */
  const split = (compare: (a: number, b: number) => number): boolean => {
    const next: number[] = new Array(size)
    let rank = -1
    for (let from = 0, to = 0; from < size; from = to) {
      const old = ranks[order[from] as number]
      while (to < size && ranks[order[to] as number] === old) to++
      const tied = order.slice(from, to)
      if (tied.length > 1) {
        compared += tied.length
        tied.sort(compare)
      }
      tied.forEach((member, i) => {
        order[from + i] = member
        if (i === 0 || compare(tied[i - 1] as number, member) !== 0) rank++
        next[member] = rank
      })
    }
    if (compared > MAX_COMPARED)
      throw new SxError('definition-too-large', `a cycle of ${size} definitions takes too long to order`, {
        limit: MAX_COMPARED,
        hint: 'too many definitions that look alike refer to each other in a ring: cut it into parts',
      })
    const finer = rank + 1 > count
    ranks = next
    count = rank + 1
    return finer
  }
  const byTargets = (a: number, b: number): number => {
    const [left, right] = [targets[a] as number[], targets[b] as number[]]
    for (let i = 0; i < left.length; i++) {
      const [x, y] = [left[i] as number, right[i] as number]
      const difference = (x < 0 ? -1 : (ranks[x] as number)) - (y < 0 ? -1 : (ranks[y] as number))
      if (difference !== 0) return difference
    }
    return 0
  }
  const settle = (): void => {
    while (count < size && split(byTargets));
  }

  split((a, b) => compareBytes(shapes[a] as Uint8Array, shapes[b] as Uint8Array))
  settle()
  if (count < size) {
    const leaving = references.map((list, member) =>
      list.flatMap((one, i) => ((targets[member] as number[])[i] === -1 ? [cidBytes(cidOf(one))] : [])),
    )
    const byLeaving = (a: number, b: number): number => {
      const [left, right] = [leaving[a] as Uint8Array[], leaving[b] as Uint8Array[]]
      for (let i = 0; i < left.length; i++) {
        const difference = compareBytes(left[i] as Uint8Array, right[i] as Uint8Array)
        if (difference !== 0) return difference
      }
      return 0
    }
    if (split(byLeaving)) settle()
  }
  const members: number[] = []
  for (const member of order) members[ranks[member] as number] ??= member
  return { indexOf: ranks, members }
}

/** By bytes; of two that begin alike the shorter first. */
const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number)
  return a.length - b.length
}

/**
 * A reader's check of a group that came from anywhere: it is one cycle, its members are all different, and they
 * stand in canonical order. Throws 'block-malformed', or 'definition-too-large' for one that takes too long to check.
 */
export const checkGroup = (group: GroupNode, sha256: Sha256): void => {
  const { members } = group
  const refuse = (why: string): never => {
    throw new SxError('block-malformed', `not a canonical group: ${why}`)
  }
  const insideOf = (found: Reference | Ref): number | undefined =>
    found instanceof MemberRef ? found.index : undefined
  const targets = members.map(node => {
    const inside: number[] = []
    encodeShape(node, found => {
      const index = insideOf(found)
      if (index !== undefined) inside.push(index)
    })
    return inside
  })
  if (targets.some(list => list.some(index => !(index < members.length))))
    refuse('a reference to a member that is not there')
  const edges = edgesOf(members.length, v => targets[v] as number[])
  if (stronglyConnected(edges).count !== 1) refuse('its members are no cycle')
  if (members.length === 1 && targets[0]?.length === 0) refuse('its only member does not refer to itself')
  const { indexOf, members: distinct } = refine(members, sha256, insideOf, found => {
    if (found instanceof Ref || found instanceof MemberRef) return refuse('an unresolved reference')
    return found.cid
  })
  if (distinct.length < members.length) refuse('two of its members are the same')
  if (indexOf.some((index, i) => index !== i)) refuse('its members stand in another order')
}
