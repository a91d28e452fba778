// Definitions of other publishers that a site uses: the names that it has for them, how far each is trusted, and what
// must hold before a page may refer to one. Only the store is asked: what is not here has to be imported first.
import { SxError } from '../errors.ts'
import { DAG_CBOR, parseCid } from '../ipld/cid.ts'
import { closureOf } from '../ipld/closure.ts'
import { placeOf } from '../ipld/definition.ts'
import type { Graph } from '../ipld/graph.ts'
import type { GroupedNode, Node } from '../ipld/kinds.ts'
import { wordsIn } from '../ipld/purity.ts'
import type { Trust } from '../ipld/trust.ts'
import type { Sha256 } from '../ports.ts'
import { mention } from '../runtime/mentions.ts'
import { placedAt } from './failed.ts'
import type { HeldBlocks } from './held-blocks.ts'
import type { Other } from './other-config.ts'

export interface OthersOptions {
  readonly named: ReadonlyMap<string, Other>
  readonly graph: () => Graph
  readonly held: HeldBlocks
  readonly sha256: Sha256
}

export interface Others {
  /** id of a definition (CID, or `<group CID>#<index>`) → its tier; undefined: the site's own */
  trust(id: string): Trust | undefined
  /** Takes up `cids`, which definitions and pages refer to now. Returns what is wrong with them. */
  check(cids: Iterable<string>): SxError[]
  /** those among `cids` that are not the site's own, by id; undefined: none */
  among(cids: Iterable<string>): Readonly<Record<string, Trust>> | undefined
  /** ids that the site refers to now, with their tiers */
  current(): ReadonlyMap<string, Trust>
}

/** Words that reach into the page, beside those that ask its host. */
const reaching = ['use-store', 'lookup', 'eval']

export const createOthers = ({ named, graph, held, sha256 }: OthersOptions): Others => {
  const { nodeOf, linksOf } = held
  const tiers = new Map([...named.values()].map(({ cid, trust }) => [cid, trust]))
  /** CID → id, of what was checked */
  const ids = new Map<string, string>()
  const tierOf = (cid: string): Trust | undefined => {
    const tier = tiers.get(cid) ?? 'unknown'
    return tier === 'own' || graph().holders(cid).length > 0 ? undefined : tier
  }
  const memberOf = (node: Node): Node | GroupedNode | undefined => {
    if (node.kind !== 'member') return node
    const group = nodeOf(node.group.cid)
    return group.kind === 'group' ? group.members[node.index] : undefined
  }

  const checkOne = (cid: string): void => {
    held.checkForeign(cid, sha256)
    const node = nodeOf(cid)
    const closure = [cid, ...closureOf(cid, linksOf)].filter(one => parseCid(one).codec === DAG_CBOR)
    ids.set(cid, node.kind === 'member' ? `${node.group.cid}#${node.index}` : cid)
    const tier = tierOf(cid)
    if (tier === undefined) return
    const refuse = (what: string): never => {
      throw new SxError('foreign-refused', `@h:${cid} of another publisher ${what}`, {
        cid,
        hint: 'If it is as good as your own, name it in "others" of sx.config.json with "trust": "own".',
      })
    }
    const kind = memberOf(node)?.kind ?? node.kind
    if (kind !== 'component' && kind !== 'island')
      refuse(`is a ${kind}: only components of others can be used`)
    const words = new Set<string>()
    const mentioned = new Set<string>()
    for (const below of closure) {
      wordsIn(nodeOf(below), words)
      mention(nodeOf(below), mentioned)
    }
    for (const word of reaching) if (mentioned.has(word)) words.add(word)
    if (closure.some(below => nodeOf(below).kind === 'wasm')) refuse('runs WebAssembly, which has no limits')
    if (words.size > 0) refuse(`is not pure: it uses ${[...words].sort().join(', ')}`)
  }

  return {
    trust: id => {
      for (const [cid, known] of ids) if (known === id) return tierOf(cid)
      return undefined
    },
    check: cids => {
      const errors: SxError[] = []
      for (const cid of cids) {
        const holder = [...graph().entries(), ...graph().pages()].find(entry =>
          entry.expansion?.foreign.includes(cid),
        )
        try {
          if (holder !== undefined) checkOne(cid)
        } catch (error) {
          errors.push(placedAt(error, holder && placeOf(holder.origin.at)))
        }
      }
      return errors
    },
    among: cids => {
      const found: Record<string, Trust> = {}
      if (ids.size > 0)
        for (const cid of cids) {
          const id = ids.get(cid)
          const tier = id && tierOf(cid)
          if (tier) found[id] = tier
        }
      return Object.keys(found).length > 0 ? found : undefined
    },
    current: () => {
      const found = new Map<string, Trust>()
      if (ids.size === 0) return found
      for (const entry of [...graph().entries(), ...graph().pages()])
        for (const cid of entry.expansion?.foreign ?? []) {
          const tier = tierOf(cid)
          const id = ids.get(cid)
          if (tier !== undefined && id !== undefined) found.set(id, tier)
        }
      return found
    },
  }
}
