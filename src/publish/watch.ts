// Changes of a site's folder, gathered until it is quiet for a moment.
import { watch } from 'node:fs'

/** Editors write a file in several steps, a few milliseconds apart. */
const QUIET = 8

export interface Watching {
  stop(): void
}

/**
 * Calls `onChange` with paths relative to `folder`, with `/`, each burst once; never again before its promise settled.
 * `undefined`: the system lost track, anything may have changed.
 */
export const watchFolder = (
  folder: string,
  onChange: (paths: readonly string[] | undefined) => Promise<void>,
): Watching => {
  let changed: Set<string> | undefined = new Set()
  let timer: NodeJS.Timeout | undefined
  let busy = false
  let dirty = false
  const flush = async (): Promise<void> => {
    timer = undefined
    if (busy) return
    busy = true
    while (dirty) {
      const paths = changed
      changed = new Set()
      dirty = false
      await onChange(paths === undefined ? undefined : [...paths])
    }
    busy = false
  }
  const watcher = watch(folder, { recursive: true }, (_, name) => {
    if (name === null) changed = undefined
    else changed?.add(name.replaceAll('\\', '/'))
    dirty = true
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), QUIET)
  })
  return {
    stop: () => {
      clearTimeout(timer)
      watcher.close()
    },
  }
}
