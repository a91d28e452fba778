// The source folder as it changes: texts read, WebAssembly modules noted, until a build has taken them up.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SxError } from '../errors.ts'
import { compiledElsewhere } from '../ipld/definitions.ts'
import type { SourceUnit } from '../ipld/graph.ts'
import { read } from '../lang/reader.ts'
import { failed } from './failed.ts'
import { isCompiled, isSource, isWasm, listFiles, normalPath, readFile, sourceText } from './sources.ts'

export interface Pending {
  readonly set: readonly SourceUnit[]
  readonly remove: readonly string[]
  /** path → bytes; undefined: the module is gone */
  readonly wasm: ReadonlyMap<string, Uint8Array<ArrayBuffer> | undefined>
}

export interface SourceFolder {
  /** Looks at these paths, or at the whole folder. Throws 'not-found', 'source-invalid'. */
  scan(changed?: readonly string[]): void
  /** What no build has accepted yet. Throws 'build-failed' with every error of reading. */
  pending(): Pending
  accepted(): void
  readonly count: number
}

const same = (a: Uint8Array, b: Uint8Array | undefined): boolean =>
  b !== undefined && a.length === b.length && Buffer.compare(a, b) === 0

export const createSourceFolder = (folder: string, skip: ReadonlySet<string>): SourceFolder => {
  /** path → bytes as last seen */
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  const waiting = new Set<string>()
  const units = new Map<string, SourceUnit>()
  const wanted = (name: string): boolean => isSource(name) || isWasm(name) || isCompiled(name)

  const look = (path: string): void => {
    const absolute = join(folder, path)
    const key = normalPath(path)
    if (!existsSync(absolute)) {
      if (files.delete(key)) waiting.add(key)
      return
    }
    const { bytes } = readFile(folder, path)
    if (same(bytes, files.get(key))) return
    files.set(key, bytes)
    units.delete(key)
    waiting.add(key)
  }

  return {
    scan: changed => {
      if (!existsSync(folder) || !statSync(folder).isDirectory())
        throw new SxError('not-found', `There is no source folder ${folder}`, {
          hint: 'name it as "source" in sx.config.json',
        })
      const inside = changed?.every(
        path =>
          wanted(path) && !(existsSync(join(folder, path)) && statSync(join(folder, path)).isDirectory()),
      )
      if (changed !== undefined && inside) {
        for (const path of changed) look(path)
        return
      }
      const found = listFiles(folder, wanted, skip)
      const there = new Set(found.map(normalPath))
      for (const path of found) look(path)
      for (const path of [...files.keys()])
        if (!there.has(path)) {
          files.delete(path)
          waiting.add(path)
        }
    },
    pending: () => {
      const errors: SxError[] = []
      const set: SourceUnit[] = []
      const remove: string[] = []
      const wasm = new Map<string, Uint8Array<ArrayBuffer> | undefined>()
      for (const path of waiting) {
        const bytes = files.get(path)
        if (isWasm(path)) wasm.set(path, bytes)
        else if (isCompiled(path) && bytes !== undefined)
          errors.push(compiledElsewhere(path, { file: path, line: 1, column: 1, excerpt: '' }))
        else if (bytes === undefined) remove.push(path)
        else {
          try {
            const unit = units.get(path) ?? { path, source: read(sourceText(path, bytes), path) }
            units.set(path, unit)
            set.push(unit)
          } catch (error) {
            if (!(error instanceof SxError)) throw error
            errors.push(error)
          }
        }
      }
      if (errors.length > 0) throw failed(errors)
      return { set, remove, wasm }
    },
    accepted: () => {
      waiting.clear()
      // Forms are the graph's now; kept here they would be held twice.
      units.clear()
    },
    get count() {
      return files.size
    },
  }
}
