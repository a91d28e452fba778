// The canonical order of a cycle's members, and which of them are one (format §2, cycles). Names play no part in it.
import { SxError } from '../errors.ts'
import { MemberRef, Ref } from '../lang/values.ts'
import type { Sha256 } from '../ports.ts'
import { cidBytes } from './cid.ts'
import { type Draft, encodeShape, type Reference } from './encode.ts'
import type { GroupedNode, GroupNode } from './kinds.ts'
import { edgesOf, stronglyConnected } from './strongly-connected.ts'

/** Colours computed for one cycle: a chain of n members that look alike takes n rounds of n colours. */
export const MAX_COLOURS = 1 << 20

export interface Refined {
  /** member → its index in the group; members of one index unfold to the same infinite form */
  readonly indexOf: readonly number[]
  /** index in the group → a member that stands for it */
  readonly members: readonly number[]
}

/** In a colour's preimage: a reference that is blanked, one inside the cycle, one that leaves it. */
const BLANK = 0
const INSIDE = 1
const OUTSIDE = 2

/**
 * Refines until nothing splits. A member's key is the list of its colours, compared in order:
 *
 *     c₀      sha2-256 of its shape (encode.ts: every reference blanked)
 *     c₍ₖ₊₁₎  sha2-256 of c₀ and, for each reference in order of the encoding, 00 if it leaves the cycle, else 01 and
 *             the 32 bytes of the target's cₖ; rounds end with the first that makes no new class, or when each
 *             member is a class of its own
 *     then, if members still tie, the same rounds from the last cₖ with 02 and the binary CID where 00 stood
 *
 * `insideOf` says which member a reference means (undefined: it leaves the cycle), `cidOf` the CID of one that leaves.
 * Throws 'definition-too-large' past `MAX_COLOURS`.
 */
export const refine = (
  nodes: readonly Draft<GroupedNode>[],
  sha256: Sha256,
  insideOf: (found: Reference | Ref) => number | undefined,
  cidOf: (found: Reference | Ref) => string,
): Refined => {
  if (nodes.length === 1) return { indexOf: [0], members: [0] }
  const references: (Reference | Ref)[][] = nodes.map(() => [])
  const shapes = nodes.map((node, i) =>
    sha256(encodeShape(node, found => (references[i] as (Reference | Ref)[]).push(found))),
  )
  const inside = references.map(list => list.map(insideOf))

  // Classes are numbered in the order of their keys, so that an index says all that the rounds so far said.
  let colours = shapes
  let ranked = rank(nodes.length, new Array(nodes.length).fill(0), colours)
  let spent = 0
  const round = (leaving: (member: number, at: number) => Uint8Array | undefined): boolean => {
    spent += nodes.length
    if (spent > MAX_COLOURS)
      throw new SxError(
        'definition-too-large',
        `a cycle of ${nodes.length} definitions takes too long to order`,
        {
          limit: MAX_COLOURS,
          hint: 'too many definitions that look alike refer to each other in a ring: cut it into parts',
        },
      )
    const before = colours
    const next = inside.map((targets, member) => {
      const parts: (Uint8Array | number)[] = [shapes[member] as Uint8Array]
      targets.forEach((target, at) => {
        if (target !== undefined) parts.push(INSIDE, before[target] as Uint8Array)
        else {
          const cid = leaving(member, at)
          if (cid === undefined) parts.push(BLANK)
          else parts.push(OUTSIDE, cid)
        }
      })
      return sha256(join(parts))
    })
    const finer = rank(nodes.length, ranked.of, next)
    const split = finer.count > ranked.count
    colours = next
    ranked = finer
    return split && finer.count < nodes.length
  }
  if (ranked.count < nodes.length) {
    while (round(() => undefined));
    if (ranked.count < nodes.length)
      while (round((member, at) => cidBytes(cidOf(references[member]?.[at] as Reference | Ref))));
  }
  const members: number[] = new Array(ranked.count).fill(-1)
  ranked.of.forEach((index, member) => {
    if (members[index] === -1) members[index] = member
  })
  return { indexOf: ranked.of, members }
}

/** Splits classes by colour, keeping their order: a class number is the number of classes whose key is smaller. */
const rank = (
  size: number,
  of: readonly number[],
  colours: readonly Uint8Array[],
): { of: number[]; count: number } => {
  const order = Array.from({ length: size }, (_, i) => i)
  order.sort(
    (a, b) =>
      (of[a] as number) - (of[b] as number) ||
      compareBytes(colours[a] as Uint8Array, colours[b] as Uint8Array),
  )
  const finer: number[] = new Array(size)
  let count = 0
  order.forEach((member, i) => {
    const previous = order[i - 1]
    if (
      previous !== undefined &&
      (of[previous] !== of[member] ||
        compareBytes(colours[previous] as Uint8Array, colours[member] as Uint8Array) !== 0)
    )
      count++
    finer[member] = count
  })
  return { of: finer, count: size === 0 ? 0 : count + 1 }
}

const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number)
  return 0
}

const join = (parts: readonly (Uint8Array | number)[]): Uint8Array => {
  let size = 0
  for (const part of parts) size += typeof part === 'number' ? 1 : part.length
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    if (typeof part === 'number') bytes[at++] = part
    else {
      bytes.set(part, at)
      at += part.length
    }
  }
  return bytes
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
