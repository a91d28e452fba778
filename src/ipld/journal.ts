// What one update of the graph changes, kept so that a failed update can be taken back as a whole.
import type { Unit } from './unit.ts'

export type UnitState = Pick<
  Unit,
  | 'path'
  | 'origin'
  | 'meaning'
  | 'expansion'
  | 'refs'
  | 'dependents'
  | 'component'
  | 'link'
  | 'group'
  | 'io'
  | 'exportIo'
>

export interface Journal {
  /** Call before the first change of a unit. */
  keep(unit: Unit): void
  /** The unit is new in this update. */
  born(unit: Unit): void
  /** what a unit was before; undefined for one that is new or untouched */
  before(unit: Unit): UnitState | undefined
  /** units kept or born */
  touched(): Iterable<Unit>
  /** Sets a key, or deletes it. */
  set<K, V>(map: Map<K, V>, key: K, value: V | undefined): void
  onUndo(undo: () => void): void
  undo(): void
}

/** `onTouch` is called with a unit that was there before, as it was, the first time that it is kept. */
export const createJournal = (onTouch: (unit: Unit) => void): Journal => {
  const states = new Map<Unit, UnitState | undefined>()
  const undos: (() => void)[] = []
  const onUndo = (undo: () => void): void => {
    undos.push(undo)
  }
  return {
    keep: unit => {
      if (states.has(unit)) return
      onTouch(unit)
      const { path, origin, meaning, expansion, refs, component, link, group, io, exportIo } = unit
      states.set(unit, {
        path,
        origin,
        meaning,
        expansion,
        refs,
        dependents: unit.dependents.slice(),
        component,
        link,
        group,
        io,
        exportIo,
      })
    },
    born: unit => {
      states.set(unit, undefined)
    },
    before: unit => states.get(unit),
    touched: () => states.keys(),
    set: (map, key, value) => {
      const had = map.has(key)
      const before = map.get(key)
      if (value === undefined) map.delete(key)
      else map.set(key, value)
      onUndo(() => {
        if (had) map.set(key, before as typeof value & {})
        else map.delete(key)
      })
    },
    onUndo,
    undo: () => {
      for (let i = undos.length - 1; i >= 0; i--) undos[i]?.()
      for (const [unit, state] of states) if (state !== undefined) Object.assign(unit, state)
    },
  }
}
