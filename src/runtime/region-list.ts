// Lists in a document that lives: each item is a region of its own. An item that is the same, called by the same
// function, is not looked at again; one with the same key is rendered over its nodes; as few as can be are moved.
import type { LiveSink } from './live-sink.ts'
import { GO, type Machine, type Resume } from './machine.ts'
import { nodeFrom, Region } from './region.ts'
import { now } from './signal.ts'
import { areSame } from './values.ts'

/** Renders one item: the function's body with these arguments. */
export type RenderItem = (args: unknown[], m: Machine, d: number) => unknown

export interface ListParts {
  readonly f: unknown
  /** what the function is called with, item by item */
  readonly calls: readonly unknown[][]
  /** gives the list of the keys of calls, or GO; undefined: none was written, and an item stands for itself */
  readonly keysOf: ((calls: readonly unknown[][], m: Machine, d: number) => unknown) | undefined
  readonly render: RenderItem
}

interface Item extends Region {
  args: unknown[]
  /** its place in the list before */
  place: number
  /** what comes after it once all items are in their places */
  limit: Node | null
}

const equalArgs = (a: readonly unknown[], b: readonly unknown[]): boolean => a.every((v, i) => v === b[i])

/** Positions of a longest rising subsequence of `places`, as a set; −1 counts as none. */
const risingIn = (places: readonly number[]): ReadonlySet<number> => {
  const ends: number[] = []
  const before: number[] = []
  places.forEach((place, i) => {
    if (place < 0) return
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (places[ends[middle]!]! < place) low = middle + 1
      else high = middle
    }
    before[i] = ends[low - 1] ?? -1
    ends[low] = i
  })
  const rising = new Set<number>()
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i]!) rising.add(i)
  return rising
}

const make = (region: Region): Item => {
  const item = Object.assign(new Region(), { place: -1, limit: null, at: region.at, up: region }) as Item
  item.belong(region.body)
  return item
}

const nodesOf = (item: Item): Node[] => {
  const nodes: Node[] = []
  const end = item.next()
  for (let node = nodeFrom(item.first) ?? end; node !== end; node = node!.nextSibling) nodes.push(node!)
  return nodes
}

/** Removes the nodes of an item, and all that it made. */
const drop = (item: Item): void => {
  for (const node of nodesOf(item)) item.at.removeChild(node)
  item.first = undefined
  item.end()
}

/** Takes those with the same key from `known`, in order. */
const pair = (
  known: readonly Item[],
  keyOf: (item: Item) => unknown,
  keys: readonly unknown[],
): (Item | undefined)[] => {
  const byKey = new Map<unknown, Item[]>()
  for (const item of known) {
    const key = keyOf(item)
    const same = byKey.get(key)
    if (same) same.push(item)
    else byKey.set(key, [item])
  }
  for (const all of byKey.values()) if (all.length > 1) all.reverse()
  return keys.map(key => byKey.get(key)?.pop())
}

/** What is to be rendered, one after the other; `inline`: where the sink is, for the first time. */
const from = (
  i: number,
  due: readonly Item[],
  render: RenderItem,
  inline: boolean,
  m: Machine,
  d: number,
): unknown => {
  for (; i < due.length; i++) {
    const item = due[i]!
    if (inline) (m.sink as LiveSink).enterRegion(item)
    else {
      item.clear()
      m.sink = (m.sink as LiveSink).over(item, item.limit)
    }
    now.owner = item
    if (render(item.args, m, d + 1) === GO && m.finish(m.env, d + 1) === GO)
      return m.save(next, [null], [due, render, inline], i)
    leave(item, inline, m)
  }
  return
}

const leave = (item: Item, inline: boolean, m: Machine): void => {
  if (inline) (m.sink as LiveSink).leaveRegion(item)
  else (m.sink as LiveSink).finish()
}

const next: Resume = (_v, k, m, d) => {
  const [due, render, inline] = k.x as [Item[], RenderItem, boolean]
  leave(due[k.y]!, inline, m)
  return from(k.y + 1, due, render, inline, m, d)
}

/** `of`: which argument is the item. */
export const renderList = (region: Region, parts: ListParts, of: number, m: Machine, d: number): unknown => {
  const { calls, render, f, keysOf } = parts
  const before = region.items as Item[] | undefined
  const isSame = before && areSame([region.f], [f])
  region.f = f
  if (!before) {
    const items = calls.map(args => Object.assign(make(region), { args }))
    region.items = items
    return from(0, items, render, true, m, d)
  }
  before.forEach((item, i) => {
    item.place = i
  })
  // Most are who they were. Keys are for the others.
  const found = pair(
    before,
    item => item.args[of],
    calls.map(args => args[of]),
  )
  const taken = new Set(found)
  const left = before.filter(item => !taken.has(item))
  const lost = found.flatMap((item, i) => (item ? [] : [i]))
  const place = (keys: readonly unknown[] | undefined, m: Machine, d: number): unknown => {
    if (keys) {
      const byKey = new Map(left.map((item, i) => [item, keys[i]]))
      const again = pair(left, item => byKey.get(item), keys.slice(left.length))
      lost.forEach((at, i) => {
        found[at] = again[i]
      })
    } else if (!keysOf)
      // Without keys, whoever lost its item lends its nodes.
      lost.forEach((at, i) => {
        found[at] = left[i]
      })
    const items = found.map(item => item ?? make(region))
    const kept = new Set(items)
    // From the last: what comes after an item is known until that is gone.
    for (const item of left.reverse()) if (!kept.has(item)) drop(item)
    region.items = items
    const due = items.filter((item, i) => {
      const args = calls[i]!
      const isDue = !isSame || item.place < 0 || !equalArgs(item.args, args)
      item.args = args
      return isDue
    })
    arrange(region, items)
    return from(0, due, render, false, m, d)
  }
  if (!keysOf || !left.length || !lost.length) return place(undefined, m, d)
  const keys = keysOf([...left.map(item => item.args), ...lost.map(i => calls[i]!)], m, d + 1)
  const all = keys === GO ? m.finish(m.env, d + 1) : keys
  return all === GO
    ? m.save((v, _k, m, d) => place(v as unknown[], m, d), [null])
    : place(all as unknown[], m, d)
}

/** Brings the nodes of items in order, and says what comes after each. */
const arrange = (region: Region, items: readonly Item[]): void => {
  const places = items.map(item => item.place)
  const isRising = places.every((place, i) => place > (places[i - 1] ?? -1))
  const stay = isRising ? undefined : risingIn(places)
  const moved = items.map((item, i) => (stay && item.place >= 0 && !stay.has(i) ? nodesOf(item) : []))
  region.first = items[0]
  items.forEach((item, i) => {
    item.after = items[i + 1]
  })
  for (let i = items.length, end = region.next(); i--; ) {
    const item = items[i]!
    for (const node of moved[i]!) region.at.insertBefore(node, end)
    item.limit = end
    end = nodeFrom(item.first) ?? end
  }
}
