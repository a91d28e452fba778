// A file from a stream: whole and on the disk, or not there at all.
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'

/** Answers how many bytes it has. What stood at `path` stays until all has come. */
export const writeStream = async (path: string, pieces: AsyncIterable<Uint8Array>): Promise<number> => {
  const beside = `${path}.${randomBytes(6).toString('hex')}~`
  const handle = await open(beside, 'wx')
  let bytes = 0
  try {
    for await (const piece of pieces) {
      await handle.writeFile(piece)
      bytes += piece.length
    }
    await handle.sync()
    await handle.close()
    await rename(beside, path)
    return bytes
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(beside, { force: true })
    throw error
  }
}
