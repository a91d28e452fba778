// References between units, and the components that they make, brought up to date after an expansion.
import { newComponent, type Queue, removeDependent, reorder, stillOrdered } from './components.ts'
import type { Journal } from './journal.ts'
import type { Unit } from './unit.ts'

export interface Structure {
  /** Takes the references of `units` from their expansions, those of `gone` away; queues components that are new. */
  update(units: ReadonlySet<Unit>, gone: ReadonlySet<Unit>, journal: Journal, queue: Queue): void
}

/** `all`: every unit there is; `find`: the unit that a reference names. */
export const createStructure = (all: () => Iterable<Unit>, find: (name: string) => Unit): Structure => {
  /** orders that are given lie below */
  let top = 0
  /** components may stand in a wrong order: a pass was taken back */
  let disordered = false

  /** Each once: two exports of one library are one reference. */
  const refsOf = (unit: Unit): readonly Unit[] => {
    const units = unit.expansion?.refs.map(ref => find(ref.library ?? ref.name)) ?? []
    return units.length > 1 ? [...new Set(units)] : units
  }

  const updateEdges = (units: Iterable<Unit>, gone: ReadonlySet<Unit>, journal: Journal) => {
    const edited: Unit[] = []
    let lostInside = false
    for (const unit of units) {
      const refs = gone.has(unit) ? [] : refsOf(unit)
      const before = unit.refs
      if (
        unit.component !== undefined &&
        refs.length === before.length &&
        refs.every((ref, i) => ref === before[i])
      )
        continue
      journal.keep(unit)
      edited.push(unit)
      unit.refs = refs
      if (before.length > 0) {
        const now = new Set(refs)
        for (const ref of before)
          if (!now.has(ref)) {
            journal.keep(ref)
            removeDependent(ref, unit)
            if (ref !== unit && ref.component === unit.component) lostInside = true
          }
      }
      const old = before.length > 0 ? new Set(before) : undefined
      for (const ref of refs)
        if (!old?.has(ref)) {
          journal.keep(ref)
          ref.dependents.push(unit)
        }
    }
    return { edited, lostInside }
  }

  return {
    update: (units, gone, journal, queue) => {
      const { edited, lostInside } = updateEdges([...units, ...gone], gone, journal)
      const before = top
      journal.onUndo(() => {
        top = before
      })
      const left = edited.filter(unit => !gone.has(unit))
      for (const unit of left) {
        const known = unit.component
        if (known === undefined) unit.component = newComponent([unit], top++)
        else if (known.units.length === 1 && known.cyclic !== unit.refs.includes(unit))
          unit.component = newComponent([unit], known.order)
      }
      if (!disordered && !lostInside && stillOrdered(left)) return
      const every = [...all()]
      for (const component of reorder(every, unit => journal.keep(unit))) queue.push(component)
      top = every.length
      disordered = false
      journal.onUndo(() => {
        disordered = true
      })
    },
  }
}
