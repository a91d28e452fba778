// GET /sx/h/{cid}: blocks as they are, and the views of them that people and other programs read.
import { SxError } from '../../errors.ts'
import { DAG_CBOR, parseCid } from '../../ipld/cid.ts'
import { dagJson } from '../../ipld/dag-json.ts'
import { linksOf } from '../../ipld/encode.ts'
import type { Store } from '../../ports.ts'
import { type Answer, answer, headers, type WholeAnswer } from '../answer.ts'
import { type ByteCache, createByteCache } from '../byte-cache.ts'
import { createCompressor } from '../compressed.ts'
import { noneMatch } from '../conditions.ts'
import { definitionPage } from '../definition-page.ts'
import type { Shell } from '../html.ts'
import { chooseCoding, wantsHtml } from '../negotiate.ts'
import type { Site, Sites } from '../sites.ts'
import { loadNode, nodeOf, outline, sxText } from '../views.ts'

export const prefix = '/sx/h/'

const IMMUTABLE = 'public, max-age=29030400, immutable'
const REVALIDATE = 'public, max-age=0, must-revalidate'

/** A definition is a few hundred bytes, which no coding makes fewer packets; a library is not. */
const WORTH_A_BLOCK = 1024

/** Anyone may read: what is served is public and proves itself. No cookie is ever looked at. */
const common = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Content-Length, ETag, X-Ipfs-Path',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  // a block is somebody's data: should a browser ever show one as a document, it can do nothing
  'Content-Security-Policy': "default-src 'none'; sandbox",
}

/** `Accept`: the same address answers a browser's navigation with a page. */
const dagCborHeaders = (codable: boolean): Record<string, string | undefined> => ({
  'Content-Type': 'application/vnd.ipld.dag-cbor',
  'Cache-Control': IMMUTABLE,
  Vary: codable ? 'Accept, Accept-Encoding' : 'Accept',
  ...common,
})
const dagCborFixed = headers(dagCborHeaders(false))
const dagCborCodable = headers(dagCborHeaders(true))

/** What the text of a CID with dag-cbor and sha2-256 begins with, and how long such text is; the store reads the rest. */
const DAG_CBOR_TEXT = 'bafyrei'
const CID_LENGTH = 59

export const preflight: Answer = {
  status: 204,
  headers: [
    'Access-Control-Allow-Origin',
    '*',
    'Access-Control-Allow-Methods',
    'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers',
    'Content-Type, If-None-Match, Range, X-Requested-With',
    'Access-Control-Max-Age',
    '86400',
  ],
}

const formats = ['sx', 'dag-json', 'html', 'raw', 'dag-cbor'] as const
type Format = (typeof formats)[number]

interface Question {
  readonly cid: string
  readonly query: string
  readonly accept: string | undefined
  readonly acceptEncoding: string | undefined
  readonly ifNoneMatch: string | undefined
}

interface Held {
  readonly answer: WholeAnswer
  /** it may also be had compressed, under a key of its own */
  readonly codable: boolean
}

export interface Definitions {
  /**
   * The answer to a plain GET of a block by a program: what is ready, or of dag-cbor one read of the store, verified.
   * undefined: `answer` says why, or takes longer. Never throws.
   */
  plain(cid: string, acceptEncoding: string | undefined): WholeAnswer | undefined
  /** Throws SxError for whatever can't be had. */
  answer(question: Question): Promise<Answer>
  readonly hotBytes: number
}

