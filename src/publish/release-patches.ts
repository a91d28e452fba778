// The patches of a release: from the pages of the releases before it to its own, so that a returning reader loads what changed.
import { SxError } from '../errors.ts'
import { blockOf } from '../ipld/block.ts'
import { RAW } from '../ipld/cid.ts'
import { patchBetween } from '../ipld/make-patch.ts'
import type { OpenSite } from '../ipld/site.ts'
import type { Block, Sha256 } from '../ports.ts'
import type { Entry } from './release-directory.ts'

/** Each costs some milliseconds to make and to prove; a change of a layout is one for each page of each release. */
const MOST = 500

/** `before`: newest first; what is not here any more, and what a patch would not make smaller, has none. */
export const patchesOf = async (
  next: OpenSite,
  before: readonly OpenSite[],
  load: (cid: string) => Uint8Array,
  sha256: Sha256,
): Promise<{ readonly entries: readonly Entry[]; readonly blocks: readonly Block[] }> => {
  const now = new Map([...next.pages()].map(({ path, page }) => [path, page]))
  const made = new Map<string, Block | undefined>()
  for (const site of before)
    for (const { path, page } of site.pages()) {
      const to = now.get(path)
      if (to === undefined || to === page || made.has(page) || made.size >= MOST) continue
      const patch = await patchBetween(page, to, load, sha256).catch((error: unknown) => {
        if (error instanceof SxError && error.code === 'block-not-found') return undefined
        throw error
      })
      made.set(page, patch === undefined ? undefined : blockOf(patch, RAW, sha256))
    }
  const found = [...made].filter((one): one is [string, Block] => one[1] !== undefined)
  return {
    entries: found
      .map(([name, { cid, bytes }]) => ({ name, cid, size: bytes.length }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    blocks: found.map(([, block]) => block),
  }
}
