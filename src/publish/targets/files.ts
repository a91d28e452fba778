// Targets on this machine's disk: a folder that a web server shows, and a CAR.
import { createReadStream } from 'node:fs'
import { SxError } from '../../errors.ts'
import { verifyBlock } from '../../ipld/block.ts'
import { parseCid, RAW } from '../../ipld/cid.ts'
import type { Sha256 } from '../../ports.ts'
import { spread } from '../fetch-back.ts'
import type { Http } from '../http.ts'
import type { CarSettings, DirectorySettings } from '../target-config.ts'
import { writeStream } from '../write-stream.ts'
import type { Target } from './target.ts'

/** How much of a folder is fetched back from its web server. */
const SAMPLE = 16
const MOST_FILE = 2 ** 20

export interface FolderPorts {
  readonly http: Http
  readonly sha256: Sha256
  /** path and CID of every file of a directory */
  filesBelow(directory: string): ReadonlyMap<string, string>
  /** Compares every file on the disk; answers how many there are. Throws 'block-mismatch'. */
  compare(directory: string, folder: string): number
}

export const directoryTarget = (
  name: string,
  { kind, url }: DirectorySettings,
  folder: string,
  { http, sha256, filesBelow, compare }: FolderPorts,
): Target => ({
  name,
  kind,
  links: () => (url === undefined ? [] : [url]),
  deliver: async ({ files, known }) => {
    const { files: sent, bytes } = files(folder, known?.directory)
    return { sent, bytes }
  },
  check: async (directory, signal) => {
    if (url === undefined) return compare(directory, folder)
    // larger files are trees of blocks, and a web server knows of no blocks
    const small = [...filesBelow(directory)].filter(([, cid]) => parseCid(cid).codec === RAW)
    const wanted = spread(small, SAMPLE)
    const base = url.endsWith('/') ? url : `${url}/`
    for (const [path, cid] of wanted) {
      const at = base + path.split('/').map(encodeURIComponent).join('/')
      verifyBlock(
        cid,
        await http.bytes(at, MOST_FILE, { headers: { 'Cache-Control': 'no-cache' }, signal }),
        sha256,
      )
    }
    return wanted.length
  },
})

export const carTarget = (
  name: string,
  { kind }: CarSettings,
  file: string,
  /** Reads a CAR, every block verified: its roots, and how many there are. */
  read: (
    car: AsyncIterable<Uint8Array>,
  ) => Promise<{ readonly roots: readonly string[]; readonly blocks: number }>,
): Target => {
  const check = async (directory: string, signal: AbortSignal | undefined): Promise<number> => {
    const { roots, blocks } = await read(createReadStream(file, signal === undefined ? {} : { signal }))
    if (roots[0] !== directory)
      throw new SxError('block-mismatch', `${file} holds ${roots[0]}, not ${directory}`)
    return blocks
  }
  return {
    name,
    kind,
    links: () => [],
    check,
    deliver: async ({ directory, car, known, signal }) => {
      if (known?.directory === directory && (await check(directory, signal).catch(() => 0)) > 0)
        return { sent: 0, bytes: 0 }
      const { body, count } = car()
      await writeStream(file, body)
      return { sent: count.blocks, bytes: count.bytes }
    },
  }
}
