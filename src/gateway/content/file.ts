// Files, by range; the page of a directory that has one; symbolic links as the text that they hold.

import type { DagReader, Resolved } from '../../dag-port.ts'
import { SxError } from '../../errors.ts'
import { RAW } from '../../ipld/cid.ts'
import { type Answer, answer } from '../answer.ts'
import { contentTypeOf } from '../content-type.ts'
import { bytesAnswer, WHOLE } from './blocks.ts'
import type { Found, Handler } from './handler.ts'
import { cacheControl, disposition, fileNameOf, IMMUTABLE } from './headers.ts'
import { SNIFFED, sniff } from './sniff.ts'

/** What a browser would run in the origin that serves it. */
const runs = /^(?:text\/html|image\/svg\+xml|application\/xml|application\/xhtml)/
/** Scripts of strangers run in an origin of their own, without the site's cookies and storage. */
const SANDBOX =
  'sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads allow-pointer-lock allow-popups-to-escape-sandbox'

export interface FileToSend {
  readonly resolved: Pick<Resolved, 'cid' | 'bytes'>
  readonly size: number
  /** the last segment, or the file inside a directory: its ending tells the type */
  readonly name: string | undefined
  readonly tag: string
}

/** The file as an answer of 200, 206, 304 or 416. */
export async function sendFile(found: Found, dag: DagReader, file: FileToSend): Promise<Answer> {
  const { cid, bytes } = file.resolved
  const given = fileNameOf(found.query)
  const type = await typeOf(found, dag, file, given ?? file.name)
  if (found.wanted.format === 'json' && type !== 'application/json')
    throw new SxError('not-acceptable', 'that file is no JSON', {
      hint: 'without format=json it is what it is',
    })
  const download = found.query.get('download') === 'true'
  return bytesAnswer(
    found,
    file.tag,
    {
      'Content-Type': type,
      'Content-Disposition':
        given !== undefined || download
          ? disposition(download ? 'attachment' : 'inline', given ?? file.name ?? `${cid}`)
          : undefined,
      'Cache-Control': cacheControl(found.seconds, IMMUTABLE),
      'Content-Security-Policy': found.foreign && runs.test(type) ? SANDBOX : undefined,
    },
    {
      size: file.size,
      part: (start, end) =>
        cid.code === RAW && end - start <= WHOLE
          ? bytes.slice(start, end)
          : dag.file(cid, bytes, { start, end }, found.read),
    },
  )
}

async function typeOf(
  { read }: Found,
  dag: DagReader,
  { resolved, size }: FileToSend,
  name: string | undefined,
): Promise<string> {
  const told = name === undefined ? 'application/octet-stream' : contentTypeOf(name).type
  if (told !== 'application/octet-stream') return told
  const end = Math.min(size, SNIFFED)
  try {
    // one piece is enough, and a range is served even when the rest of its file can't be had
    for await (const piece of dag.file(resolved.cid, resolved.bytes, { start: 0, end }, read))
      return sniff(piece, piece.byteLength === size)
    return sniff(new Uint8Array(), true)
  } catch (error) {
    if (error instanceof SxError && error.code === 'block-not-found') return 'application/octet-stream'
    throw error
  }
}

export const fileHandler: Handler = {
  name: 'file',
  canHandle: ({ wanted, entry }) =>
    entry?.kind === 'file' && (wanted.format === undefined || wanted.format === 'json'),
  handle: (found, { dag }) => {
    const { resolved, entry, segments, slash } = found
    if (slash && segments.length > 0 && found.mount.kind !== 'path')
      throw new SxError('not-found', 'that is a file, and no directory')
    return sendFile(found, dag, {
      resolved,
      size: entry?.kind === 'file' ? entry.size : 0,
      name: segments.at(-1),
      tag: `${resolved.cid}`,
    })
  },
}

export const symlinkHandler: Handler = {
  name: 'symlink',
  canHandle: ({ wanted, entry }) => entry?.kind === 'symlink' && wanted.format === undefined,
  handle: ({ entry, resolved, common, seconds }) =>
    answer(
      200,
      {
        ...common,
        'Content-Type': 'inode/symlink',
        ETag: `"${resolved.cid}"`,
        'Cache-Control': cacheControl(seconds, IMMUTABLE),
      },
      entry?.kind === 'symlink' ? entry.target : '',
    ),
}
