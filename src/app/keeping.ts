// What the store keeps, and why: pins, the collection of what nobody needs, and the proof of the whole.
import type { App } from '../app-port.ts'
import { SxError } from '../errors.ts'
import { cidOf, DAG_CBOR, DAG_PB, parseCid, RAW } from '../ipld/cid.ts'
import { brokenChain, isSigned } from '../ipld/release.ts'
import { gatewayBlocks } from '../publish/gateway-blocks.ts'
import type { FsckProblem, PinReport } from '../publish/publish-port.ts'
import { verifySignature } from '../publish/signing-key.ts'
import type { LocalStore } from '../store/sqlite.ts'
import { pin, resolveRoot } from './archive.ts'
import { pinLabel, readLabel, releasesLabel } from './labels.ts'
import { openReleases } from './releasing.ts'
import { sha256 } from './sha256.ts'
import { openHttp } from './targets.ts'
import type { Workshop } from './workshop.ts'

const PAGE = 512
/** How many blocks that go are named; the rest is counted. */
const NAMED = 20

export const pinsOf = (stored: LocalStore): readonly PinReport[] =>
  stored.roots().map(({ site, root, sequence }) => ({ ...readLabel(site), root, sequence }))

export const createKeeping = (shop: Workshop): Pick<App, 'pins' | 'gc' | 'fsck'> => ({
  pins: {
    list: async () => pinsOf(await shop.store()),
    add: async (what, name) => {
      const stored = await shop.store()
      const root = await resolveRoot(shop, what)
      if (!stored.has(root))
        throw new SxError('block-not-found', `The store has no block ${root}`, {
          cid: root,
          hint: 'sx import brings it in a CAR',
        })
      pin(stored, root, name ?? root)
      return { kind: 'pin', name: name ?? root, root, sequence: 1 }
    },
    remove: async what => {
      const stored = await shop.store()
      const found = pinsOf(stored).filter(
        one => one.kind === 'pin' && (one.name === what || one.root === what),
      )
      if (found.length === 0)
        throw new SxError('not-found', `Nothing is pinned as ${what}`, {
          hint: 'sx pin ls lists pins; builds, releases and tags go with "keep", "releases" and sx tag --remove',
        })
      for (const { root, name } of found) stored.release(root, pinLabel(name))
      return found
    },
  },

  gc: async ({ dryRun }) => {
    const stored = await shop.store()
    const { PINNED_BLOCK_PREFIX, base36 } = await import('../store/pin-record.ts')
    const before = stored.blocks.total()
    const kinds: Record<string, number> = {}
    const named: string[] = []
    let count = 0
    let bytes = 0
    let helia = 0
    for (
      let page = stored.blocks.unpinned(0, PAGE);
      page.blocks.length > 0;
      page = stored.blocks.unpinned(page.last, PAGE)
    ) {
      const loose = page.blocks.filter(({ digest }) => {
        const key = PINNED_BLOCK_PREFIX + base36(Uint8Array.from([0x12, 32, ...digest]))
        const kept = stored.records.get(key) !== undefined
        if (kept) helia++
        return !kept
      })
      for (const { digest, size } of loose) {
        const { kind, cid } = await lookAt(stored, digest)
        kinds[kind] = (kinds[kind] ?? 0) + 1
        if (named.length < NAMED) named.push(cid)
        bytes += size
      }
      count += dryRun ? loose.length : stored.blocks.delete(loose.map(({ digest }) => digest))
    }
    return {
      dryRun,
      blocks: count,
      bytes,
      kinds,
      named,
      kept: {
        blocks: before.blocks - count,
        bytes: before.bytes - bytes,
        byHelia: helia,
        pins: pinsOf(stored),
      },
    }
  },

  fsck: async ({ from = [], repair = false, signal } = {}) => {
    const started = performance.now()
    const stored = await shop.store()
    const sources = repair ? from.map(one => gatewayBlocks(one, openHttp(), sha256)) : []
    const problems: FsckProblem[] = stored.integrity().map(what => ({ what: 'file', message: what }))

    // every block, whatever leads to it
    const damaged = new Set<string>()
    let blocks = 0
    for (
      let page = stored.blocks.page(0, PAGE);
      page.digests.length > 0;
      page = stored.blocks.page(page.last, PAGE)
    )
      for (const digest of page.digests) {
        signal?.throwIfAborted()
        blocks++
        if (isDamaged(stored, digest)) damaged.add(keyOf(digest))
      }

    // every root, all the way down
    const { eachLink, digestOf } = await import('../store/links.ts')
    const reached = new Set<string>()
    let repaired = 0
    for (const { root, site } of stored.roots()) {
      const stack = [root]
      for (let cid = stack.pop(); cid !== undefined; cid = stack.pop()) {
        signal?.throwIfAborted()
        if (reached.has(cid)) continue
        reached.add(cid)
        const { codec, digest } = parseCid(cid)
        let bytes = isDamaged(stored, digest) ? undefined : stored.get(cid)
        if (bytes === undefined) {
          bytes = await fetchFirst(sources, cid, signal)
          if (bytes !== undefined) {
            stored.blocks.put([{ digest, bytes }])
            repaired++
            damaged.delete(keyOf(digest))
          } else {
            const gone = damaged.delete(keyOf(digest))
            problems.push({
              what: gone || stored.has(cid) ? 'damaged' : 'missing',
              cid,
              message: `${cid}, which ${site} needs, is ${gone || stored.has(cid) ? 'damaged' : 'missing'}`,
            })
            continue
          }
        }
        if (!stored.blocks.isPinned(digest))
          problems.push({
            what: 'unpinned',
            cid,
            message: `${cid}, which ${site} needs, is not counted as pinned`,
          })
        eachLink(codec, bytes, (key, linkCodec) => stack.push(cidOf(linkCodec, digestOf(key))))
      }
    }
    // what nobody needs is no loss
    if (repair) stored.blocks.delete([...damaged].map(key => Buffer.from(key, 'hex')))
    else
      for (const key of damaged)
        problems.push({
          what: 'damaged',
          cid: cidOf(RAW, Buffer.from(key, 'hex')),
          message: 'a block that nothing needs is damaged: sx gc, or sx fsck --repair, removes it',
        })

    const releases = await checkReleases(shop, problems)
    return {
      blocks,
      roots: stored.roots().length,
      releases,
      problems,
      repaired,
      ms: performance.now() - started,
    }
  },
})

