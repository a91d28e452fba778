// Which units have a CID, of their own or as their group's: when the last one goes, so does the block.
import type { Unit } from './unit.ts'

export interface Holders {
  get(cid: string): readonly Unit[]
  /** Enters a unit as it is now. */
  hold(unit: Unit): void
  /** Takes out a unit as it is now. */
  release(unit: Unit): void
  /** From here on counts, for `held`, how many held each CID that is entered or taken out. */
  begin(): void
  /** CID → how many held it when `begin` was called */
  readonly held: ReadonlyMap<string, number>
}

export const createHolders = (): Holders => {
  const units = new Map<string, Unit[]>()
  let held = new Map<string, number>()
  const note = (cid: string, list: readonly Unit[] | undefined): void => {
    if (!held.has(cid)) held.set(cid, list === undefined ? 0 : list.length)
  }
  const add = (cid: string, unit: Unit): void => {
    const list = units.get(cid)
    note(cid, list)
    if (list === undefined) units.set(cid, [unit])
    else list.push(unit)
  }
  const remove = (cid: string, unit: Unit): void => {
    const list = units.get(cid)
    const at = list?.indexOf(unit) ?? -1
    if (list === undefined || at < 0) return
    note(cid, list)
    if (list.length === 1) units.delete(cid)
    else list.splice(at, 1)
  }
  return {
    get: cid => units.get(cid) ?? [],
    hold: unit => {
      if (unit.link !== undefined) add(unit.link.cid, unit)
      if (unit.group !== undefined) add(unit.group, unit)
    },
    release: unit => {
      if (unit.link !== undefined) remove(unit.link.cid, unit)
      if (unit.group !== undefined) remove(unit.group, unit)
    },
    begin: () => {
      held = new Map()
    },
    get held() {
      return held
    },
  }
}
