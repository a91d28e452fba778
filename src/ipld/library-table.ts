// What all libraries together export, and what is wrong with their imports.
import { SxError } from '../errors.ts'
import { nearMisses } from '../lang/near.ts'
import { compareCodePoints } from '../lang/order.ts'
import { failAt } from './definition.ts'
import type { Import, LibrarySource } from './libraries.ts'
import { edgesOf, stronglyConnected } from './strongly-connected.ts'
import type { Unit } from './unit.ts'

export type ExportTable = ReadonlyMap<string, readonly Unit[]>

const sourceOf = (unit: Unit): LibrarySource => unit.origin.at as LibrarySource

/** Exported name → libraries, by code point of their names. */
export const exportTable = (libraries: Iterable<Unit>): ExportTable => {
  const table = new Map<string, Unit[]>()
  for (const unit of [...libraries].sort((a, b) => compareCodePoints(a.name, b.name)))
    for (const name of sourceOf(unit).exports) {
      const known = table.get(name)
      if (known === undefined) table.set(name, [unit])
      else known.push(unit)
    }
  return table
}

/** Names whose exporting libraries differ. */
export const changedExports = (before: ExportTable, now: ExportTable): string[] =>
  [...new Set([...before.keys(), ...now.keys()])].filter(name => {
    const a = before.get(name) ?? []
    const b = now.get(name) ?? []
    return a.length !== b.length || a.some((unit, i) => unit !== b[i])
  })

/** A WebAssembly module of the source folder, named by its path: a library of functions, for libraries to import. */
export interface SiteModule {
  readonly cid: string
  /** names of its functions that SX can call, those that can be a name */
  readonly exports: readonly string[]
  /** it can't be called, and what to do */
  readonly unusable?: { readonly why: string; readonly hint: string } | undefined
}

/** Libraries that can't be expanded, each with its error; a cycle of imports is one error. */
export const checkImports = (
  libraries: Iterable<Unit>,
  modules: ReadonlyMap<string, SiteModule>,
): { readonly units: readonly Unit[]; readonly error: SxError }[] => {
  const all = [...libraries].sort((a, b) => compareCodePoints(a.name, b.name))
  const byName = new Map(all.map(unit => [unit.name, unit]))
  const vertex = new Map(all.map((unit, i) => [unit, i]))
  const found: { units: readonly Unit[]; error: SxError }[] = []
  const report = (
    unit: Unit,
    one: Import,
    code: 'unknown-name' | 'wasm-invalid',
    message: string,
    near: readonly string[],
    hint = near.length ? `did you mean ${near.join(' or ')}?` : undefined,
  ): void => {
    try {
      failAt(sourceOf(unit).source, code, message, one.form, one.at, hint)
    } catch (error) {
      const { message, detail } = error as SxError
      found.push({ units: [unit], error: new SxError(code, message, { ...detail, near }) })
    }
  }
  for (const unit of all)
    for (const one of sourceOf(unit).imports) {
      const other = byName.get(one.library)
      const module = modules.get(one.library)
      if (other === undefined && module === undefined) {
        report(
          unit,
          one,
          'unknown-name',
          `there is no library ${one.library}`,
          nearMisses(one.library, [...byName.keys(), ...modules.keys()]),
        )
        continue
      }
      if (other === undefined && module?.unusable !== undefined) {
        const { why, hint } = module.unusable
        report(unit, one, 'wasm-invalid', `${one.library} can't be called: ${why}`, [], hint)
        continue
      }
      const exports = other === undefined ? module!.exports : sourceOf(other).exports
      for (const name of one.mentioned)
        if (!exports.includes(name))
          report(
            unit,
            one,
            'unknown-name',
            `the library ${one.library} does not export ${name}`,
            nearMisses(name, exports),
          )
    }
  const targets = all.map(unit =>
    sourceOf(unit).imports.flatMap(one => {
      const other = byName.get(one.library)
      return other === undefined ? [] : [vertex.get(other) as number]
    }),
  )
  const { of } = stronglyConnected(edgesOf(all.length, v => targets[v] as number[]))
  const cycles = new Map<number, Unit[]>()
  all.forEach((unit, v) => {
    const members = cycles.get(of[v] as number)
    if (members === undefined) cycles.set(of[v] as number, [unit])
    else members.push(unit)
  })
  for (const members of cycles.values()) {
    const [first] = members as [Unit, ...Unit[]]
    const v = vertex.get(first) as number
    if (members.length === 1 && !targets[v]?.includes(v)) continue
    const names = members.map(unit => unit.name)
    const inside = sourceOf(first).imports.find(one => names.includes(one.library)) as Import
    const { source } = sourceOf(first)
    const place = source.placeOf(inside.form, inside.at) ?? source.placeOf(inside.form)
    found.push({
      units: members,
      error: new SxError('import-cycle', `libraries import each other: ${names.join(', ')}`, {
        ...(place && { place }),
        cycle: names,
        hint: 'move what they share into a library of its own',
      }),
    })
  }
  return found
}
