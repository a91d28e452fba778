// Packs as tests open them: inflated by the browser's code, its rejections given the codes that vectors name.
import { SxError } from '../../src/errors.ts'
import { inflate as plain } from '../../src/ipld/inflate.ts'
import { type Digest, type Inflate, openPacks, type Proven } from '../../src/ipld/pack.ts'

export const inflate: Inflate = (bytes, limit) =>
  plain(bytes, limit).catch(error => {
    const code = (error as Error).message === 'too long' ? 'block-too-large' : 'block-malformed'
    throw new SxError(code, 'not inflated', {}, error)
  })

export const openAll = (
  packs: Parameters<typeof openPacks>[0],
  page: string,
  digest: Digest,
): Promise<Proven> => openPacks(packs, page, digest, inflate)