const keyOf = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')

const isDamaged = (stored: LocalStore, digest: Uint8Array): boolean => {
  try {
    stored.blocks.get(digest)
    return false
  } catch (error) {
    if (error instanceof SxError && error.code === 'store-corrupt') return true
    throw error
  }
}

const fetchFirst = async (
  sources: readonly ReturnType<typeof gatewayBlocks>[],
  cid: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> => {
  for (const source of sources) {
    // one that is down, or lies, is one that has nothing
    const bytes = await source.get(cid, signal).catch(() => undefined)
    if (bytes !== undefined) return bytes
  }
  return undefined
}

/** A block that only its digest names: what it looks like, and the CID that says so. */
const lookAt = async (
  stored: LocalStore,
  digest: Uint8Array,
): Promise<{ readonly kind: string; readonly cid: string }> => {
  const { decodeNode } = await import('../ipld/decode.ts')
  const { decodeUnixFs } = await import('../store/unixfs.ts')
  if (isDamaged(stored, digest)) return { kind: 'damaged', cid: cidOf(RAW, digest) }
  const bytes = stored.blocks.get(digest) ?? new Uint8Array()
  const attempt = (read: () => string): string | undefined => {
    try {
      return read()
    } catch {
      return undefined
    }
  }
  const node = attempt(() => decodeNode(bytes).kind)
  if (node !== undefined) return { kind: node, cid: cidOf(DAG_CBOR, digest) }
  const file = attempt(() => decodeUnixFs('', bytes).kind)
  return file === undefined
    ? { kind: 'raw, or an index', cid: cidOf(RAW, digest) }
    : { kind: file === 'file' ? 'file' : 'directory', cid: cidOf(DAG_PB, digest) }
}

/** Each chain that is recorded: signed, whole, and what is kept of it shows the release that it should. */
const checkReleases = async (shop: Workshop, problems: FsckProblem[]): Promise<number> => {
  const stored = await shop.store()
  const { resolve } = await import('../store/unixfs-read.ts')
  const releases = await openReleases(shop)
  let count = 0
  for (const site of releases.sites()) {
    const tell = (sequence: number, why: string): void =>
      void problems.push({ what: 'release', message: `release ${sequence} of ${site}: ${why}` })
    const kept = new Set(stored.roots(releasesLabel(site)).map(({ root }) => root))
    let before: ReturnType<typeof releases.all>[number] | undefined
    for (const one of releases.all(site)) {
      count++
      const { sequence } = one.node
      if (!isSigned(one.node, verifySignature)) tell(sequence, 'its signature does not hold')
      const broken =
        before === undefined
          ? sequence === 1
            ? undefined
            : 'the one before it is not recorded'
          : brokenChain(one.node, before.node, before.cid, verifySignature)
      if (broken !== undefined) tell(sequence, broken)
      if (kept.has(one.directory)) {
        const shown = resolve(stored, one.directory, '_sx/release.cbor')?.cid
        if (shown === undefined || keyOf(parseCid(shown).digest) !== keyOf(parseCid(one.cid).digest))
          tell(sequence, `its directory ${one.directory} shows another release`)
      }
      before = one
    }
    const newest = stored.roots(releasesLabel(site))[0]?.root
    if (before !== undefined && newest !== before.directory)
      tell(before.node.sequence, 'its directory is not pinned')
  }
  return count
}
