// The starter that `sx init` writes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SxError } from '../errors.ts'
import { listFiles } from './sources.ts'

/** Equally deep below the package's folder, compiled or not. */
const starter = fileURLToPath(new URL('../../examples/starter', import.meta.url))

/** Writes the starter into `folder`, made when missing; the paths written. Throws 'usage' where one exists, and writes nothing then. */
export const writeStarter = (folder: string): readonly string[] => {
  const files = listFiles(starter, () => true)
  const taken = files.filter(file => existsSync(join(folder, file)))
  if (taken.length > 0)
    throw new SxError('usage', `${folder} already holds ${taken.join(', ')}`, {
      hint: 'Give the name of a new folder.',
    })
  for (const file of files) {
    const to = join(folder, file)
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, readFileSync(join(starter, file)))
  }
  return files
}
