// What must be expanded again when names change their meaning or macros their expansion.
import { isMacro, type Unit } from './unit.ts'

const meet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => {
  const [few, many] = a.size < b.size ? [a, b] : [b, a]
  for (const name of few) if (many.has(name)) return true
  return false
}

/** name → units whose expansion ran code that refers to it directly */
export const runnersOf = (all: Iterable<Unit>): ReadonlyMap<string, readonly Unit[]> => {
  const runners = new Map<string, Unit[]>()
  for (const unit of all)
    for (const ref of unit.expansion?.ran ?? []) {
      const name = ref.library ?? ref.name
      const known = runners.get(name)
      if (known === undefined) runners.set(name, [unit])
      else known.push(unit)
    }
  return runners
}

/**
 * Adds to `stale` every unit that asked for one of `names`, used a macro that is stale, or ran code while expanding
 * that reaches something stale by the references that held before. Walks all units only when a name or macro changed.
 */
export const spreadStale = (
  stale: Set<Unit>,
  names: ReadonlySet<string>,
  all: () => Iterable<Unit>,
  runners: () => ReadonlyMap<string, readonly Unit[]>,
): void => {
  let fresh: Unit[] = [...stale]
  let asked = names
  const reached = new Set<Unit>()
  while (fresh.length > 0 || asked.size > 0) {
    const next: Unit[] = []
    const add = (unit: Unit): void => {
      if (stale.has(unit)) return
      stale.add(unit)
      next.push(unit)
    }
    const macros = new Set(fresh.filter(unit => isMacro(unit.meaning)).map(unit => unit.name))
    if (asked.size > 0 || macros.size > 0)
      for (const unit of all()) {
        const { expansion } = unit
        if (expansion !== undefined && (meet(expansion.looked, asked) || meet(expansion.macros, macros)))
          add(unit)
      }
    const running = runners()
    if (running.size > 0) {
      const open = fresh.filter(unit => !reached.has(unit))
      for (const unit of open) reached.add(unit)
      for (let unit = open.pop(); unit !== undefined; unit = open.pop()) {
        for (const runner of running.get(unit.name) ?? []) add(runner)
        for (const dependent of unit.dependents)
          if (!reached.has(dependent)) {
            reached.add(dependent)
            open.push(dependent)
          }
      }
    }
    fresh = next
    asked = new Set()
  }
}
