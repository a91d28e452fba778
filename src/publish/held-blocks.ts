// The blocks that a build has at hand: those of the site, and out of the store what other publishers made. Each is decoded
// once, and asked for its links once.
import { SxError } from '../errors.ts'
import { DAG_CBOR, parseCid } from '../ipld/cid.ts'
import { closureOf } from '../ipld/closure.ts'
import { decodeNode } from '../ipld/decode.ts'
import type { Node } from '../ipld/kinds.ts'
import { linksIn } from '../ipld/links.ts'
import { wordsIn } from '../ipld/purity.ts'
import { checkGroup } from '../ipld/refine.ts'
import type { Block, BlockReader, Sha256 } from '../ports.ts'

export const foreignMissing = (cid: string): SxError =>
  new SxError('block-not-found', `A definition refers to ${cid}, which is not in the store`, {
    hint: 'bring its block into the store first',
    cid,
  })

/** What `@h:` may name: a macro's expansion would have been written out, and the rest are no definitions. */
const isDefinition = (kind: Node['kind']): boolean =>
  !/^(?:macro|group|page|closure|site|release|bytecode)$/.test(kind)

export interface HeldBlocks {
  set(block: Block): void
  delete(cid: string): void
  /** These three throw 'block-not-found' for what is neither the site's own nor in the store. */
  readonly bytesOf: (cid: string) => Uint8Array
  readonly nodeOf: (cid: string) => Node
  readonly linksOf: (cid: string) => readonly string[]
  /** host words that a definition of another publisher reaches, as far as its blocks are here */
  readonly hostWordsOf: (cid: string) => readonly string[]
  /** Throws unless it is of a kind that can be referred to, whole, and here. Only the store is asked. */
  checkForeign(cid: string, sha256: Sha256): void
}

export const createHeldBlocks = (stored: BlockReader): HeldBlocks => {
  /** of definitions and pages, while something has them */
  const live = new Map<string, Uint8Array>()
  const nodes = new Map<string, Node>()
  const links = new Map<string, readonly string[]>()

  const bytesOf = (cid: string): Uint8Array => {
    const bytes = live.get(cid) ?? stored.get(cid)
    if (bytes === undefined) throw foreignMissing(cid)
    return bytes
  }
  const nodeOf = (cid: string): Node => {
    const known = nodes.get(cid)
    if (known !== undefined) return known
    const node = decodeNode(bytesOf(cid))
    nodes.set(cid, node)
    return node
  }
  const linksOf = (cid: string): readonly string[] => {
    let found = links.get(cid)
    if (found === undefined) {
      found = parseCid(cid).codec === DAG_CBOR ? linksIn(bytesOf(cid)) : []
      links.set(cid, found)
    }
    return found
  }

  return {
    set: ({ cid, bytes }) => void live.set(cid, bytes),
    delete: cid => {
      for (const map of [live, nodes, links]) map.delete(cid)
    },
    bytesOf,
    nodeOf,
    linksOf,
    hostWordsOf: cid => {
      const words = new Set<string>()
      try {
        for (const one of [cid, ...closureOf(cid, linksOf)])
          if (parseCid(one).codec === DAG_CBOR) wordsIn(nodeOf(one), words)
      } catch (error) {
        // What is not here, or is none of the format's, `checkForeign` tells.
        if (!(error instanceof SxError)) throw error
      }
      return [...words].sort()
    },
    checkForeign: (cid, sha256) => {
      const { kind } = nodeOf(cid)
      if (!isDefinition(kind))
        throw new SxError(
          'not-a-definition',
          `@h:${cid} is a ${kind}, and only definitions can be referred to`,
        )
      for (const below of closureOf(cid, linksOf)) {
        const node = parseCid(below).codec === DAG_CBOR ? nodeOf(below) : undefined
        if (node?.kind === 'group') checkGroup(node, sha256)
      }
    },
  }
}
