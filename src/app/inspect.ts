// sx inspect: what a CID, a name, a page or a source file leads to, and what lies around it in the graph.
import { join, relative, resolve, sep } from 'node:path'
import type { Inspected, InspectOptions, Related } from '../app-port.ts'
import { SxError } from '../errors.ts'
import type { OpenSite } from '../ipld/site.ts'
import { readLabel } from './labels.ts'
import { sha256 } from './sha256.ts'
import { siteName, type Workshop } from './workshop.ts'

export const inspect = async (
  shop: Workshop,
  target: string,
  { dir }: InspectOptions = {},
): Promise<readonly Inspected[]> => {
  const stored = await shop.store()
  const survey = await shop.survey()
  const { codecOf } = await import('../ipld/survey.ts')
  const site = await newestSite(shop, dir)
  const about = (cid: string): ReturnType<OpenSite['about']> => site?.about(cid) ?? { names: [] }
  const related = (cid: string): Related => ({ ...survey.at(cid), names: about(cid).names })
  const inspected = (cid: string): Inspected => {
    const bytes = stored.get(cid)
    if (bytes === undefined) throw new SxError('block-not-found', `The store has no block ${cid}`, { cid })
    const { doc, source, contentId, written, io } = about(cid)
    return {
      ...related(cid),
      codec: codecOf(cid),
      bytes,
      ...(site && { root: site.root }),
      about: {
        ...(doc !== undefined && { doc }),
        ...(source !== undefined && { source }),
        ...(contentId !== undefined && { contentId }),
        ...(written !== undefined && { call: written }),
        ...(io !== undefined && { io }),
      },
      load: of => stored.get(of),
      dependencies: (of = cid) => survey.linksOf(of).map(related),
      dependents: (of = cid) =>
        site === undefined
          ? []
          : survey
              .dependents(site.root, of)
              .map(related)
              .sort((a, b) => compare(a.names[0] ?? '~', b.names[0] ?? '~') || compare(a.cid, b.cid)),
    }
  }
  return (await targetsOf(shop, target, site, dir)).map(inspected)
}

/** The site whose names people mean: of `dir`, of the current folder, or the newest of the store. */
const newestSite = async (shop: Workshop, dir: string | undefined): Promise<OpenSite | undefined> => {
  const stored = await shop.store()
  const here = dir === undefined ? undefined : siteName(shop.siteAt(dir).folder)
  const root =
    here !== undefined
      ? stored.roots(here)[0]?.root
      : (
          stored.roots(siteName(shop.options.cwd))[0] ??
          stored.roots().find(({ site }) => readLabel(site).kind === 'site')
        )?.root
  if (here !== undefined && root === undefined)
    throw new SxError('not-found', `${dir} has not been built into this store`, {
      hint: 'Run `sx build` first.',
    })
  if (root === undefined) return undefined
  const { openSite } = await import('../ipld/site.ts')
  return openSite(root, {
    sha256,
    load: cid => {
      const bytes = stored.get(cid)
      if (bytes === undefined) throw new SxError('block-not-found', `The store has no block ${cid}`, { cid })
      return bytes
    },
  })
}

/** CIDs that a CID, a name, a page's path or a source file stands for. */
const targetsOf = async (
  shop: Workshop,
  target: string,
  site: OpenSite | undefined,
  dir: string | undefined,
): Promise<readonly string[]> => {
  if (/^b[a-z2-7]{20,}$/.test(target)) return [target]
  if (site === undefined)
    throw new SxError('not-found', 'The store holds no site yet', { hint: 'Run `sx build` first.' })
  const named = site.find(target)
  if (named !== undefined) return [named]
  for (const { path, page } of site.pages()) if (path === target) return [page]
  const all = [...site.names()]
  if (target.endsWith('.sx')) {
    const { config, folder } = shop.siteAt(dir ?? '.')
    const path = relative(join(folder, config.source), resolve(shop.options.cwd, target)).split(sep).join('/')
    const inFile = [...new Set(all.map(([, cid]) => cid))].filter(cid => {
      const source = site.about(cid).source
      return source?.startsWith(`${path}:`) || source?.startsWith(`${target}:`)
    })
    if (inFile.length > 0) return inFile
  }
  const { nearMisses } = await import('../lang/near.ts')
  const near = nearMisses(
    target,
    all.map(([name]) => name),
  )
  throw new SxError('not-found', `Nothing in the site is named ${target}`, {
    near,
    hint:
      near.length > 0
        ? `Did you mean ${near.join(', ')}?`
        : 'Give a CID, a name, a page path such as /market, or a source file.',
  })
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
