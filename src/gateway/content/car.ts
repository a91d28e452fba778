// CARs of content: which blocks, in which order (https://specs.ipfs.tech/http-gateways/trustless-gateway/#car-responses).

import type { EntityBytes } from '../../dag-port.ts'
import { SxError } from '../../errors.ts'
import { type Answer, answer, headers } from '../answer.ts'
import { noneMatch } from '../conditions.ts'
import { contentPath } from './asked.ts'
import type { Handler } from './handler.ts'
import { cacheControl, dispositionOf, IMMUTABLE } from './headers.ts'

const scopes = ['block', 'entity', 'all'] as const

/** `from:to`; whole numbers, negative ones from the end, `*` the end. Throws 'request-invalid'. */
export function readEntityBytes(text: string): EntityBytes {
  const match = /^(-?\d{1,15}):(-?\d{1,15}|\*)$/.exec(text)
  if (match === null)
    throw new SxError('request-invalid', 'entity-bytes must be from:to, in whole numbers', {
      hint: 'such as 0:1023, 1024:* or -1024:*',
    })
  const [, from = '', to = ''] = match
  const range = { from: Number(from), to: to === '*' ? undefined : Number(to) }
  if (range.to !== undefined && range.from >= 0 && range.to >= 0 && range.to < range.from)
    throw new SxError('request-invalid', 'entity-bytes ends before it begins')
  return range
}

export const carHandler: Handler = {
  name: 'car',
  canHandle: ({ wanted }) => wanted.format === 'car',
  handle: (found, { dag, walks, walkBlocks, sha256 }): Answer => {
    const { query, resolved, wanted, header } = found
    const { cid, bytes, rest } = resolved
    const given = query.get('entity-bytes')
    const range = given === null ? undefined : readEntityBytes(given)
    const asked = query.get('dag-scope')
    const scope =
      range !== undefined ? 'entity' : asked === null ? 'all' : scopes.find(name => name === asked)
    if (scope === undefined) throw new SxError('request-invalid', 'dag-scope is block, entity or all')
    if (
      range !== undefined &&
      range.from >= 0 &&
      dag.spans(cid, bytes, range) === false &&
      sizeOf(found) <= range.from
    )
      throw new SxError('request-invalid', 'entity-bytes lies outside of the file')

    const duplicates = wanted.car.dups === 'y'
    const form = `version=1; order=dfs; dups=${duplicates ? 'y' : 'n'}`
    // the way is in it too, so the tag must know more than where it ended
    const all = `${contentPath(found)}|${resolved.roots.join()}|${scope}|${given ?? ''}|${form}`
    const hash = Buffer.from(sha256(new TextEncoder().encode(all))).toString('hex', 0, 8)
    const tag = `${cid}.car.${scope}.${hash}`
    const own = {
      ...found.common,
      ETag: `W/"${tag}"`,
      'Cache-Control': cacheControl(found.seconds, IMMUTABLE),
    }
    if (noneMatch(header('if-none-match'), tag)) return answer(304, own)
    return {
      status: 200,
      headers: headers({
        ...own,
        'Content-Type': `application/vnd.ipld.car; ${form}`,
        'Content-Disposition': dispositionOf(found, 'attachment', `${cid}.car`),
        // its blocks are not ordered by their bytes: parts of it are asked for by path, scope and entity-bytes
        'Accept-Ranges': 'none',
      }),
      body: walks.during(
        dag.car(resolved, {
          ...found.read,
          // the rest of a path inside a block proves no more than that block
          scope: rest.length > 0 ? 'block' : scope,
          bytes: range,
          duplicates,
          limit: walkBlocks,
        }),
      ),
    }
  },
}

const sizeOf = ({ entry }: Parameters<Handler['handle']>[0]): number =>
  entry?.kind === 'file' ? entry.size : Number.POSITIVE_INFINITY
