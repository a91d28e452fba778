// GET /_sx/…: the paths of a release directory (format §7.1) at the site's own address, out of the newest release of what is
// shown; and below /_sx/b/ blocks by their CID, and patches to a page that is named, for which it takes none.
import { SxError } from '../../errors.ts'
import { readRelease } from '../../ipld/release.ts'
import type { Store } from '../../ports.ts'
import { type Answer, answer } from '../answer.ts'
import { noneMatch } from '../conditions.ts'
import type { FileReader } from '../gateway-port.ts'
import type { Definitions } from './definition.ts'
import type { Patches } from './patch.ts'

export const releasePrefix = '/_sx/'

export interface ReleaseQuestion {
  /** what follows the prefix, decoded */
  readonly path: string
  /** with its question mark, or empty. Of a patch, `to` is the page that it shall lead to; without: the one that the release has */
  readonly query: string
  readonly acceptEncoding: string | undefined
  readonly ifNoneMatch: string | undefined
}

export interface ReleaseFiles {
  /** Throws 'not-found' where there is no release, or none of this root, and for a path that it has not. */
  answer(question: ReleaseQuestion): Promise<Answer>
}

export const createReleaseFiles = (o: {
  readonly store: Store
  readonly files: FileReader
  readonly definitions: Definitions
  readonly patches: Patches
  /** the root that is shown */
  readonly root: () => string | undefined
  /** the newest release's directory */
  readonly directory: () => string | undefined
}): ReleaseFiles => {
  const load = (cid: string): Uint8Array => {
    const bytes = o.store.get(cid)
    if (bytes === undefined) throw new SxError('block-not-found', `there is no block ${cid} here`)
    return bytes
  }
  const fileAt = async (directory: string, path: string): Promise<string> => {
    const found = await o.files.resolve(directory, `_sx/${path}`)
    if (found?.kind !== 'file') throw new SxError('not-found', `this release has no _sx/${path}`)
    return found.cid
  }
  /** What is shown and what was signed must not be mixed: a reader would take one for the other. */
  const current = async (): Promise<{ readonly root: string; readonly directory: string }> => {
    const root = o.root()
    const directory = o.directory()
    if (directory === undefined || root === undefined)
      throw new SxError('not-found', 'there is no release of this site here', {
        hint: 'sx publish makes one',
      })
    const newest = readRelease(load(await fileAt(directory, 'release.cbor')))
    if (newest.root.cid !== root)
      throw new SxError('not-found', `release ${newest.sequence}, the newest, is not of what is shown here`, {
        hint: 'sx publish makes a release of it',
      })
    return { root, directory }
  }

  return {
    answer: async ({ path, query, acceptEncoding, ifNoneMatch }) => {
      if (path.startsWith('b/'))
        return o.definitions.answer({
          cid: path.slice('b/'.length),
          query: '',
          accept: undefined,
          acceptEncoding,
          ifNoneMatch,
        })
      const to = path.startsWith('patches/') ? new URLSearchParams(query).get('to') : null
      if (to !== null) return o.patches.answer(`${path.slice('patches/'.length)}..${to}`, ifNoneMatch)
      const { root, directory } = await current()
      // a link to a node is no file: that it is this one was just seen
      const cid = path === 'root' ? root : await fileAt(directory, path)
      const own = {
        ETag: `"${cid}"`,
        // the next release has other bytes at the same address
        'Cache-Control': 'public, max-age=0, must-revalidate',
        'Access-Control-Allow-Origin': '*',
        'X-Content-Type-Options': 'nosniff',
      }
      if (noneMatch(ifNoneMatch, cid)) return answer(304, own)
      const type = path === 'root' || path === 'release.cbor' ? 'dag-cbor' : 'raw'
      return answer(200, { 'Content-Type': `application/vnd.ipld.${type}`, ...own }, load(cid))
    },
  }
}
