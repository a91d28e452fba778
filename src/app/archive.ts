// sx export and sx import: a DAG out of the store as a CAR, and a CAR into it, block by block.
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import type { App } from '../app-port.ts'
import { SxError } from '../errors.ts'
import { parseCid } from '../ipld/cid.ts'
import { writeStream } from '../publish/write-stream.ts'
import type { LocalStore } from '../store/sqlite.ts'
import { pinLabel, releasesLabel, tagLabel } from './labels.ts'
import { openReleases } from './releasing.ts'
import { sha256 } from './sha256.ts'
import { siteName, version, type Workshop } from './workshop.ts'

/** Blocks to a transaction while a CAR comes in. */
const BATCH = 512
/** A walk has an end, whatever is walked; 10 million names are the format's own limit. */
const MOST_BLOCKS = 20_000_000

/** The CID that is meant: one as text, a release by its number or tag, or what was published or built last. */
export const resolveRoot = async (shop: Workshop, what: string | undefined): Promise<string> => {
  const stored = await shop.store()
  const name = siteName(shop.siteAt('.').folder)
  if (what !== undefined && !/^\d{1,9}$/.test(what)) {
    const tagged = stored.roots(tagLabel(name, what))[0]
    if (tagged !== undefined) return tagged.root
    parseCid(what)
    return what
  }
  if (what !== undefined) {
    const found = (await openReleases(shop)).all(name).find(({ node }) => node.sequence === Number(what))
    if (found !== undefined) return found.directory
    throw new SxError('not-found', `There is no release ${what} of this folder`, {
      hint: 'sx log lists them',
    })
  }
  const newest = stored.roots(releasesLabel(name))[0] ?? stored.roots(name)[0]
  if (newest !== undefined) return newest.root
  throw new SxError('not-found', 'Nothing of this folder has been built or published', {
    hint: 'run `sx publish`, or name a CID',
  })
}

/** Blocks below `root`, depth first, each once: what a pin of it keeps. Throws 'block-not-found' where one is missing. */
export const walkAll = async (stored: LocalStore, root: string, signal?: AbortSignal) => {
  const [{ CID }, { localBlocks, need }, { walkDag }] = await Promise.all([
    import('multiformats/cid'),
    import('../store/any-blocks.ts'),
    import('../store/dag-walk.ts'),
  ])
  const blocks = localBlocks(stored.blocks)
  const cid = CID.parse(root)
  const bytes = await need(blocks, cid, signal)
  return { cid, blocks: walkDag(blocks, [], { cid, bytes }, { scope: 'all', limit: MOST_BLOCKS, signal }) }
}

export const createArchive = (shop: Workshop): Pick<App, 'export' | 'import'> => ({
  export: async (what, file) => {
    const stored = await shop.store()
    const root = await resolveRoot(shop, what)
    const { writeCar } = await import('../store/car.ts')
    const { cid, blocks } = await walkAll(stored, root)
    const path = resolve(shop.options.cwd, file)
    if (/[/\\]$/.test(file)) {
      const { writeFolder } = await import('../store/write-folder.ts')
      const { files, bytes } = writeFolder(stored, root, path)
      return { root, file: path, files, bytes }
    }
    const count = { blocks: 0 }
    const counted = async function* () {
      for await (const block of blocks) {
        count.blocks++
        yield block
      }
    }
    return { root, file: path, bytes: await writeStream(path, writeCar([cid], counted())), ...count }
  },

  import: async (file, { name, signal } = {}) => {
    const stored = await shop.store()
    const { readCar } = await import('../store/car.ts')
    const path = resolve(shop.options.cwd, file)
    const { roots, blocks } = await readCar(createReadStream(path, { signal }), { sha256 })
    if (roots.length === 0)
      throw new SxError('car-malformed', `${file} names no root, so nothing in it would be pinned`)
    const fresh: Uint8Array[] = []
    const count = { blocks: 0, written: 0, bytes: 0 }
    let batch: { digest: Uint8Array; bytes: Uint8Array }[] = []
    const write = (): void => {
      for (const { digest } of batch) if (!stored.blocks.has(digest)) fresh.push(digest)
      count.written += stored.blocks.put(batch)
      batch = []
    }
    try {
      for await (const { cid, bytes } of blocks) {
        batch.push({ digest: cid.multihash.digest, bytes })
        count.blocks++
        count.bytes += bytes.length
        if (batch.length === BATCH) write()
      }
      write()
      for (const [i, root] of roots.entries())
        pin(stored, `${root.toV1()}`, name === undefined || i > 0 ? `${root.toV1()}` : name)
    } catch (error) {
      // what a root needs stays, whoever asks
      stored.blocks.delete(fresh)
      throw error
    }
    return { roots: roots.map(root => `${root.toV1()}`), ...count }
  },
})

/** Pins `root` under a name of its own. Throws 'block-not-found' when something below it is not here. */
export const pin = (stored: LocalStore, root: string, name: string): void => {
  try {
    stored.commit({ site: pinLabel(name), root, blocks: [], keep: 1, version })
  } catch (error) {
    if (!(error instanceof SxError) || error.code !== 'store-corrupt' || typeof error.detail.cid !== 'string')
      throw error
    throw new SxError('block-not-found', `${root} needs ${error.detail.cid}, which is not here`, {
      cid: error.detail.cid,
      hint: 'only a root with all that is below it is pinned',
    })
  }
}
