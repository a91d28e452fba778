// A UnixFS directory as files on the disk, for hosts that serve nothing but files: what is there already stays untouched.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { SxError } from '../errors.ts'
import { DAG_CBOR, DAG_PB, parseCid } from '../ipld/cid.ts'
import type { BlockReader } from '../ports.ts'
import { decodeUnixFs } from './unixfs.ts'
import { list, readFile, stat } from './unixfs-read.ts'

/** Foreign directories are written too. */
const MOST_FILES = 1_000_000
const MOST_LEVELS = 64
/** In a release directory: a site's root is no file, a folder's would be all its files once more. */
const ROOT = '_sx/root'

export interface WrittenFolder {
  /** in the directory, and of those what was written, with its bytes */
  readonly files: number
  readonly written: number
  readonly bytes: number
  readonly removed: number
}

/** path → CID of every file below `directory`, but for its link to the signed root, and links to what is no file. */
export function filesBelow(blocks: BlockReader, directory: string): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (cid: string, path: string, level: number): void => {
    if (level > MOST_LEVELS || found.size > MOST_FILES)
      throw new SxError('block-malformed', `${directory} has more files or levels than are written`)
    for (const { name, cid: below } of list(blocks, cid)) {
      if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
        throw new SxError(
          'block-malformed',
          `${directory} has an entry ${JSON.stringify(name)}, which names no file`,
        )
      if (parseCid(below).codec === DAG_CBOR || path + name === ROOT) continue
      if (stat(blocks, below).kind === 'directory') visit(below, `${path}${name}/`, level + 1)
      else found.set(path + name, below)
    }
  }
  visit(directory, '', 0)
  return found
}

/** CIDs of the blocks that `directory` itself and all directories below it are made of: whatever proves that a path leads to a file. */
export function directoriesBelow(blocks: BlockReader, directory: string): ReadonlySet<string> {
  const found = new Set<string>()
  const stack = [directory]
  for (let cid = stack.pop(); cid !== undefined; cid = stack.pop()) {
    const bytes = parseCid(cid).codec === DAG_PB && !found.has(cid) ? blocks.get(cid) : undefined
    if (bytes === undefined) continue
    const { kind, links } = decodeUnixFs(cid, bytes)
    if (kind !== 'directory' && kind !== 'sharded') continue
    found.add(cid)
    for (const link of links) stack.push(link.cid)
  }
  return found
}

/**
 * Writes what differs, each file whole or not at all: first what pages refer to, then pages, the release last. Removes
 * what `before`, the directory that was written here last, had and this one has not; other people's files stay.
 */
export function writeFolder(
  blocks: BlockReader,
  directory: string,
  folder: string,
  before?: string,
): WrittenFolder {
  const files = filesBelow(blocks, directory)
  const rank = (path: string): number => (path === '_sx/release.cbor' ? 2 : path.endsWith('.html') ? 1 : 0)
  const count = { files: files.size, written: 0, bytes: 0, removed: 0 }
  for (const [path, cid] of [...files].sort(([a], [b]) => rank(a) - rank(b))) {
    const absolute = join(folder, path)
    if (holds(blocks, cid, absolute)) continue
    count.bytes += writeWhole(blocks, cid, absolute)
    count.written++
  }
  if (before !== undefined && before !== directory)
    for (const path of filesBelow(blocks, before).keys())
      if (!files.has(path) && existsSync(join(folder, path))) {
        rmSync(join(folder, path))
        count.removed++
        removeEmpty(folder, dirname(path))
      }
  return count
}

/** Compares all files with those on the disk; answers how many there are. Throws 'block-mismatch' with the path. */
export function compareFolder(blocks: BlockReader, directory: string, folder: string): number {
  const files = filesBelow(blocks, directory)
  for (const [path, cid] of files)
    if (!holds(blocks, cid, join(folder, path)))
      throw new SxError('block-mismatch', `${join(folder, path)} is not what was published`, { cid })
  return files.size
}

/** Is the file on the disk this one, byte for byte? */
function holds(blocks: BlockReader, cid: string, path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.size !== stat(blocks, cid).size) return false
  const fd = openSync(path, 'r')
  try {
    for (const piece of readFile(blocks, cid)) {
      const there = Buffer.alloc(piece.length)
      if (readSync(fd, there) !== piece.length || Buffer.compare(there, piece) !== 0) return false
    }
    return true
  } finally {
    closeSync(fd)
  }
}

function writeWhole(blocks: BlockReader, cid: string, path: string): number {
  mkdirSync(dirname(path), { recursive: true })
  const beside = `${path}.${randomBytes(6).toString('hex')}~`
  let bytes = 0
  try {
    const fd = openSync(beside, 'wx')
    try {
      for (const piece of readFile(blocks, cid)) bytes += writeSync(fd, piece)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(beside, path)
    return bytes
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

function removeEmpty(folder: string, path: string): void {
  for (let at = path; at !== '.' && at !== ''; at = dirname(at)) {
    try {
      rmdirSync(join(folder, at))
    } catch {
      return
    }
  }
}
