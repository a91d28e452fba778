// The release directory: the site's files, and beside them `_sx/` with what depends on the root or on history (format §7).
import { SxError } from '../errors.ts'
import { cidOf, DAG_CBOR, DAG_PB, parseCid, RAW } from '../ipld/cid.ts'
import { decodeNode } from '../ipld/decode.ts'
import { linksIn } from '../ipld/links.ts'
import { holdsNode } from '../ipld/node.ts'
import { wordsIn } from '../ipld/purity.ts'
import type { OpenSite } from '../ipld/site.ts'
import type { Block, FileBuilder } from '../ports.ts'

/** A directory's entry; `size` is what its link says (Tsize). */
export interface Entry {
  readonly name: string
  readonly cid: string
  readonly size: number
}

export interface DirectoryParts {
  /** what lies at the top: a site's `files`, a folder's own */
  readonly files: Iterable<Entry>
  /** the signed root; `size` is its block's */
  readonly root: { readonly cid: string; readonly size: number }
  /** the release's block, under its raw CID */
  readonly release: { readonly cid: string; readonly size: number }
  /** by the CID that asks for it: what `_sx/b/` holds */
  readonly blocks: Iterable<Entry>
  /** by the CID of the page that it leads from */
  readonly patches: Iterable<Entry>
}

/** The same parts give the same directory. */
export const releaseDirectory = (
  { files, root, release, blocks, patches }: DirectoryParts,
  builder: FileBuilder,
): { readonly cid: string; readonly blocks: readonly Block[] } => {
  const tree = builder.tree()
  for (const { name, cid, size } of files) tree.set(name, { cid, size })
  tree.set('_sx/root', root)
  tree.set('_sx/release.cbor', release)
  for (const { name, cid, size } of blocks) tree.set(`_sx/b/${name}`, { cid, size })
  for (const { name, cid, size } of patches) tree.set(`_sx/patches/${name}`, { cid, size })
  return tree.root()
}

/** The same bytes as a file: their CID as a raw leaf. A UnixFS file is one already. */
export const asLeaf = (cid: string): string => {
  const { codec, digest } = parseCid(cid)
  return codec === DAG_PB ? cid : cidOf(RAW, digest)
}

/** What the pages of a site load by CID, each once: kernel, platform, modules, packs, closures and all that they list; and what proves a page. */
export const blocksOfPages = (
  site: OpenSite,
  directories: Iterable<string>,
  load: (cid: string) => Uint8Array,
): readonly Entry[] => {
  const found = new Map<string, Entry>()
  const words = new Set<string>()
  const add = (cid: string): Uint8Array => {
    const bytes = load(cid)
    found.set(cid, { name: cid, cid: asLeaf(cid), size: bytes.length })
    return bytes
  }
  const addClosure = (cid: string): void => {
    if (found.has(cid)) return
    const node = decodeNode(add(cid))
    if (node.kind !== 'closure')
      throw new SxError('not-a-definition', `${cid} is no closure but a ${node.kind}`)
    for (const { cid: part } of node.parts ?? []) addClosure(part)
    for (const { cid: link } of node.links ?? [])
      if (!found.has(link)) {
        const bytes = add(link)
        if (parseCid(link).codec === DAG_CBOR) wordsIn(decodeNode(bytes), words)
      }
  }
  /** An index of the site, and, where `all`, whatever it leads to. */
  const addBelow = (cid: string, all: boolean): void => {
    const stack = [cid]
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (walked.has(at)) continue
      walked.add(at)
      const bytes = found.has(at) ? load(at) : add(at)
      if (parseCid(at).codec !== DAG_CBOR) continue
      for (const link of linksIn(bytes)) if (all || !holdsNode(load(link))) stack.push(link)
    }
  }
  const walked = new Set<string>()
  add(site.node.boot.kernel.cid)
  add(site.node.boot.platform.cid)
  for (const [name, { cid }] of site.node.modules) if (name.startsWith('sx:')) add(cid)
  for (const { closure, packs } of site.pages()) {
    for (const pack of packs) if (!found.has(pack)) add(pack)
    addClosure(closure)
  }
  // what proves a page of the root: the root, its list of pages, the way to each file
  add(site.root)
  addBelow(site.node.pages.cid, false)
  for (const cid of directories) {
    const { length } = load(cid)
    found.set(cid, { name: cid, cid: cidOf(RAW, parseCid(cid).digest), size: length })
  }
  // a page that looks names up at run time may come to any of them
  if (words.has('lookup') || words.has('eval'))
    for (const { cid } of [site.node.names, site.node.exports]) addBelow(cid, true)
  return [...found.values()]
}
