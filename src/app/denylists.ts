// Denylist files, read anew whenever one of them changes.
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { basename } from 'node:path'
import { SxError } from '../errors.ts'
import { type Denylist, parseDenylists } from '../gateway/denylist.ts'
import { sha256 } from './sha256.ts'

const EVERY = 1000

export interface Denylists {
  readonly now: () => Denylist
  stop(): void
}

/**
 * Throws 'config-invalid' when a file can't be read now; later failures are reported, and the lists stay what they were:
 * a list that is being written must not open what it closes.
 */
export function watchDenylists(
  paths: readonly string[],
  report: (message: string) => void,
): Denylists | undefined {
  if (paths.length === 0) return undefined
  const read = (): Denylist => {
    const texts = paths.map(path => {
      try {
        return { name: basename(path), text: readFileSync(path, 'utf8') }
      } catch (cause) {
        throw new SxError('config-invalid', `the denylist ${path} can't be read`, {}, cause)
      }
    })
    const lists = parseDenylists(texts, sha256)
    const { problems } = lists
    for (const problem of problems.slice(0, 20)) report(`no rule of a denylist: ${problem}`)
    if (problems.length > 20) report(`and ${problems.length - 20} more lines of denylists that are no rules`)
    return lists
  }
  let lists = read()
  const again = (): void => {
    try {
      lists = read()
    } catch (error) {
      report(`${(error as Error).message}: what was denied stays denied`)
    }
  }
  for (const path of paths) watchFile(path, { interval: EVERY, persistent: false }, again)
  return {
    now: () => lists,
    stop: () => {
      for (const path of paths) unwatchFile(path, again)
    },
  }
}
