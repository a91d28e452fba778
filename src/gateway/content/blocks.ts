// Blocks as they are (`format=raw`), and blocks of codecs that are data: whole or one range of them.
import type { CID } from 'multiformats/cid'
import { SxError } from '../../errors.ts'
import { CBOR, DAG_JSON, JSON_CODEC } from '../../ipld/any-cid.ts'
import { DAG_CBOR } from '../../ipld/cid.ts'
import { type Answer, answer, headers } from '../answer.ts'
import { ifRange, noneMatch, readRange } from '../conditions.ts'
import { type Format, formats } from './format.ts'
import type { Found, Handler } from './handler.ts'
import { cacheControl, dispositionOf, IMMUTABLE } from './headers.ts'

/** The first of several ranges is served alone, which RFC 9110 §14.2 leaves to the server. */
export const firstRange = (header: string | undefined): string | undefined => header?.split(',', 1)[0]

/** No more than this is held for a reader who may be slow: larger bodies go out in slices. */
export const WHOLE = 65_536

/** Bytes that are at hand, as the whole of an answer or one range of it. */
export function bytesAnswer(
  { method, header, common }: Found,
  tag: string,
  own: Readonly<Record<string, string | undefined>>,
  body: { readonly size: number; part(start: number, end: number): Answer['body'] },
): Answer {
  const { size } = body
  if (noneMatch(header('if-none-match'), tag))
    return answer(304, { ...common, ETag: `"${tag}"`, 'Cache-Control': own['Cache-Control'] })
  const all = { ...common, ...own, ETag: `"${tag}"`, 'Accept-Ranges': 'bytes' }
  const range =
    method === 'GET' && ifRange(header('if-range'), tag)
      ? readRange(firstRange(header('range')), size)
      : undefined
  if (range === 'unsatisfiable')
    return answer(416, { ...common, 'Content-Range': `bytes */${size}`, 'Accept-Ranges': 'bytes' }, '')
  if (range === undefined)
    return {
      status: 200,
      headers: headers({ ...all, 'Content-Length': String(size) }),
      body: body.part(0, size)!,
    }
  const { offset, length } = range
  return {
    status: 206,
    headers: headers({
      ...all,
      'Content-Range': `bytes ${offset}-${offset + length - 1}/${size}`,
      'Content-Length': String(length),
    }),
    body: body.part(offset, offset + length)!,
  }
}

const insideOnly = ({ resolved: { rest, cid } }: Found): void => {
  if (rest.length > 0)
    throw new SxError(
      'not-implemented',
      `/${rest.join('/')} lies inside the block ${cid}, not behind a link`,
      {
        hint: 'blocks are served whole: ask for the block and read on in it',
      },
    )
}

export const rawHandler: Handler = {
  name: 'raw',
  canHandle: ({ wanted }) => wanted.format === 'raw',
  handle: (found, { dag }) => {
    insideOnly(found)
    const { cid, bytes } = found.resolved
    return bytesAnswer(
      found,
      `${cid}.raw`,
      {
        'Content-Type': formats.raw,
        'Content-Disposition': dispositionOf(found, 'attachment', `${cid}.bin`),
        'Cache-Control': cacheControl(found.seconds, IMMUTABLE),
      },
      blockBody(found, dag, cid, bytes),
    )
  },
}

/** A small block at once, a large one in slices. */
function blockBody(
  { read }: Found,
  dag: Parameters<Handler['handle']>[1]['dag'],
  cid: CID,
  bytes: Uint8Array,
): Parameters<typeof bytesAnswer>[3] {
  const size = bytes.byteLength
  return {
    size,
    part: (start, end) =>
      end - start <= WHOLE ? bytes.slice(start, end) : dag.blockBytes(cid, { start, end }, read),
  }
}

/** codec → the format that it is, its plainer form, how browsers show it */
const codecs = new Map<
  number,
  readonly [own: Format, plain: Format, how: 'inline' | 'attachment', ending: string]
>([
  [DAG_JSON, ['dag-json', 'json', 'inline', 'json']],
  [DAG_CBOR, ['dag-cbor', 'cbor', 'attachment', 'cbor']],
  [JSON_CODEC, ['json', 'json', 'inline', 'json']],
  [CBOR, ['cbor', 'cbor', 'attachment', 'cbor']],
])

/** dag-json, dag-cbor, json and cbor, each under its own name or the plain one: nothing is converted (IPIP-524). */
export const codecHandler: Handler = {
  name: 'codec',
  canHandle: ({ resolved: { cid }, wanted: { format } }) => {
    const row = codecs.get(cid.code)
    return row !== undefined && (format === undefined || format === row[0] || format === row[1])
  },
  handle: (found, { dag }) => {
    insideOnly(found)
    const { cid, bytes } = found.resolved
    const [own, , how, ending] = codecs.get(cid.code)!
    const format = found.wanted.format ?? own
    return bytesAnswer(
      found,
      `${cid}.${format}`,
      {
        'Content-Type': formats[format],
        'Content-Disposition': dispositionOf(found, how, `${cid}.${ending}`),
        'Cache-Control': cacheControl(found.seconds, IMMUTABLE),
        // JSON of strangers is shown, never run
        'Content-Security-Policy': "default-src 'none'; sandbox",
      },
      blockBody(found, dag, cid, bytes),
    )
  },
}

/** Whatever could not be had in the form that was asked for. */
export const mismatchHandler: Handler = {
  name: 'mismatch',
  canHandle: () => true,
  handle: found => {
    insideOnly(found)
    const { wanted, resolved } = found
    throw new SxError(
      'not-acceptable',
      wanted.format === undefined
        ? `blocks of codec 0x${resolved.cid.code.toString(16)} have no form of their own here`
        : `it can't be had as ${formats[wanted.format]}: nothing is converted here`,
      { hint: 'the block as it is: ?format=raw' },
    )
  },
}
