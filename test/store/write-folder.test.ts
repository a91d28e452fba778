import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { blockOf } from '../../src/ipld/block.ts'
import { DAG_PB } from '../../src/ipld/cid.ts'
import type { Block } from '../../src/ports.ts'
import { createFiles } from '../../src/store/files.ts'
import { encodeDirectory, encodeLink } from '../../src/store/unixfs.ts'
import { writeFolder } from '../../src/store/write-folder.ts'
import { sha256, temporaryFolder } from './support.ts'

/** Directories by path and text, and a reader over all that was made. */
const library = () => {
  const blocks = new Map<string, Uint8Array>()
  const builder = createFiles(sha256)
  const put = (all: readonly Block[]): void => {
    for (const { cid, bytes } of all) blocks.set(cid, bytes)
  }
  return {
    reader: { get: (cid: string) => blocks.get(cid) },
    put,
    directory: async (files: Readonly<Record<string, string>>): Promise<string> => {
      const tree = builder.tree()
      for (const [path, text] of Object.entries(files)) {
        const added = await builder.addFile(Buffer.from(text))
        put(added.blocks)
        tree.set(path, added)
      }
      const root = tree.root()
      put(root.blocks)
      return root.cid
    },
  }
}

it('writes what differs, leaves what is there, removes what only the last one had, and nothing of others', async () => {
  const { reader, directory } = library()
  const folder = join(temporaryFolder(), 'out')
  const large = 'x'.repeat(3_000_000)
  const first = await directory({ 'index.html': 'one', 'a/b.css': 'b', 'a/large': large, 'old/x': 'x' })
  expect(writeFolder(reader, first, folder)).toMatchObject({ files: 4, written: 4, removed: 0 })
  writeFileSync(join(folder, 'CNAME'), 'example.org')
  const before = statSync(join(folder, 'a/large')).mtimeMs
  const second = await directory({ 'index.html': 'two', 'a/b.css': 'b', 'a/large': large })
  expect(writeFolder(reader, second, folder, first)).toEqual({ files: 3, written: 1, bytes: 3, removed: 1 })
  expect(readdirSync(folder).sort()).toEqual(['CNAME', 'a', 'index.html'])
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('two')
  expect(statSync(join(folder, 'a/large')).mtimeMs).toBe(before)
  // a file that somebody changed by hand is put right
  writeFileSync(join(folder, 'a/b.css'), 'c')
  expect(writeFolder(reader, second, folder, second)).toMatchObject({ written: 1 })
})

it('a folder that can’t be written is left without a half of a file', async () => {
  const { reader, directory } = library()
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'a'))
  const root = await directory({ 'a/b': 'b' })
  // a folder stands where the file should be
  mkdirSync(join(folder, 'a/b'))
  writeFileSync(join(folder, 'a/b/theirs'), '')
  expect(() => writeFolder(reader, root, folder)).toThrow()
  expect(readdirSync(join(folder, 'a'))).toEqual(['b'])
})

it.each(['..', '.', '', 'a/b', 'a\\b', 'a\0b'])(
  'a foreign directory with an entry %j writes nothing',
  async name => {
    const { reader, directory, put } = library()
    const below = await directory({ x: 'x' })
    const evil = blockOf(encodeDirectory([encodeLink(name, below, 1)]), DAG_PB, sha256)
    put([evil])
    const folder = join(temporaryFolder(), 'out')
    expect(() => writeFolder(reader, evil.cid, folder)).toThrow(
      expect.objectContaining({ code: 'block-malformed' }),
    )
    expect(existsSync(folder)).toBe(false)
  },
)
