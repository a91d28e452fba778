// What `_redirects` says of a path where nothing is: only content with an origin of its own may say it.
import type { CID } from 'multiformats/cid'
import type { DagReader, ReadOptions } from '../../dag-port.ts'
import { SxError } from '../../errors.ts'
import { type Answer, answer } from '../answer.ts'
import { type Asked, contentPath, encodeSegment, segmentsOf } from './asked.ts'
import { sendFile } from './file.ts'
import type { Found } from './handler.ts'
import { cacheControl, cors, IMMUTABLE } from './headers.ts'
import { MAX_SIZE, matchRedirect, parseRedirects } from './redirects-file.ts'

export interface Lost {
  readonly asked: Asked
  /** the content's root, and the path below it that its name leads to */
  readonly root: CID
  readonly base: readonly string[]
  readonly seconds: number | undefined
  readonly read: ReadOptions
}

/** undefined: there is no such file, or no rule of it fits. Throws 'redirects-invalid', 'not-found'. */
export async function redirected(
  { asked, root, base, seconds, read }: Lost,
  dag: DagReader,
  foundOf: (asked: Asked, resolved: Found['resolved']) => Found,
): Promise<Answer | undefined> {
  if (asked.mount.kind === 'path') return undefined
  const fileAt = async (path: readonly string[]) => {
    try {
      const resolved = await dag.resolve(root, [...base, ...path], read)
      const entry = dag.entry(resolved.cid, resolved.bytes)
      return entry?.kind === 'file' ? { resolved, size: entry.size } : undefined
    } catch (error) {
      if (error instanceof SxError && error.code === 'not-found') return undefined
      throw error
    }
  }
  const file = await fileAt(['_redirects'])
  if (file === undefined) return undefined
  const bytes: Uint8Array[] = []
  const end = Math.min(file.size, MAX_SIZE + 1)
  for await (const piece of dag.file(file.resolved.cid, file.resolved.bytes, { start: 0, end }, read))
    bytes.push(piece)
  const rules = parseRedirects(Buffer.concat(bytes))
  const match = matchRedirect(rules, asked.segments, asked.search, encodeSegment)
  if (match === undefined) return undefined
  if (match.status >= 300 && match.status < 400)
    return answer(
      match.status,
      { ...cors, Location: match.to, 'Cache-Control': cacheControl(seconds, IMMUTABLE) },
      '',
    )
  const { segments } = segmentsOf(match.to.split(/[?#]/, 1)[0]!)
  const target = (await fileAt(segments)) ?? (await fileAt([...segments, 'index.html']))
  if (target === undefined)
    throw new SxError('not-found', `_redirects leads to ${match.to}, and nothing is there`)
  const found = foundOf({ ...asked, segments }, target.resolved)
  const made = await sendFile(
    { ...found, common: { ...found.common, 'X-Ipfs-Path': contentPath(asked) } },
    dag,
    { ...target, name: segments.at(-1) ?? 'index.html', tag: `${target.resolved.cid}` },
  )
  // only a whole answer has the rule's status: a range or a 304 of it is what it is
  return made.status === 200 ? { ...made, status: match.status } : made
}
