// A folder of files as it is (Vite's or Astro's output, plain HTML): one UnixFS directory, without SX.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { SxError } from '../errors.ts'
import type { Block, FileBuilder } from '../ports.ts'
import { createPublicFiles } from './public-files.ts'
import { isSource, listFiles } from './sources.ts'

/** A folder without a configuration and without any `.sx` file below it is published as it is. */
export const isPlainFolder = (folder: string): boolean =>
  !existsSync(join(folder, 'sx.config.json')) && listFiles(folder, isSource).length === 0

/** Throws 'source-invalid' for a folder without files, and for a file below `_sx/`. */
export const packFolder = async (
  folder: string,
  builder: FileBuilder,
): Promise<{ readonly root: string; readonly blocks: readonly Block[]; readonly files: number }> => {
  const blocks = new Map<string, Block>()
  const found = createPublicFiles(folder, builder)
  await found.scan(block => blocks.set(block.cid, block))
  if (found.files.size === 0)
    throw new SxError('source-invalid', `There is nothing to publish in ${folder}`, {
      hint: 'name the folder that your build writes, such as dist',
    })
  const tree = builder.tree()
  for (const [path, file] of found.files) tree.set(path, file)
  const root = tree.root()
  for (const block of root.blocks) blocks.set(block.cid, block)
  return { root: root.cid, blocks: [...blocks.values()], files: found.files.size }
}
