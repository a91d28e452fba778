// A release of a root that the store has: signed, its directory made and pinned in one transaction.
import type { Site } from '../config.ts'
import { SxError } from '../errors.ts'
import { blockOf } from '../ipld/block.ts'
import { DAG_PB, parseCid, RAW } from '../ipld/cid.ts'
import { openSite } from '../ipld/site.ts'
import { Link } from '../lang/values.ts'
import type { BlockReader, RecordChange } from '../ports.ts'
import { signNameRecord } from '../publish/name-record.ts'
import type { DirectoryParts } from '../publish/release-directory.ts'
import { createReleases, type Release, type Releases, signRelease } from '../publish/releases.ts'
import type { SigningKey } from '../publish/signing-key.ts'
import { openKeys } from './keys.ts'
import { releasesLabel } from './labels.ts'
import { sha256 } from './sha256.ts'
import { siteName, version, type Workshop } from './workshop.ts'

export const openReleases = async (shop: Workshop): Promise<Releases> =>
  createReleases((await shop.store()).records, sha256)

/** Reads what must be there. Throws 'block-not-found'. */
export const loader =
  (blocks: BlockReader) =>
  (cid: string): Uint8Array => {
    const bytes = blocks.get(cid)
    if (bytes === undefined) throw new SxError('block-not-found', `The store has no block ${cid}`, { cid })
    return bytes
  }

/** What goes into the directory of a root, besides its release. */
const partsOf = async (
  shop: Workshop,
  root: string,
): Promise<Pick<DirectoryParts, 'files' | 'root' | 'blocks'>> => {
  const stored = await shop.store()
  const { list } = await import('../store/unixfs-read.ts')
  const { directoriesBelow } = await import('../store/write-folder.ts')
  const { blocksOfPages } = await import('../publish/release-directory.ts')
  const load = loader(stored)
  const size = load(root).length
  if (parseCid(root).codec === DAG_PB)
    return { files: list(stored, root), root: { cid: root, size }, blocks: [] }
  const site = openSite(root, { sha256, load })
  return {
    files: list(stored, site.node.files.cid),
    root: { cid: root, size },
    blocks: blocksOfPages(site, directoriesBelow(stored, site.node.files.cid), load),
  }
}

/** The publisher's IPNS name leads to the directory, and that of a key that was replaced to the new name. */
const nameRecordsOf = (
  { node, directory }: Release,
  key: SigningKey,
  old: SigningKey | undefined,
): readonly RecordChange[] => {
  const record = (of: SigningKey, value: string): RecordChange => [
    `/ipns/${of.publisher}`,
    signNameRecord(of, { value, sequence: node.sequence, now: Date.now() }),
  ]
  return [
    record(key, `/ipfs/${directory}`),
    ...(old === undefined ? [] : [record(old, `/ipns/${key.publisher}`)]),
  ]
}

/** Patches from the releases that are still kept: those that a reader may have seen. */
const patchesTo = async (shop: Workshop, site: Site, root: string) => {
  if (parseCid(root).codec === DAG_PB) return { entries: [], blocks: [] }
  const stored = await shop.store()
  const { patchesOf } = await import('../publish/release-patches.ts')
  const load = loader(stored)
  const open = (cid: string) => openSite(cid, { sha256, load })
  const before = createReleases(stored.records, sha256)
    .all(siteName(site.folder))
    .slice(-site.config.releases)
    .map(({ node }) => node.root.cid)
    .filter(cid => cid !== root && parseCid(cid).codec !== DAG_PB && stored.has(cid))
    .reverse()
  return patchesOf(open(root), [...new Set(before)].map(open), load, sha256)
}

/** Throws 'store-conflict' when another process has made a release after `before`. */
export const makeRelease = async (
  shop: Workshop,
  site: Site,
  root: string,
  before: Release | undefined,
): Promise<Release> => {
  const stored = await shop.store()
  const keys = await openKeys(shop)
  const { releaseDirectory } = await import('../publish/release-directory.ts')
  const { createFiles } = await import('../store/files.ts')
  const parts = await partsOf(shop, root)
  const key = await keys.ensure(site.config.key)
  const old =
    before === undefined || before.node.publisher === key.publisher
      ? undefined
      : await keys.open(before.node.publisher)
  const { entries, blocks: patches } = await patchesTo(shop, site, root)
  const signed = signRelease(
    { root: new Link(root), patches: entries.map(({ name }) => name), before, now: Date.now() },
    key,
    old,
    sha256,
  )
  const leaf = blockOf(signed.bytes, RAW, sha256)
  const directory = releaseDirectory(
    { ...parts, release: { cid: leaf.cid, size: leaf.bytes.length }, patches: entries },
    createFiles(sha256),
  )
  const made: Release = { ...signed, directory: directory.cid }
  const name = siteName(site.folder)
  stored.commit({
    site: releasesLabel(name),
    root: directory.cid,
    blocks: [...directory.blocks, ...patches, leaf],
    keep: site.config.releases,
    version,
    onto: { root: before?.directory },
    records: [createReleases(stored.records, sha256).record(name, made), ...nameRecordsOf(made, key, old)],
  })
  return made
}
