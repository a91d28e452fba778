// Bytes → UnixFS under one frozen profile, and directories that are encoded again only where they changed.
import type { CID } from 'multiformats/cid'
import { SxError } from '../errors.ts'
import { blockOf } from '../ipld/block.ts'
import { RAW } from '../ipld/cid.ts'
import type { Block, Sha256 } from '../ports.ts'
import { createDirectory, type Directory } from './directory.ts'
import { whole } from './helia-bytes.ts'
import { decodeUnixFs } from './unixfs.ts'

// The profile (IPIP-499 unixfs-v1-2025, frozen: it is in every root's CID): CIDv1, sha2-256, leaves raw and of 1 MiB,
// balanced trees of 1,024 links, directories sharded by murmur3 over 256 places once their node would be larger than
// 256 KiB, no mode and no mtime. A file of at most 1 MiB is one raw block.
const CHUNK = 1_048_576

export interface Added {
  readonly cid: string
  /** bytes of the blocks below, the root's included: what a directory's link to it says (Tsize) */
  readonly size: number
  readonly blocks: readonly Block[]
}

export interface FileEntry {
  readonly name: string
  readonly cid: string
  readonly size: number
}

export interface FileTree {
  /** `path` is relative, with `/`. Throws 'source-invalid' for a path that is no path, or a file where a folder is. */
  set(path: string, file: { readonly cid: string; readonly size: number }): void
  /** False: there was no such file. Folders that become empty go too. */
  delete(path: string): boolean
  /** The whole tree as it is now; `blocks` are the directories' nodes that changed since the last call. */
  root(): Added
}

export interface FileBuilder {
  /** Blocks of one file, all of them each time; the work for a large file that was seen before is not repeated. */
  addFile(bytes: Uint8Array): Promise<Added>
  /** One directory, in one go. */
  directory(entries: Iterable<FileEntry>): Added
  /** A tree of directories to be kept and changed: one changed file encodes the nodes on its path. */
  tree(): FileTree
}

export function createFiles(sha256: Sha256): FileBuilder {
  /** the inner nodes of large files, by the whole's digest as a raw CID: leaves are cut again, they are the bytes */
  const large = new Map<string, readonly Block[]>()

  return {
    addFile: async bytes => {
      const whole = blockOf(bytes, RAW, sha256)
      if (bytes.length <= CHUNK) return { cid: whole.cid, size: bytes.length, blocks: [whole] }
      const nodes = large.get(whole.cid) ?? (await innerNodes(bytes))
      large.set(whole.cid, nodes)
      const leaves = new Map<string, Block>()
      for (let at = 0; at < bytes.length; at += CHUNK) {
        const leaf = blockOf(bytes.subarray(at, at + CHUNK), RAW, sha256)
        leaves.set(leaf.cid, leaf)
      }
      const root = nodes.at(-1)!
      const below = decodeUnixFs(root.cid, root.bytes).links.reduce((sum, link) => sum + link.size, 0)
      return { cid: root.cid, size: root.bytes.length + below, blocks: [...leaves.values(), ...nodes] }
    },
    directory: entries => {
      const directory = createDirectory(sha256)
      for (const { name, cid, size } of entries) {
        checkNames([name], name)
        directory.set(name, cid, size)
      }
      const blocks: Block[] = []
      return { ...directory.encode(block => blocks.push(block)), blocks }
    },
    tree: () => createTree(sha256),
  }
}

/** The tree over the leaves, as Helia lays it out; the root is last. Loaded only here: most sites have no such file. */
async function innerNodes(bytes: Uint8Array): Promise<readonly Block[]> {
  const { unixfs } = await import('@helia/unixfs')
  const nodes = new Map<string, Block>()
  const capture = {
    put: async (cid: CID, block: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
      if (cid.code !== RAW) nodes.set(cid.toString(), { cid: cid.toString(), bytes: await whole(block) })
      return cid
    },
    has: () => false,
    get: () => {
      throw new Error('nothing is read back')
    },
  }
  const cid = await unixfs({ blockstore: capture }).addBytes(bytes, { profile: 'unixfs-v1-2025' })
  const root = nodes.get(cid.toString())!
  nodes.delete(root.cid)
  return [...nodes.values(), root]
}

interface Folder {
  readonly directory: Directory
  readonly folders: Map<string, Folder>
  readonly files: Set<string>
  changed: boolean
}

function createTree(sha256: Sha256): FileTree {
  const newFolder = (): Folder => ({
    directory: createDirectory(sha256),
    folders: new Map(),
    files: new Set(),
    changed: true,
  })
  const top = newFolder()

  const remove = (folder: Folder, names: readonly string[]): boolean => {
    const name = names[0]!
    const inner = folder.folders.get(name)
    const found =
      names.length === 1 ? folder.files.delete(name) : inner !== undefined && remove(inner, names.slice(1))
    if (!found) return false
    folder.changed = true
    if (inner === undefined) folder.directory.delete(name)
    else if (inner.files.size + inner.folders.size === 0) {
      folder.folders.delete(name)
      folder.directory.delete(name)
    }
    return true
  }

  const encode = (folder: Folder, put: (block: Block) => void): { cid: string; size: number } => {
    if (folder.changed)
      for (const [name, inner] of folder.folders) {
        if (!inner.changed) continue
        const { cid, size } = encode(inner, put)
        folder.directory.set(name, cid, size)
      }
    folder.changed = false
    return folder.directory.encode(put)
  }

  return {
    set: (path, file) => {
      const names = path.split('/')
      checkNames(names, path)
      const taken = (name: string): SxError =>
        new SxError('source-invalid', `${name} is both a file and a folder`)
      let folder = top
      folder.changed = true
      names.slice(0, -1).forEach((name, depth) => {
        if (folder.files.has(name)) throw taken(names.slice(0, depth + 1).join('/'))
        const inner = folder.folders.get(name) ?? newFolder()
        folder.folders.set(name, inner)
        folder = inner
        folder.changed = true
      })
      const name = names.at(-1)!
      if (folder.folders.has(name)) throw taken(path)
      folder.files.add(name)
      folder.directory.set(name, file.cid, file.size)
    },
    delete: path => remove(top, path.split('/')),
    root: () => {
      const blocks: Block[] = []
      return { ...encode(top, block => blocks.push(block)), blocks }
    },
  }
}

function checkNames(names: readonly string[], path: string): void {
  for (const name of names)
    if (
      name === '' ||
      name === '.' ||
      name === '..' ||
      name.includes('/') ||
      name.includes('\0') ||
      !name.isWellFormed()
    )
      throw new SxError('source-invalid', `${JSON.stringify(path)} cannot be a path of a published file`)
}
