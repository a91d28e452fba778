// A large directory: a hash trie of 256 places a level, each node encoded again only when something below it changed.
import { murmur364 } from '@multiformats/murmur3'
import { SxError } from '../errors.ts'
import { blockOf } from '../ipld/block.ts'
import { DAG_PB } from '../ipld/cid.ts'
import type { Block, Sha256 } from '../ports.ts'
import { encodeLink, encodeShard } from './unixfs.ts'

/** Bits of the name's hash that are used in all; names that share them all cannot be told apart. */
const LEVELS = 8

/** The place of `name` on each level: murmur3-x64-64 of its UTF-8, one byte a level (https://specs.ipfs.tech/unixfs/#dag-pb-hamtdirectory). */
export const placesOf = (name: string): Uint8Array => murmur364.encode(Buffer.from(name)) as Uint8Array

/** The two hexadecimal digits that begin every link's name in a shard. */
export const placeText = (place: number): string => place.toString(16).toUpperCase().padStart(2, '0')

interface Leaf {
  readonly name: string
  readonly places: Uint8Array
  readonly cid: string
  readonly size: number
}
interface Branch {
  readonly children: (Leaf | Branch | undefined)[]
  count: number
  encoded: { readonly block: Block; readonly size: number } | undefined
}
const isBranch = (child: Leaf | Branch): child is Branch => 'children' in child
const emptyBranch = (): Branch => ({ children: new Array(256).fill(undefined), count: 0, encoded: undefined })

export interface ShardedDirectory {
  set(name: string, cid: string, size: number): void
  delete(name: string): void
  /** Encodes what changed and hands those blocks to `put`. */
  encode(put: (block: Block) => void): { readonly cid: string; readonly size: number }
}

export function createShardedDirectory(sha256: Sha256): ShardedDirectory {
  const root = emptyBranch()

  const set = (branch: Branch, level: number, leaf: Leaf): void => {
    if (level >= LEVELS)
      throw new SxError(
        'source-invalid',
        `The file name ${leaf.name} cannot be told from another by its hash`,
      )
    branch.encoded = undefined
    const place = leaf.places[level]!
    const there = branch.children[place]
    if (there === undefined) {
      branch.children[place] = leaf
      branch.count++
    } else if (isBranch(there)) set(there, level + 1, leaf)
    else if (there.name === leaf.name) branch.children[place] = leaf
    else {
      const deeper = emptyBranch()
      branch.children[place] = deeper
      set(deeper, level + 1, there)
      set(deeper, level + 1, leaf)
    }
  }

  const remove = (branch: Branch, level: number, name: string, places: Uint8Array): void => {
    const place = places[level]!
    const there = branch.children[place]
    if (there === undefined || (!isBranch(there) && there.name !== name)) return
    branch.encoded = undefined
    if (!isBranch(there)) {
      branch.children[place] = undefined
      branch.count--
      return
    }
    remove(there, level + 1, name, places)
    // A branch with one leaf left is that leaf: the trie's form depends on its names only, not on its history.
    const only = there.count === 1 ? there.children.find(child => child !== undefined) : undefined
    if (only !== undefined && !isBranch(only)) branch.children[place] = only
  }

  const encode = (branch: Branch, put: (block: Block) => void): { block: Block; size: number } => {
    if (branch.encoded !== undefined) return branch.encoded
    const links: Buffer[] = []
    const bits = new Uint8Array(32)
    let below = 0
    branch.children.forEach((child, place) => {
      if (child === undefined) return
      bits[31 - (place >> 3)]! |= 1 << (place & 7)
      const { cid, size } = isBranch(child) ? flat(encode(child, put)) : child
      links.push(encodeLink(placeText(place) + (isBranch(child) ? '' : child.name), cid, size))
      below += size
    })
    const firstBit = bits.findIndex(byte => byte !== 0)
    const block = blockOf(encodeShard(links, bits.subarray(firstBit < 0 ? 32 : firstBit)), DAG_PB, sha256)
    put(block)
    branch.encoded = { block, size: block.bytes.length + below }
    return branch.encoded
  }
  const flat = ({ block, size }: { block: Block; size: number }): { cid: string; size: number } => ({
    cid: block.cid,
    size,
  })

  return {
    set: (name, cid, size) => set(root, 0, { name, places: placesOf(name), cid, size }),
    delete: name => remove(root, 0, name, placesOf(name)),
    encode: put => flat(encode(root, put)),
  }
}
