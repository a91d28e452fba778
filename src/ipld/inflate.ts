// Gzip → bytes, within bounds that hold while it inflates: a bomb ends at the limit. It goes to the browser.
import { SxError } from '../errors.ts'

/** Throws 'block-too-large' beyond `limit` bytes, 'block-malformed' for what is not one whole gzip member and nothing else. */
export const inflate = async (
  bytes: Uint8Array<ArrayBuffer>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(error => {
      throw new SxError('block-malformed', `not gzip: ${(error as Error).message}`)
    })
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer())
    parts.push(value)
    length += value.length
    if (length > limit) {
      void reader.cancel()
      throw new SxError('block-too-large', `more than ${limit} bytes inflated`, { limit })
    }
  }
}
