// Directories: the slash that belongs to them, their index.html, or a page that lists them.
import { SxError } from '../../errors.ts'
import { type Answer, answer } from '../answer.ts'
import { noneMatch } from '../conditions.ts'
import { addressOf } from './asked.ts'
import { sendFile } from './file.ts'
import type { Found, Handler, Tools } from './handler.ts'
import { cacheControl, GENERATED } from './headers.ts'
import { listingPage } from './listing-page.ts'

/** What the page looks like; a new number makes browsers ask again. */
const VERSION = '1'
/** Entries on one page: the time that it takes must not grow with the directory. */
const MOST = 2000

export const directoryHandler: Handler = {
  name: 'directory',
  canHandle: ({ wanted, entry }) =>
    entry?.kind === 'directory' && (wanted.format === undefined || wanted.format === 'json'),
  handle: async (found, tools) => {
    const { resolved, slash, segments, search, seconds, common } = found
    if (found.wanted.format === 'json')
      throw new SxError('not-acceptable', 'a directory can’t be had as JSON', {
        hint: '?format=raw or ?format=car',
      })
    if (!slash)
      return answer(
        301,
        {
          ...common,
          Location: `${addressOf(found, segments)}/${search}`,
          'Cache-Control': cacheControl(seconds, GENERATED),
        },
        '',
      )
    return (await indexOf(found, tools)) ?? listing(found, tools, `DirIndex-${VERSION}_CID-${resolved.cid}`)
  },
}

async function indexOf(found: Found, { dag }: Tools): Promise<Answer | undefined> {
  const { cid } = found.resolved
  let page: Awaited<ReturnType<typeof dag.resolve>>
  try {
    page = await dag.resolve(cid, ['index.html'], found.read)
  } catch (error) {
    if (error instanceof SxError && error.code === 'not-found') return undefined
    throw error
  }
  const entry = dag.entry(page.cid, page.bytes)
  if (entry?.kind !== 'file') return undefined
  return sendFile(found, dag, { resolved: page, size: entry.size, name: 'index.html', tag: `${cid}` })
}

async function listing(found: Found, { dag, shell }: Tools, tag: string): Promise<Answer> {
  const own = {
    ...found.common,
    ETag: `"${tag}"`,
    'Cache-Control': cacheControl(found.seconds, GENERATED),
  }
  if (noneMatch(found.header('if-none-match'), tag)) return answer(304, own)
  const entries: { name: string; cid: string; size: number }[] = []
  let more = false
  const { cid, bytes } = found.resolved
  for await (const { name, cid: child, size } of dag.list(cid, bytes, found.read)) {
    if ((more = entries.length >= MOST)) break
    entries.push({ name, cid: `${child}`, size })
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return answer(
    200,
    { ...own, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': shell.policy },
    listingPage(found, entries, more, shell),
  )
}
