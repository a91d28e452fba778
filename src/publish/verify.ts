// sx verify: what a CID, a file or an address proves, one step above the other; each step says by what.
import { SxError } from '../errors.ts'
import { blockOf, verifyBlock } from '../ipld/block.ts'
import { DAG_CBOR, DAG_PB, parseCid } from '../ipld/cid.ts'
import { decodeNode } from '../ipld/decode.ts'
import type { ReleaseNode } from '../ipld/kinds.ts'
import { holdsNode } from '../ipld/node.ts'
import { checkGroup } from '../ipld/refine.ts'
import { brokenChain, isSigned, readRelease, type VerifySignature } from '../ipld/release.ts'
import { type OpenSite, openSite } from '../ipld/site.ts'
import type { BlockReader, Sha256 } from '../ports.ts'
import type { Entry } from './release-directory.ts'

export type StepName = 'bytes' | 'definitions' | 'pages' | 'root' | 'served' | 'release' | 'chain' | 'anchor'
/** failed: it contradicts. missing: what it takes is not there. none: there is no such thing here. */
export type StepState = 'proven' | 'failed' | 'missing' | 'none'
export interface Step {
  readonly step: StepName
  readonly state: StepState
  /** by what, or why not: one sentence */
  readonly says: string
}

/** `unsigned`: everything is what it says it is, and nobody stands for it. */
export type Verdict = 'verified' | 'unsigned' | 'incomplete' | 'failed'

export interface VerifyPorts {
  readonly sha256: Sha256
  readonly verifySignature: VerifySignature
  /** bytes that claim to be the block; undefined: nobody has it */
  readonly fetch: (cid: string) => Promise<Uint8Array | undefined>
  /** an earlier release, from wherever it may be */
  readonly earlier: (cid: string) => Promise<Uint8Array | undefined>
  /** CIDs that any block links to */
  readonly linksOf: (cid: string, bytes: Uint8Array) => readonly string[]
  /** a UnixFS directory, out of what was fetched */
  readonly list: (blocks: BlockReader, directory: string) => Iterable<Entry>
}

/** Blocks as they are asked for, each verified once. */
export interface Evidence {
  /** Runs `work` again and again while it asks for blocks that have to be fetched first. Throws 'block-not-found'. */
  during<T>(work: (blocks: BlockReader, load: (cid: string) => Uint8Array) => T): Promise<T>
  /** Fetches `root` and all below it. */
  all(root: string): Promise<ReadonlySet<string>>
  readonly count: number
  readonly bytes: number
}

const PARALLEL = 16

export const gatherEvidence = ({ fetch, sha256, linksOf }: VerifyPorts): Evidence => {
  const held = new Map<string, Uint8Array>()
  let bytes = 0
  const bring = async (cid: string): Promise<Uint8Array> => {
    const known = held.get(cid)
    if (known !== undefined) return known
    const found = await fetch(cid)
    if (found === undefined) throw new SxError('block-not-found', `${cid} is not there`, { cid })
    verifyBlock(cid, found, sha256)
    held.set(cid, found)
    bytes += found.length
    return found
  }
  return {
    get count() {
      return held.size
    },
    get bytes() {
      return bytes
    },
    during: async work => {
      class Wanted {
        readonly cid: string
        constructor(cid: string) {
          this.cid = cid
        }
      }
      const load = (cid: string): Uint8Array => {
        const known = held.get(cid)
        if (known === undefined) throw new Wanted(cid)
        return known
      }
      for (;;) {
        try {
          return work({ get: load }, load)
        } catch (thrown) {
          if (!(thrown instanceof Wanted)) throw thrown
          await bring(thrown.cid)
        }
      }
    },
    all: async root => {
      const seen = new Set([root])
      // a Set's iteration takes up what is added meanwhile, and all of them share it
      const queue = [root]
      let busy = 0
      await new Promise<void>((resolve, reject) => {
        const next = (): void => {
          while (busy < PARALLEL && queue.length > 0) {
            const cid = queue.pop()!
            busy++
            bring(cid)
              .then(block => {
                for (const link of linksOf(cid, block))
                  if (!seen.has(link)) {
                    seen.add(link)
                    queue.push(link)
                  }
                busy--
                next()
              })
              .catch(reject)
          }
          if (busy === 0 && queue.length === 0) resolve()
        }
        next()
      })
      return seen
    },
  }
}

