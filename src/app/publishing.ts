// sx publish: sources → root → signed release → release directory, pinned here, and told of what came of it.
import type { App } from '../app-port.ts'
import type { Site } from '../config.ts'
import { SxError } from '../errors.ts'
import { blockOf } from '../ipld/block.ts'
import { DAG_PB, parseCid, RAW } from '../ipld/cid.ts'
import { openSite } from '../ipld/site.ts'
import { Link } from '../lang/values.ts'
import type { BlockReader } from '../ports.ts'
import type { PublishOptions, Receipt } from '../publish/publish-port.ts'
import type { DirectoryParts } from '../publish/release-directory.ts'
import { createReleases, type Release, type Releases, signRelease } from '../publish/releases.ts'
import { openKeys } from './keys.ts'
import { readLabel, releasesLabel } from './labels.ts'
import { sha256 } from './sha256.ts'
import { siteName, version, type Workshop } from './workshop.ts'

export const openReleases = async (shop: Workshop): Promise<Releases> =>
  createReleases((await shop.store()).records, sha256)

const loader =
  (blocks: BlockReader) =>
  (cid: string): Uint8Array => {
    const bytes = blocks.get(cid)
    if (bytes === undefined) throw new SxError('block-not-found', `The store has no block ${cid}`, { cid })
    return bytes
  }

/** What goes into the directory of any root that the store has, besides its release. */
const partsOf = async (
  shop: Workshop,
  root: string,
): Promise<Pick<DirectoryParts, 'files' | 'root' | 'blocks'>> => {
  const stored = await shop.store()
  const { list } = await import('../store/unixfs-read.ts')
  const { blocksOfPages } = await import('../publish/release-directory.ts')
  const load = loader(stored)
  const size = load(root).length
  if (parseCid(root).codec === DAG_PB)
    return { files: list(stored, root), root: { cid: root, size }, blocks: [] }
  const site = openSite(root, { sha256, load })
  return {
    files: list(stored, site.node.files.cid),
    root: { cid: root, size },
    blocks: blocksOfPages(site, load),
  }
}

/** A release of `root` after the newest one, signed, with its directory pinned: one transaction. */
const release = async (
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
  const signed = signRelease({ root: new Link(root), patches: [], before, now: Date.now() }, key, old, sha256)
  const leaf = blockOf(signed.bytes, RAW, sha256)
  const directory = releaseDirectory(
    { ...parts, release: { cid: leaf.cid, size: leaf.bytes.length }, patches: [] },
    createFiles(sha256),
  )
  const made: Release = { ...signed, directory: directory.cid }
  const name = siteName(site.folder)
  stored.commit({
    site: releasesLabel(name),
    root: directory.cid,
    blocks: [...directory.blocks, leaf],
    keep: site.config.releases,
    version,
    onto: { root: before?.directory },
    records: [createReleases(stored.records, sha256).record(name, made)],
  })
  return made
}

export const createPublishing = (shop: Workshop): Pick<App, 'publish' | 'log'> => {
  /** Builds a site, or takes a folder as it is; either way its root is in the store then. */
  const rootOf = async (site: Site, { onProgress }: PublishOptions): Promise<string> => {
    const { isPlainFolder, packFolder } = await import('../publish/plain-folder.ts')
    if (!isPlainFolder(site.folder))
      return (await shop.build(await shop.builder(site), site, { onProgress })).built.root
    const { createFiles } = await import('../store/files.ts')
    onProgress?.({ phase: 'files', done: 0 })
    const { root, blocks } = await packFolder(site.folder, createFiles(sha256))
    const stored = await shop.store()
    stored.commit({ site: siteName(site.folder), root, blocks, keep: site.config.keep, version })
    return root
  }

  return {
    publish: async (dir, options = {}) => {
      const started = performance.now()
      const site = shop.siteAt(dir)
      const root = await rootOf(site, options)
      const newest = (await openReleases(shop)).newest(siteName(site.folder))
      const unchanged = newest?.node.root.cid === root
      options.onProgress?.({ phase: 'store', done: 0 })
      const before =
        unchanged || newest === undefined ? undefined : (await shop.survey()).below(newest.directory)
      const made = unchanged ? newest : await release(shop, site, root, newest)
      return receiptOf(shop, made, unchanged, before, started)
    },

    log: async dir => {
      const stored = await shop.store()
      const name = siteName(shop.siteAt(dir).folder)
      const all = (await openReleases(shop)).all(name)
      const pinned = stored.roots()
      return all
        .map((one, i) => ({
          sequence: one.node.sequence,
          time: one.node.time,
          release: one.cid,
          root: one.node.root.cid,
          directory: one.directory,
          publisher: one.node.publisher,
          handedOver: i > 0 && one.node.publisher !== all[i - 1]!.node.publisher,
          tags: pinned.flatMap(({ site, root }) => {
            const label = readLabel(site)
            return root === one.directory && label.kind === 'tag' && label.name === name ? [label.tag] : []
          }),
          kept: pinned.some(({ root }) => root === one.directory),
        }))
        .reverse()
    },
  }
}

const receiptOf = async (
  shop: Workshop,
  { cid, node, directory }: Release,
  unchanged: boolean,
  before: ReadonlySet<string> | undefined,
  started: number,
): Promise<Receipt> => {
  const survey = await shop.survey()
  const sizeOf = (cids: readonly string[]): number => cids.reduce((sum, one) => sum + survey.at(one).size, 0)
  const all = [...survey.below(directory)]
  const fresh = unchanged ? [] : all.filter(one => !before?.has(one))
  return {
    root: node.root.cid,
    release: cid,
    directory,
    sequence: node.sequence,
    time: node.time,
    publisher: node.publisher,
    ...(node.previous !== undefined && { previous: node.previous }),
    unchanged,
    blocks: all.length,
    bytes: sizeOf(all),
    targets: [{ name: 'local', kind: 'local', state: 'pinned', blocks: fresh.length, bytes: sizeOf(fresh) }],
    ms: performance.now() - started,
  }
}
