// GET /sx/d/{old}..{new}: what leads a reader from the version of a page that it holds to another one (format §8). Made
// when it is first asked for, and proven before it is sent.
import { SxError } from '../../errors.ts'
import { parseCid } from '../../ipld/cid.ts'
import { patchBetween } from '../../ipld/make-patch.ts'
import type { Sha256, Store } from '../../ports.ts'
import { type Answer, answer } from '../answer.ts'
import { createByteCache } from '../byte-cache.ts'
import { noneMatch } from '../conditions.ts'

export const patchPrefix = '/sx/d/'

export interface Patches {
  /** `pair`: `{old}..{new}`. Throws 'block-not-found' where there is no patch, or none that is smaller than the page. */
  answer(pair: string, ifNoneMatch: string | undefined): Promise<Answer>
}

export const createPatches = (o: { store: Store; sha256: Sha256; bytes: number }): Patches => {
  const known = createByteCache<Uint8Array | undefined>(o.bytes)
  const get = (cid: string): Uint8Array => {
    const bytes = o.store.get(cid)
    if (bytes === undefined) throw new SxError('block-not-found', `there is no block ${cid} here`)
    return bytes
  }
  /** One at a time: each takes some milliseconds of this process. */
  let last: Promise<unknown> = Promise.resolve()
  const find = (from: string, to: string): Promise<Uint8Array | undefined> => {
    const key = `${from}..${to}`
    const found = last
      .catch(() => undefined)
      .then(async () => {
        const before = known.get(key)
        if (before !== undefined) return before.length > 0 ? before : undefined
        const made = await patchBetween(from, to, get, o.sha256)
        known.set(key, made ?? new Uint8Array(), made?.length ?? 0)
        return made
      })
    last = found
    return found
  }

  return {
    answer: async (pair, ifNoneMatch) => {
      const [from = '', to = '', ...rest] = pair.split('..')
      if (rest.length > 0 || to === '')
        throw new SxError('request-invalid', 'a patch is asked for as {old}..{new}, the CIDs of two pages')
      for (const cid of [from, to]) parseCid(cid)
      const patch = await find(from, to)
      if (patch === undefined)
        throw new SxError('block-not-found', `there is no patch from ${from} to ${to}`, {
          hint: "fetch the page's packs",
        })
      const fixed = {
        'Cache-Control': 'public, max-age=29030400, immutable',
        'Access-Control-Allow-Origin': '*',
        'X-Content-Type-Options': 'nosniff',
        ETag: `"${pair}"`,
      }
      if (noneMatch(ifNoneMatch, pair)) return answer(304, fixed)
      return answer(200, { 'Content-Type': 'application/vnd.ipld.raw', ...fixed }, patch)
    },
  }
}