export function createDefinitions(o: {
  store: Store
  sites: Sites
  shell: Shell
  hotBytes: number
}): Definitions {
  const hot: ByteCache<Held> = createByteCache(o.hotBytes)
  const compressor = createCompressor(createByteCache(o.hotBytes / 4))

  const blockOf = (cid: string): Uint8Array => {
    const bytes = o.store.get(cid)
    if (bytes === undefined) throw new SxError('block-not-found', `there is no block ${cid} here`)
    return bytes
  }

  const keep = (key: string, made: WholeAnswer, codable = false): WholeAnswer => {
    hot.set(key, { answer: made, codable }, made.body?.byteLength ?? 0)
    return made
  }

  const held = (cid: string, acceptEncoding: string | undefined): WholeAnswer | undefined => {
    const found = hot.get(cid)
    if (found === undefined || !found.codable) return found?.answer
    const coding = chooseCoding(acceptEncoding)
    return coding === 'identity' ? found.answer : hot.get(`${cid}.${coding}`)?.answer
  }

  /** A definition as it stands, and ready from now on. */
  const dagCborOf = (cid: string, bytes: Uint8Array): WholeAnswer => {
    const size = bytes.byteLength
    const codable = size >= WORTH_A_BLOCK
    const fixed = codable ? dagCborCodable : dagCborFixed
    return keep(
      cid,
      {
        status: 200,
        headers: [...fixed, 'ETag', `"${cid}"`, 'Content-Length', String(size)],
        body: bytes,
      },
      codable,
    )
  }

  const plain = (cid: string, acceptEncoding: string | undefined): WholeAnswer | undefined => {
    // the cache has other keys too, such as those of views
    if (cid.length !== CID_LENGTH) return undefined
    const found = hot.get(cid)
    if (found !== undefined)
      return found.codable && acceptEncoding !== undefined ? held(cid, acceptEncoding) : found.answer
    if (!cid.startsWith(DAG_CBOR_TEXT)) return undefined
    let bytes: Uint8Array | undefined
    try {
      bytes = o.store.get(cid)
    } catch {
      // told by `answer`, which asks again
      return undefined
    }
    if (bytes === undefined) return undefined
    const made = dagCborOf(cid, bytes)
    return bytes.byteLength < WORTH_A_BLOCK || chooseCoding(acceptEncoding) === 'identity' ? made : undefined
  }

  /** The block's bytes under the block's own content type. */
  const block = async (cid: string, codec: number, acceptEncoding: string | undefined): Promise<Answer> => {
    const found = held(cid, acceptEncoding)
    if (found !== undefined) return found
    const bytes = hot.get(cid)?.answer.body ?? blockOf(cid)
    const dagCbor = codec === DAG_CBOR
    // the loader, the kernel and the platform are ours to run; any other raw block is a download
    const runs = !dagCbor && siteOf(o.sites)?.boot.has(cid) === true
    const codable = runs || (dagCbor && bytes.byteLength >= WORTH_A_BLOCK)
    const made = (body: Uint8Array, coding: 'br' | 'gzip' | undefined) =>
      answer(
        200,
        {
          ...(dagCbor
            ? dagCborHeaders(codable)
            : {
                'Content-Type': runs ? 'text/javascript; charset=utf-8' : 'application/vnd.ipld.raw',
                'Cache-Control': IMMUTABLE,
                Vary: codable ? 'Accept-Encoding' : undefined,
                'Content-Disposition': runs ? undefined : `attachment; filename="${cid}.bin"`,
                ...common,
              }),
          'Content-Encoding': coding,
          ETag: coding === undefined ? `"${cid}"` : `"${cid}.${coding}"`,
        },
        body,
      )
    const whole = dagCbor ? dagCborOf(cid, bytes) : keep(cid, made(bytes, undefined), codable)
    const coding = codable ? chooseCoding(acceptEncoding) : 'identity'
    if (coding === 'identity') return whole
    const packed = await compressor.compress(cid, bytes, coding, runs)
    return keep(`${cid}.${coding}`, packed === undefined ? whole : made(packed, coding))
  }

  const view = (cid: string, format: 'sx' | 'dag-json'): Answer => {
    const key = `${cid}.${format}`
    const found = hot.get(key)
    if (found !== undefined) return found.answer
    const bytes = blockOf(cid)
    const text = format === 'sx' ? sxText(cid, bytes, o.store) : dagJson(bytes)
    return keep(
      key,
      answer(
        200,
        {
          'Content-Type': format === 'sx' ? 'text/plain; charset=utf-8' : 'application/vnd.ipld.dag-json',
          'Cache-Control': IMMUTABLE,
          ETag: `"${key}"`,
          ...common,
        },
        text,
      ),
    )
  }

  /** The tag of the HTML page names the root too: names are the site's, and change with it. */
  const htmlTag = (cid: string, site: Site | undefined): string =>
    `${cid}.html.${site === undefined ? '' : site.root.slice(-16)}`

  const html = (cid: string, site: Site | undefined): Answer => {
    const key = htmlTag(cid, site)
    const found = hot.get(key)
    if (found !== undefined) return found.answer
    const bytes = blockOf(cid)
    const node = nodeOf(cid, bytes)
    const about = site?.about(cid)
    const page = definitionPage(
      {
        cid,
        node,
        size: bytes.byteLength,
        names: about?.names ?? [],
        doc: about?.doc,
        source: about?.source,
        links: linksOf(node),
      },
      {
        nameOf: link => site?.about(link).names[0],
        loadNode: link => loadNode(o.store, link),
        outline: link => outline(o.store, link),
      },
      o.shell,
    )
    return keep(
      key,
      answer(
        200,
        {
          'Content-Type': 'text/html; charset=utf-8',
          'Cache-Control': REVALIDATE,
          ETag: `"${key}"`,
          Vary: 'Accept',
          ...common,
          'Content-Security-Policy': o.shell.policy,
        },
        page,
      ),
    )
  }

  return {
    plain,
    get hotBytes() {
      return hot.bytes
    },
    answer: async ({ cid, query, accept, acceptEncoding, ifNoneMatch }) => {
      const { codec } = parseCid(cid)
      // A block of dag-pb is bytes like a raw one: a file, such as a WebAssembly module over 1 MiB, is read block by block.
      const asked = formatOf(query)
      const dagCbor = codec === DAG_CBOR
      const format: Format = asked ?? (dagCbor && wantsHtml(accept) ? 'html' : dagCbor ? 'dag-cbor' : 'raw')
      if (!dagCbor && format !== 'raw')
        throw new SxError('not-acceptable', `a raw block can't be had as ${format}`, {
          hint: 'leave ?format away',
        })
      const site = format === 'html' ? siteOf(o.sites) : undefined
      const tag =
        format === 'html'
          ? htmlTag(cid, site)
          : format === 'sx' || format === 'dag-json'
            ? `${cid}.${format}`
            : cid
      if (
        ifNoneMatch !== undefined &&
        noneMatch(ifNoneMatch, ...(tag === cid ? [cid, `${cid}.br`, `${cid}.gzip`] : [tag])) &&
        (hot.get(cid) !== undefined || o.store.has(cid))
      )
        return answer(304, {
          ETag: `"${tag}"`,
          'Cache-Control': format === 'html' ? REVALIDATE : IMMUTABLE,
          Vary: asked === undefined && dagCbor ? 'Accept' : undefined,
          'Access-Control-Allow-Origin': '*',
        })
      if (format === 'html') return html(cid, site)
      if (format === 'sx' || format === 'dag-json') return view(cid, format)
      return block(cid, codec, acceptEncoding)
    },
  }
}

/** Throws 'request-invalid' for a format that nobody has heard of. Other parameters mean nothing here. */
function formatOf(query: string): Format | undefined {
  if (query === '') return undefined
  const asked = new URLSearchParams(query).get('format')
  if (asked === null) return undefined
  const known = formats.find(format => format === asked)
  if (known === undefined)
    throw new SxError('request-invalid', `there is no format ${JSON.stringify(asked.slice(0, 40))}`, {
      hint: `formats: ${formats.join(', ')}`,
    })
  return known
}

/** A root that can't be read takes the site's names away, not the definitions. */
function siteOf(sites: Sites): Site | undefined {
  try {
    return sites.current()
  } catch {
    return undefined
  }
}
