// Which units form a cycle, and an order in which what is referred to comes first: kept while edits allow it,
// else found anew in one pass.
import { stronglyConnected } from './strongly-connected.ts'
import type { Component, Unit } from './unit.ts'

export const newComponent = (units: readonly Unit[], order: number): Component => ({
  order,
  units,
  cyclic: units.length > 1 || refersToItself(units[0] as Unit),
  queued: false,
})

const refersToItself = (unit: Unit): boolean => unit.refs.includes(unit)

/** `dependents` has no order: the last takes the place of the one that goes. */
export const removeDependent = (of: Unit, dependent: Unit): void => {
  const at = of.dependents.indexOf(dependent)
  if (at < 0) return
  const last = of.dependents.pop() as Unit
  if (at < of.dependents.length) of.dependents[at] = last
}

/**
 * After an edit of the references of `edited` (new units have a component of their own at the end), if no cycle lost a
 * reference: all components and their order still hold.
 */
export const stillOrdered = (edited: Iterable<Unit>): boolean => {
  for (const unit of edited) {
    const component = unit.component as Component
    for (const ref of unit.refs) {
      const other = ref.component as Component
      if (other !== component && other.order > component.order) return false
    }
  }
  return true
}

/**
 * Components and order of all `units`, in O(units + references). A component whose members are the same stays the
 * same object; the others are made anew and returned. `keep` is called before a unit is changed.
 */
export const reorder = (units: readonly Unit[], keep: (unit: Unit) => void): Component[] => {
  const size = units.length
  let edges = 0
  for (let v = 0; v < size; v++) {
    const unit = units[v] as Unit
    unit.vertex = v
    edges += unit.refs.length
  }
  const offsets = new Uint32Array(size + 1)
  const targets = new Uint32Array(edges)
  let at = 0
  for (let v = 0; v < size; v++) {
    for (const ref of (units[v] as Unit).refs) targets[at++] = ref.vertex
    offsets[v + 1] = at
  }
  const { count, of } = stronglyConnected({ offsets, targets })
  const sizes = new Uint32Array(count)
  for (let v = 0; v < size; v++) sizes[of[v] as number]!++
  const made: Component[] = []
  const make = (members: readonly Unit[], order: number): void => {
    const component = newComponent(members, order)
    for (const unit of members) {
      keep(unit)
      unit.component = component
    }
    made.push(component)
  }
  const larger = new Map<number, Unit[]>()
  for (let v = 0; v < size; v++) {
    const unit = units[v] as Unit
    const order = of[v] as number
    if (sizes[order] !== 1) {
      const members = larger.get(order)
      if (members === undefined) larger.set(order, [unit])
      else members.push(unit)
      continue
    }
    const known = unit.component
    if (known !== undefined && known.units.length === 1 && known.cyclic === refersToItself(unit))
      known.order = order
    else make([unit], order)
  }
  for (const [order, members] of larger) {
    const known = (members[0] as Unit).component
    if (known?.units.length === members.length && members.every(unit => unit.component === known))
      known.order = order
    else make(members, order)
  }
  return made
}

/** A heap of components, lowest order first. */
export class Queue {
  readonly #items: Component[] = []

  push(component: Component): void {
    if (component.queued) return
    component.queued = true
    const items = this.#items
    let at = items.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = items[parent] as Component
      if (above.order <= component.order) break
      items[at] = above
      at = parent
    }
    items[at] = component
  }

  pop(): Component | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined) return undefined
    top.queued = false
    if (items.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (
        child + 1 < items.length &&
        (items[child + 1] as Component).order < (items[child] as Component).order
      )
        child++
      if ((items[child] as Component).order >= last.order) break
      items[at] = items[child] as Component
      at = child
    }
    items[at] = last
    return top
  }
}
