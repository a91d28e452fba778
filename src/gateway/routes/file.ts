// Pages and static files: a path of the site's UnixFS directory, with ranges, codings and the page's policy.
import { SxError } from '../../errors.ts'
import { type Answer, answer, headers } from '../answer.ts'
import { createByteCache } from '../byte-cache.ts'
import { createCompressor, WORTH } from '../compressed.ts'
import { ifRange, noneMatch, readRange } from '../conditions.ts'
import { contentTypeOf } from '../content-type.ts'
import type { DevPage } from '../dev.ts'
import type { FileEntry, FileReader, Pieces } from '../gateway-port.ts'
import { chooseCoding } from '../negotiate.ts'
import { findPolicy, headerPolicy } from '../policy.ts'
import { findPreload, type Preload, preloadLink } from '../preload.ts'
import { readFilePath, type Target } from '../request-path.ts'
import type { Site } from '../sites.ts'

/** The path stays and its content changes: a browser keeps it and asks each time, mostly for a 304. */
const MUTABLE = 'public, max-age=0, must-revalidate'

export interface FileQuestion {
  readonly target: Target
  /** HEAD and ranges: a range means something for GET only */
  readonly method: string
  readonly header: (name: string) => string | undefined
}

/** What a page says in its head. */
interface Head {
  readonly policy: string | undefined
  readonly preload: Preload | undefined
}

export interface Files {
  /** Throws 'not-found' when neither the file nor the site's own 404.html is there, 'request-invalid' for the path. */
  answer(site: Site, question: FileQuestion): Promise<Answer>
  readonly heldBytes: number
}

export function createFiles(o: {
  files: FileReader
  fileBytes: number
  fileSize: number
  dev?: DevPage | undefined
}): Files {
  const contents = createByteCache<Uint8Array>(o.fileBytes)
  const heads = createByteCache<Head>(2 ** 20)
  const compressor = createCompressor(contents)

  const whole = async (entry: FileEntry): Promise<Uint8Array> => {
    const held = contents.get(entry.cid)
    if (held !== undefined) return held
    const bytes = await collect(o.files.read(entry.cid), entry.size)
    contents.set(entry.cid, bytes, bytes.byteLength)
    return bytes
  }

  const headOf = (cid: string, html: Uint8Array): Head => {
    const known = heads.get(cid)
    if (known !== undefined) return known
    const text = new TextDecoder().decode(html.subarray(0, 65536))
    const found = findPolicy(text)
    const head = { policy: found && headerPolicy(found.value), preload: findPreload(text) }
    heads.set(cid, head, JSON.stringify(head).length)
    return head
  }

  /**
   * What goes with a page. Who asks whether it changed has been here, and may hold definitions from which a patch leads:
   * their packs are not preloaded. The page for unknown addresses is asked for at any depth.
   */
  const page = (
    { cid }: FileEntry,
    bytes: Uint8Array,
    name: string,
    status: number,
    isNew: boolean,
  ): Record<string, string | undefined> => {
    const { policy, preload } = headOf(cid, bytes)
    const wanted = preload && [...preload.runtime, ...(isNew ? preload.packs : [])]
    return {
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'strict-origin-when-cross-origin',
      Link: wanted?.length && status === 200 ? preloadLink(wanted, name) : undefined,
    }
  }

  /** The file as `status`, whole or a part, in the coding that the client likes best. */
  const send = async (
    site: Site,
    entry: FileEntry,
    name: string,
    status: number,
    { method, header }: FileQuestion,
  ): Promise<Answer> => {
    const { type, compress } = contentTypeOf(name)
    const html = type.startsWith('text/html')
    const tags = [entry.cid, `${entry.cid}.br`, `${entry.cid}.gzip`]
    const base = {
      'Cache-Control': MUTABLE,
      // `Accept`: a page can be had as text/sx too
      Vary: html ? 'Accept, Accept-Encoding' : compress ? 'Accept-Encoding' : undefined,
      'X-Content-Type-Options': 'nosniff',
    }

    if (html && o.dev !== undefined) return o.dev.answer(await whole(entry), status, site.root)
    if (status === 200 && noneMatch(header('if-none-match'), ...tags))
      return answer(304, { ETag: `"${entry.cid}"`, ...base })

    const common = { 'Content-Type': type, ...base }
    const range =
      status === 200 && method === 'GET' && ifRange(header('if-range'), entry.cid)
        ? readRange(header('range'), entry.size)
        : undefined
    if (range === 'unsatisfiable') {
      return answer(416, { 'Content-Range': `bytes */${entry.size}`, 'Accept-Ranges': 'bytes', ...base }, '')
    }
    const own = { ETag: `"${entry.cid}"`, 'Accept-Ranges': 'bytes' }
    if (range !== undefined) {
      const partial = {
        ...common,
        ...own,
        'Content-Range': `bytes ${range.offset}-${range.offset + range.length - 1}/${entry.size}`,
        'Content-Length': String(range.length),
      }
      const held = contents.get(entry.cid)
      const body = held?.subarray(range.offset, range.offset + range.length) ?? o.files.read(entry.cid, range)
      return { status: 206, headers: headers(partial), body }
    }
    if (entry.size > o.fileSize)
      return {
        status,
        headers: headers({ ...common, ...own, 'Content-Length': String(entry.size) }),
        body: o.files.read(entry.cid),
      }

    const bytes = await whole(entry)
    const extra = html ? page(entry, bytes, name, status, header('if-none-match') === undefined) : {}
    const coding = compress && entry.size >= WORTH ? chooseCoding(header('accept-encoding')) : 'identity'
    const packed = coding === 'identity' ? undefined : await compressor.compress(entry.cid, bytes, coding)
    return packed === undefined
      ? answer(status, { ...common, ...own, ...extra }, bytes)
      : answer(
          status,
          { ...common, ...extra, 'Content-Encoding': coding, ETag: `"${entry.cid}.${coding}"` },
          packed,
        )
  }

  return {
    get heldBytes() {
      return contents.bytes
    },
    answer: async (site, question) => {
      const root = site.node.files.cid
      const { path, directory } = readFilePath(question.target.path)
      let entry = await o.files.resolve(root, path)
      let name = path
      if (entry?.kind === 'directory') {
        if (!directory) return redirect(question.target)
        name = path === '' ? 'index.html' : `${path}/index.html`
        entry = await o.files.resolve(root, name)
      } else if (directory && path !== '') entry = undefined
      if (entry?.kind === 'file') return send(site, entry, name, 200, question)

      const own = await o.files.resolve(root, '404.html')
      if (own?.kind === 'file') return send(site, own, '404.html', 404, question)
      throw new SxError('not-found', `this site has no ${question.target.path}`)
    },
  }
}

/**
 * `/market` → `./market/`: only the last segment, so that whatever the path is, it stays on this host. Not cached: what is
 * a directory today may be a file in the next root.
 */
const redirect = ({ path, query }: Target): Answer =>
  answer(
    301,
    { Location: `./${path.slice(path.lastIndexOf('/') + 1)}/${query}`, 'Cache-Control': MUTABLE },
    '',
  )

async function collect(pieces: Pieces, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let at = 0
  for await (const chunk of pieces) {
    // what a directory says of a file's size and what the file is are two blocks: they may disagree
    if (at + chunk.byteLength > size)
      throw new SxError('block-malformed', 'a file is longer than its directory says')
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  if (at !== size) throw new SxError('block-malformed', 'a file is shorter than its directory says')
  return bytes
}
