// Source files formatted where they lie: which ones, and written so that a stopped machine leaves the old or the new text.
import { randomUUID } from 'node:crypto'
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SxError } from '../errors.ts'
import { format } from '../lang/format.ts'
import { listFiles, sourceText } from './sources.ts'

export interface FormattedFile {
  /** as it was named, or found below a folder that was */
  readonly path: string
  readonly outcome: 'same' | 'changed' | 'failed'
  readonly error?: SxError
}

/** `.sx` files below a folder, tests too; a file stands for itself. Throws 'not-found'. */
export const filesToFormat = (paths: readonly string[], cwd: (path: string) => string): string[] => {
  const found = new Set<string>()
  for (const path of paths) {
    const stat = statSync(cwd(path), { throwIfNoEntry: false })
    if (stat === undefined) throw new SxError('not-found', `There is no file or folder ${path}`)
    if (!stat.isDirectory()) found.add(path)
    else for (const file of listFiles(cwd(path), name => name.endsWith('.sx'))) found.add(join(path, file))
  }
  return [...found]
}

/** Formats one file; `write`: false only looks. What is wrong with the file is in the result. */
export const formatFile = (path: string, absolute: string, write: boolean): FormattedFile => {
  try {
    const bytes = readFileSync(absolute)
    const text = sourceText(path, bytes)
    const formatted = format(text, path)
    if (formatted === text) return { path, outcome: 'same' }
    if (write) replaceFile(realpathSync(absolute), formatted)
    return { path, outcome: 'changed' }
  } catch (error) {
    if (!(error instanceof SxError)) throw error
    return { path, outcome: 'failed', error }
  }
}

/** A new file beside the old one, of the same mode, then renamed over it. */
const replaceFile = (path: string, text: string): void => {
  const beside = `${path}.${randomUUID()}~`
  try {
    writeFileSync(beside, text, { mode: statSync(path).mode, flag: 'wx', flush: true })
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}
