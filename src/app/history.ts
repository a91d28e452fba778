// sx log and sx tag: the releases of a folder, what they are called, and what is known of its targets.
import type { App } from '../app-port.ts'
import { SxError } from '../errors.ts'
import { targetStates } from '../publish/target-states.ts'
import { readLabel, tagLabel } from './labels.ts'
import { openReleases } from './releasing.ts'
import { siteName, version, type Workshop } from './workshop.ts'

export const createHistory = (shop: Workshop): Pick<App, 'log' | 'tag'> => ({
  log: async dir => {
    const stored = await shop.store()
    const name = siteName(shop.siteAt(dir).folder)
    const all = (await openReleases(shop)).all(name)
    const pinned = stored.roots()
    const releases = all.map((one, i) => ({
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
    const targets = targetStates(stored.records, name)
      .all()
      .map(([target, { state, directory, error, at }]) => {
        const has = all.find(one => one.directory === directory)
        return {
          name: target,
          state,
          ...(has !== undefined && { sequence: has.node.sequence }),
          ...(error !== undefined && { error }),
          at,
        }
      })
    return { releases: releases.reverse(), targets }
  },

  tag: async (dir, tag, { sequence, remove = false } = {}) => {
    if (!/^[a-zA-Z][\w.-]{0,63}$/.test(tag))
      throw new SxError('usage', `${JSON.stringify(tag)} is no name for a release`, {
        hint: 'begin with a letter; letters, digits, . - and _ may follow',
      })
    const stored = await shop.store()
    const name = siteName(shop.siteAt(dir).folder)
    const label = tagLabel(name, tag)
    const all = (await openReleases(shop)).all(name)
    const tagged = stored.roots(label)[0]?.root
    if (remove) {
      if (tagged === undefined) throw new SxError('not-found', `No release is called ${tag}`)
      stored.release(tagged, label)
      return { tag, directory: tagged }
    }
    const found = sequence === undefined ? all.at(-1) : all.find(({ node }) => node.sequence === sequence)
    if (found === undefined)
      throw new SxError(
        'not-found',
        sequence === undefined ? 'There is no release yet' : `There is no release ${sequence}`,
        {
          hint: 'sx log lists them',
        },
      )
    if (!stored.has(found.directory))
      throw new SxError(
        'not-found',
        `The blocks of release ${found.node.sequence} are not kept here any more`,
      )
    stored.commit({ site: label, root: found.directory, blocks: [], keep: 1, version })
    return { tag, sequence: found.node.sequence, directory: found.directory }
  },
})
