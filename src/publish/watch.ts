// Changes of a site's folder, gathered until it is quiet for a moment.
import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { isIgnored } from './sources.ts'

/** Editors write a file in several steps, a few milliseconds apart. */
const QUIET = 8

export interface Watching {
  stop(): void
}

/**
 * Calls `onChange` with paths relative to `folder`, with `/`, each burst once; never again before its promise settled.
 * `undefined`: the system lost track, anything may have changed.
 *
 * Each folder is watched by itself: Node's recursive watch on Linux watches files, and loses one that an editor puts
 * in place by renaming (vim, sed -i, many others), from the second time it is saved on.
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
  const note = (path: string | undefined): void => {
    if (path === undefined) changed = undefined
    else changed?.add(path)
    dirty = true
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), QUIET)
  }

  const watchers = new Map<string, FSWatcher>()
  const forget = (path: string): void => {
    for (const [at, watcher] of watchers)
      if (at === path || at.startsWith(`${path}/`)) {
        watcher.close()
        watchers.delete(at)
      }
  }
  /** What is in the folder `at`; undefined: it is no folder (any more). */
  const entriesOf = (at: string) => {
    try {
      return readdirSync(join(folder, at), { withFileTypes: true })
    } catch {
      return undefined
    }
  }
  /** Watches `at` and all below. `fresh`: it came while we watched, so what is in it is news. */
  const follow = (at: string, fresh: boolean): void => {
    if (watchers.has(at)) return
    let watcher: FSWatcher
    try {
      watcher = watch(join(folder, at), (event, name) => {
        if (name === null) return note(undefined)
        if (isIgnored(name)) return
        const path = at === '' ? name : `${at}/${name}`
        note(path)
        if (event === 'rename') {
          // a folder that came, went, or was replaced by another of its name
          forget(path)
          if (entriesOf(path) !== undefined) follow(path, true)
        }
      })
    } catch (error) {
      if (at === '' || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return
    }
    watcher.on('error', () => {
      forget(at)
      note(undefined)
    })
    watchers.set(at, watcher)
    // Listed after the watch began: what comes in between is seen twice and never missed.
    for (const entry of entriesOf(at) ?? []) {
      if (isIgnored(entry.name)) continue
      const path = at === '' ? entry.name : `${at}/${entry.name}`
      if (fresh) note(path)
      if (entry.isDirectory()) follow(path, fresh)
    }
  }
  follow('', false)
  return {
    stop: () => {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
    },
  }
}
