// The graph below a root as people and tools look at it: what a block is, what it links to, what links to it.
import { SxError } from '../errors.ts'
import { DAG_CBOR, DAG_PB, parseCid, RAW } from './cid.ts'
import { decodeNode } from './decode.ts'
import { linksIn } from './links.ts'

export interface SurveyPorts {
  /** verified bytes, or undefined */
  readonly get: (cid: string) => Uint8Array | undefined
  /** what a dag-pb block links to */
  readonly filesIn: (cid: string, bytes: Uint8Array) => readonly string[]
}

export interface Surveyed {
  readonly cid: string
  /** node kind, or 'raw', 'unixfs', 'hashmap'; 'missing' when there is no such block */
  readonly kind: string
  readonly size: number
}

const codecs = new Map([
  [DAG_CBOR, 'dag-cbor'],
  [DAG_PB, 'dag-pb'],
  [RAW, 'raw'],
] as const)

export type Codec = 'dag-cbor' | 'dag-pb' | 'raw'

/** Throws 'cid-malformed', 'cid-unsupported'. */
export const codecOf = (cid: string): Codec => codecs.get(parseCid(cid).codec as never) ?? 'raw'

export interface Survey {
  at(cid: string): Surveyed
  /** each once, in order of occurrence */
  linksOf(cid: string): readonly string[]
  /** CIDs below `root`, itself included, what comes first being walked first */
  below(root: string): ReadonlySet<string>
  /** blocks below `root` that link to `cid` directly */
  dependents(root: string, cid: string): readonly string[]
}

export const createSurvey = ({ get, filesIn }: SurveyPorts): Survey => {
  const links = new Map<string, readonly string[]>()
  const linksOf = (cid: string): readonly string[] => {
    let found = links.get(cid)
    if (found === undefined) {
      const codec = codecOf(cid)
      const bytes = codec === 'raw' ? undefined : get(cid)
      if (bytes === undefined) found = []
      else found = codec === 'dag-cbor' ? linksIn(bytes) : filesIn(cid, bytes)
      links.set(cid, found)
    }
    return found
  }
  const below = (root: string): ReadonlySet<string> => {
    const seen = new Set([root])
    // A Set's iteration takes up what is added meanwhile.
    for (const cid of seen) for (const link of linksOf(cid)) seen.add(link)
    return seen
  }
  return {
    linksOf,
    below,
    at: cid => {
      const bytes = get(cid)
      if (bytes === undefined) return { cid, kind: 'missing', size: 0 }
      return { cid, kind: kindOf(cid, bytes), size: bytes.length }
    },
    dependents: (root, cid) => [...below(root)].filter(one => linksOf(one).includes(cid)),
  }
}

const kindOf = (cid: string, bytes: Uint8Array): string => {
  const codec = codecOf(cid)
  if (codec !== 'dag-cbor') return codec === 'raw' ? 'raw' : 'unixfs'
  try {
    return decodeNode(bytes).kind
  } catch (error) {
    // The maps of a site are the only dag-cbor blocks below a root that are no nodes of ours.
    if (error instanceof SxError && error.code === 'block-malformed') return 'hashmap'
    throw error
  }
}
