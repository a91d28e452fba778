// sx publish and sx rollback: sources → root → signed release → its directory, pinned here and brought to its targets.
import type { App } from '../app-port.ts'
import type { Site } from '../config.ts'
import { SxError } from '../errors.ts'
import { deliver } from '../publish/deliver.ts'
import { RENEW_BEFORE } from '../publish/name-record.ts'
import type { PublishOptions, Receipt, TargetReport } from '../publish/publish-port.ts'
import type { Release } from '../publish/releases.ts'
import { targetStates } from '../publish/target-states.ts'
import type { Outgoing } from '../publish/targets/target.ts'
import { recordHere, renewRecord } from './names.ts'
import { makeRelease, openReleases } from './releasing.ts'
import { sha256 } from './sha256.ts'
import { openHttp, openTargets, outgoing, sleep } from './targets.ts'
import { siteName, version, type Workshop } from './workshop.ts'

/** What a run did: which release it is about, and whether it made it. */
interface Made {
  readonly release: Release
  readonly before: Release | undefined
  readonly unchanged: boolean
}

export const createPublishing = (shop: Workshop): Pick<App, 'publish' | 'rollback'> => {
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

  /** Where a folder's targets are named: its own configuration, or, of a plain folder, the one of where we are. */
  const configOf = (site: Site): Site =>
    Object.keys(site.config.targets).length > 0 || site.hasConfig ? site : shop.siteAt('.')

  const run = async (site: Site, options: PublishOptions, make: () => Promise<Made>): Promise<Receipt> => {
    const started = performance.now()
    const { folder, config } = configOf(site)
    // a target that can't be meant is told before anything is done
    const targets = await openTargets(shop, config.targets, folder, options.to)
    const made = await make()
    const named = await recordHere(shop, made.release.node.publisher)
    if (named === undefined || named.validUntil - Date.now() < RENEW_BEFORE)
      await renewRecord(shop, made.release)
    const name = await recordHere(shop, made.release.node.publisher)
    const survey = await shop.survey()
    const { directory, node } = made.release
    const all = [...survey.below(directory)]
    const sizeOf = (cids: readonly string[]): number =>
      cids.reduce((sum, one) => sum + survey.at(one).size, 0)
    const known = made.before === undefined ? undefined : survey.below(made.before.directory)
    const fresh = made.unchanged ? [] : all.filter(one => known?.has(one) !== true)
    const local: TargetReport = {
      name: 'local',
      kind: 'local',
      state: 'pinned',
      sent: fresh.length,
      bytes: sizeOf(fresh),
      links: [],
      ms: performance.now() - started,
    }
    const stored = await shop.store()
    const { writeFolder } = await import('../store/write-folder.ts')
    const reports = await deliver(targets, {
      release: {
        directory,
        name: {
          text: node.publisher,
          record: stored.records.get(`/ipns/${node.publisher}`) ?? new Uint8Array(),
        },
        title: `${config.title} ${node.sequence}`.slice(0, 255),
        car: since =>
          later(() =>
            outgoing(shop, directory, since === undefined ? undefined : survey.below(since), options.signal),
          ),
        files: (to, before) => {
          const { written, bytes } = writeFolder(stored, directory, to, before)
          return { files: written, bytes }
        },
      },
      blocks: () => all,
      full: options.full === true,
      states: targetStates(stored.records, siteName(site.folder)),
      http: openHttp(),
      sha256,
      clock: Date.now,
      sleep,
      signal: options.signal,
      onProgress: (phase, done, total) => options.onProgress?.({ phase, done, total }),
    })
    return {
      root: node.root.cid,
      release: made.release.cid,
      directory,
      sequence: node.sequence,
      time: node.time,
      publisher: node.publisher,
      nameUntil: new Date(name?.validUntil ?? 0).toISOString(),
      ...(node.previous !== undefined && { previous: node.previous }),
      unchanged: made.unchanged,
      blocks: all.length,
      bytes: sizeOf(all),
      targets: [local, ...reports],
      complete: reports.every(({ error }) => error === undefined),
      ms: performance.now() - started,
    }
  }

  return {
    publish: async (dir, options = {}) => {
      const site = shop.siteAt(dir)
      return run(site, options, async () => {
        const root = await rootOf(site, options)
        const before = (await openReleases(shop)).newest(siteName(site.folder))
        options.onProgress?.({ phase: 'store', done: 0 })
        if (before?.node.root.cid === root) return { release: before, before, unchanged: true }
        return { release: await makeRelease(shop, site, root, before), before, unchanged: false }
      })
    },

    rollback: async (dir, to, options = {}) => {
      const site = shop.siteAt(dir)
      return run(site, options, async () => {
        const all = (await openReleases(shop)).all(siteName(site.folder))
        const before = all.at(-1)
        const wanted =
          to === undefined
            ? all.findLast(({ node }) => node.root.cid !== before?.node.root.cid)
            : all.find(({ node }) => node.sequence === to)
        if (before === undefined || wanted === undefined)
          throw new SxError(
            'not-found',
            to === undefined ? 'There is no earlier release' : `There is no release ${to}`,
            {
              hint: 'sx log lists them',
            },
          )
        if (wanted.node.root.cid === before.node.root.cid) return { release: before, before, unchanged: true }
        if (!(await shop.store()).has(wanted.node.root.cid))
          throw new SxError(
            'not-found',
            `The blocks of release ${wanted.node.sequence} are not kept here any more`,
            {
              hint: 'import its CAR first, or build its sources again',
            },
          )
        const release = await makeRelease(shop, site, wanted.node.root.cid, before)
        return { release, before, unchanged: false }
      })
    },
  }
}

/** A CAR whose walk begins when it is read: what sends it makes a new one for each try. */
const later = (open: () => Promise<Outgoing>): Outgoing => {
  const count = { blocks: 0, bytes: 0 }
  const body = async function* () {
    const car = await open()
    for await (const piece of car.body) {
      Object.assign(count, car.count)
      yield piece
    }
    Object.assign(count, car.count)
  }
  return { body: body(), count }
}