/** One step: what `work` says when it ends well, or why it did not. */
export const climb = async (step: StepName, work: () => Promise<string>): Promise<Step> => {
  try {
    return { step, state: 'proven', says: await work() }
  } catch (error) {
    if (!(error instanceof SxError)) throw error
    const missing = error.code === 'block-not-found' || error.code === 'peer-failed'
    return { step, state: missing ? 'missing' : 'failed', says: error.message }
  }
}

export const fail = (what: string): never => {
  throw new SxError('release-invalid', what)
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} KB`

export const bytesStep = (evidence: Evidence, root: string): Promise<Step> =>
  climb('bytes', async () => {
    await evidence.all(root)
    return `${evidence.count} blocks, ${kilobytes(evidence.bytes)}: each hashes to the CID that asks for it`
  })

/** Every node strictly decoded, every cycle in its canonical order; of what is below `root`. */
export const definitionsStep = (evidence: Evidence, root: string, ports: VerifyPorts): Promise<Step> =>
  climb('definitions', async () => {
    const count = new Map<string, number>()
    const all = await evidence.all(root)
    await evidence.during((_, load) => {
      count.clear()
      for (const cid of all) {
        if (parseCid(cid).codec !== DAG_CBOR) continue
        // what is none is a HashMap, which `rootStep` reads
        if (!holdsNode(load(cid))) continue
        const node = decodeNode(load(cid))
        if (node.kind === 'group') checkGroup(node, ports.sha256)
        count.set(node.kind, (count.get(node.kind) ?? 0) + 1)
      }
    })
    if (count.size === 0) return 'nothing here is SX'
    return `${[...count].map(([kind, n]) => `${n} ${kind}`).join(', ')}: each is canonical, each cycle in its order`
  })

const openAt = (root: string, load: (cid: string) => Uint8Array, { sha256 }: VerifyPorts): OpenSite =>
  openSite(root, { sha256, load })

/** Every page: listed under its own path, its closure whole, and nothing needed that the closure lacks. */
export const pagesStep = (evidence: Evidence, root: string, ports: VerifyPorts): Promise<Step> =>
  climb('pages', async () => {
    const paths = await evidence.during((_, load) => {
      const site = openAt(root, load, ports)
      const found: string[] = []
      for (const { path, page, closure } of site.pages()) {
        checkPage(path, page, closure, load, ports)
        found.push(path)
      }
      return found
    })
    return `${paths.length} pages: each stands under its own path, and its closure lists all that it needs`
  })

export const checkPage = (
  path: string,
  page: string,
  closure: string,
  load: (cid: string) => Uint8Array,
  ports: Pick<VerifyPorts, 'linksOf'>,
): ReadonlySet<string> => {
  const node = decodeNode(load(page))
  if (node.kind !== 'page') return fail(`what is listed as the page ${path} is a ${node.kind}`)
  if (node.path !== path) return fail(`the page ${path} is listed, and is the page ${node.path}`)
  const listed = new Set<string>([page])
  const addClosure = (cid: string): void => {
    const {
      kind,
      links = [],
      parts = [],
    } = decodeNode(load(cid)) as { kind: string; links?: { cid: string }[]; parts?: { cid: string }[] }
    if (kind !== 'closure') fail(`the closure of ${path} is a ${kind}`)
    for (const part of parts) addClosure(part.cid)
    for (const link of links) listed.add(link.cid)
  }
  addClosure(closure)
  for (const cid of listed)
    for (const link of parseCid(cid).codec === DAG_CBOR ? ports.linksOf(cid, load(cid)) : [])
      if (!listed.has(link)) fail(`the page ${path} needs ${link}, which its closure lacks`)
  return listed
}

/** `names`: its whole index too, which a page's host need not have. */
export const rootStep = (
  evidence: Evidence,
  root: string,
  ports: VerifyPorts,
  { names = true }: { readonly names?: boolean } = {},
): Promise<Step> =>
  climb('root', async () => {
    if (parseCid(root).codec === DAG_PB) return `${root}, a folder of files`
    const { title, count } = await evidence.during((_, load) => {
      const site = openAt(root, load, ports)
      let found = 0
      for (const [name, cid] of names ? site.names() : []) {
        if (site.find(name) !== cid) fail(`the index says two things of ${name}`)
        found++
      }
      return { count: found, title: site.node.title }
    })
    return `${root}, the site “${title}”${names ? ` with ${count} names` : ''}`
  })

/** What a directory links at a path; the file itself is not asked for. */
export const linkAt = (
  blocks: BlockReader,
  directory: string,
  path: string,
  { list }: Pick<VerifyPorts, 'list'>,
): string | undefined =>
  path
    .split('/')
    .reduce<string | undefined>(
      (at, name) => (at === undefined ? at : [...list(blocks, at)].find(entry => entry.name === name)?.cid),
      directory,
    )

/** A directory shows a release: signed, of the root that it links, and beside it nothing but that root's files. */
export const releaseStep = async (
  evidence: Evidence,
  directory: string,
  ports: VerifyPorts,
): Promise<{ readonly step: Step; readonly release?: Release }> => {
  let release: Release | undefined
  const step = await climb('release', async () => {
    const found = await evidence.during((blocks, load) => {
      const leaf = linkAt(blocks, directory, '_sx/release.cbor', ports)
      if (leaf === undefined) return fail('the directory has no _sx/release.cbor')
      const bytes = load(leaf)
      const node = readRelease(bytes)
      const root = linkAt(blocks, directory, '_sx/root', ports)
      if (root !== node.root.cid)
        fail(`it is a release of ${node.root.cid}, and the directory links ${root ?? 'nothing'}`)
      const files =
        parseCid(node.root.cid).codec === DAG_PB
          ? node.root.cid
          : openAt(node.root.cid, load, ports).node.files.cid
      const expected = new Map([...ports.list(blocks, files)].map(({ name, cid }) => [name, cid]))
      for (const { name, cid } of ports.list(blocks, directory)) {
        if (name === '_sx') continue
        if (expected.get(name) !== cid) fail(`${name} is not the one of the root that was signed`)
        expected.delete(name)
      }
      for (const name of expected.keys()) fail(`${name} of the root that was signed is not in the directory`)
      return { node, bytes }
    })
    release = { ...found, cid: blockOf(found.bytes, DAG_CBOR, ports.sha256).cid }
    return signedBy(release, ports)
  })
  return { step, ...(release !== undefined && step.state === 'proven' && { release }) }
}

export interface Release {
  readonly node: ReleaseNode
  readonly bytes: Uint8Array
  readonly cid: string
}

/** Throws 'release-invalid'. */
export const signedBy = ({ node }: Release, { verifySignature }: VerifyPorts): string => {
  if (!isSigned(node, verifySignature))
    fail(`release ${node.sequence} names ${node.publisher}, whose signature it has not`)
  return `release ${node.sequence} of ${node.time}, signed by ${node.publisher}`
}

/** Down to the first release, or to where nobody has the one before. */
export const chainStep = async (release: Release, ports: VerifyPorts): Promise<Step> => {
  let steps = 0
  let keys = 1
  let at = release
  const step = await climb('chain', async () => {
    while (at.node.previous !== undefined) {
      const cid = at.node.previous
      const bytes = await ports.earlier(cid)
      if (bytes === undefined) break
      verifyBlock(cid, bytes, ports.sha256)
      const before = { node: readRelease(bytes), bytes, cid }
      signedBy(before, ports)
      const broken = brokenChain(at.node, before.node, cid, ports.verifySignature)
      if (broken !== undefined)
        fail(`release ${at.node.sequence} does not follow ${before.node.sequence}: ${broken}`)
      if (before.node.publisher !== at.node.publisher) keys++
      steps++
      at = before
    }
    const handed = keys > 1 ? `, through ${keys} keys, each handed over by the one before` : ''
    return at.node.previous === undefined
      ? `${steps + 1} releases, back to the first${handed}`
      : `${steps + 1} releases${handed}; the ${at.node.sequence - 1} before them are not here, and known by their CIDs only`
  })
  return step
}

export const notAnchored: Step = {
  step: 'anchor',
  state: 'none',
  says: 'not anchored: its time is what its publisher says',
}

export const verdictOf = (steps: readonly Step[]): Verdict => {
  if (steps.some(({ state }) => state === 'failed')) return 'failed'
  if (steps.some(({ state }) => state === 'missing')) return 'incomplete'
  return steps.some(({ step, state }) => step === 'release' && state === 'proven') ? 'verified' : 'unsigned'
}
