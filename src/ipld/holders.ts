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
  const each = (unit: Unit, work: (cid: string) => void): void => {
    for (const cid of [unit.link?.cid, unit.group]) {
      if (cid === undefined) continue
      if (!held.has(cid)) held.set(cid, units.get(cid)?.length ?? 0)
      work(cid)
    }
  }
  return {
    get: cid => units.get(cid) ?? [],
    hold: unit =>
      each(unit, cid => {
        const list = units.get(cid)
        if (list === undefined) units.set(cid, [unit])
        else list.push(unit)
      }),
    release: unit =>
      each(unit, cid => {
        const list = units.get(cid)
        const at = list?.indexOf(unit) ?? -1
        if (list === undefined || at < 0) return
        if (list.length === 1) units.delete(cid)
        else list.splice(at, 1)
      }),
    begin: () => {
      held = new Map()
    },
    get held() {
      return held
    },
  }
}
