// The public folder as it changes: files that are served as they are.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SxError } from '../errors.ts'
import type { Block, FileBuilder } from '../ports.ts'
import { listFiles, normalPath, readFile } from './sources.ts'

export interface FileLink {
  readonly cid: string
  readonly size: number
}

export interface PublicFiles {
  /** Looks at the whole folder; a file is read again when its time or size is another. A folder that is not there is empty. */
  scan(emit: (block: Block) => void): Promise<void>
  /** path → file */
  readonly files: ReadonlyMap<string, FileLink>
}

export interface PublicOptions {
  readonly wanted?: (name: string) => boolean
  /** hears of each file that is new or other; what it throws ends the scan, and the file is looked at again */
  readonly seen?: (path: string, bytes: Uint8Array) => void
}

export const createPublicFiles = (
  folder: string,
  builder: FileBuilder,
  { wanted = () => true, seen }: PublicOptions = {},
): PublicFiles => {
  const files = new Map<string, FileLink>()
  const stamps = new Map<string, string>()
  return {
    files,
    scan: async emit => {
      const found = existsSync(folder) ? listFiles(folder, wanted) : []
      const there = new Set(found.map(normalPath))
      for (const path of [...files.keys()])
        if (!there.has(path)) {
          files.delete(path)
          stamps.delete(path)
        }
      for (const path of found) {
        const key = normalPath(path)
        if (key === '_sx' || key.startsWith('_sx/'))
          throw new SxError(
            'source-invalid',
            `The public folder holds ${path}, and _sx is kept for releases`,
            {
              hint: 'rename it',
            },
          )
        const { mtimeMs, size, ino } = statSync(join(folder, path))
        const stamp = `${mtimeMs} ${size} ${ino}`
        if (stamps.get(key) === stamp) continue
        const { bytes } = readFile(folder, path)
        seen?.(key, bytes)
        const added = await builder.addFile(bytes)
        for (const block of added.blocks) emit(block)
        files.set(key, { cid: added.cid, size: added.size })
        stamps.set(key, stamp)
      }
    },
  }
}
