// UnixFS as a TAR (IPIP-288).
import type { CID } from 'multiformats/cid'
import type { DagReader, ReadOptions } from '../../dag-port.ts'
import { SxError } from '../../errors.ts'
import { answer, headers } from '../answer.ts'
import { noneMatch } from '../conditions.ts'
import type { Handler } from './handler.ts'
import { cacheControl, dispositionOf, fileNameOf, IMMUTABLE } from './headers.ts'
import { type TarEntry, writeTar } from './tar.ts'

const MAX_DEPTH = 128
/** So much is made before the status goes out: what is wrong at the start is an error, and no cut stream. */
const PRIMED = 65_536

export const tarHandler: Handler = {
  name: 'tar',
  canHandle: ({ wanted, entry, resolved }) =>
    wanted.format === 'tar' && entry !== undefined && resolved.rest.length === 0,
  handle: async (found, { dag, walks, walkBlocks }) => {
    const { cid, bytes } = found.resolved
    const tag = `${cid}.x-tar`
    const own = {
      ...found.common,
      ETag: `W/"${tag}"`,
      'Cache-Control': cacheControl(found.seconds, IMMUTABLE),
    }
    if (noneMatch(found.header('if-none-match'), tag)) return answer(304, own)
    const name = fileNameOf(found.query)?.replace(/\.tar$/, '')
    const budget = { left: walkBlocks }
    const entries = entriesOf(dag, found.read, cid, bytes, [`${cid}`], budget)
    return {
      status: 200,
      headers: headers({
        ...own,
        'Content-Type': 'application/x-tar',
        'Content-Disposition': dispositionOf(found, 'attachment', `${name ?? cid}.tar`),
        'Accept-Ranges': 'none',
      }),
      body: found.method === 'HEAD' ? new Uint8Array() : await primed(walks.during(writeTar(entries))),
    }
  },
}

async function* entriesOf(
  dag: DagReader,
  read: ReadOptions,
  cid: CID,
  bytes: Uint8Array,
  path: readonly string[],
  budget: { left: number },
): AsyncGenerator<TarEntry> {
  if (path.length > MAX_DEPTH || budget.left-- <= 0)
    throw new SxError('walk-limit', 'it is too much for one TAR')
  const entry = dag.entry(cid, bytes)
  if (entry === undefined)
    throw new SxError('not-acceptable', `${cid} is no UnixFS, so it can't be had as a TAR`)
  const name = inside(path)
  if (entry.kind === 'symlink') yield { path: name, content: entry }
  else if (entry.kind === 'file')
    yield {
      path: name,
      content: {
        kind: 'file',
        size: entry.size,
        bytes: dag.file(cid, bytes, { start: 0, end: entry.size }, read),
      },
    }
  else {
    yield { path: name, content: { kind: 'directory' } }
    for await (const child of dag.list(cid, bytes, read)) {
      const block = await dag.block(child.cid, read)
      if (block === undefined) throw new SxError('block-not-found', `there is no block ${child.cid} here`)
      yield* entriesOf(dag, read, child.cid, block, [...path, child.name], budget)
    }
  }
}

/** Names of foreign directories may hold `..` and `/`: the path that they come to, never above the first. */
function inside(path: readonly string[]): string {
  const parts: string[] = []
  for (const part of path.join('/').split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
    if (parts.length === 0)
      throw new SxError('request-invalid', 'it has names that lead out of it: no TAR is made')
  }
  return parts.join('/')
}

async function primed(source: AsyncGenerator<Uint8Array>): Promise<AsyncGenerator<Uint8Array>> {
  const first: Uint8Array[] = []
  let size = 0
  while (size < PRIMED) {
    const next = await source.next()
    if (next.done) break
    first.push(next.value)
    size += next.value.byteLength
  }
  return (async function* () {
    try {
      yield* first
      yield* source
    } finally {
      await source.return(undefined)
    }
  })()
}
