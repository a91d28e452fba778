// A content path, followed through blocks of any codec (https://specs.ipfs.tech/http-gateways/path-gateway/#content-resolution).
import { decode as decodeCbor } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import type { AnyBlocks, CidBlock, Resolved } from '../dag-port.ts'
import { SxError } from '../errors.ts'
import { DAG_JSON, readAnyCid } from '../ipld/any-cid.ts'
import { DAG_CBOR, DAG_PB } from '../ipld/cid.ts'
import { need, readLink } from './any-blocks.ts'
import { linkTextOf } from './any-links.ts'
import { placesOf, placeText } from './shard.ts'
import { decodeUnixFs, type UnixFsNode } from './unixfs.ts'

/** Foreign paths are followed too. */
const MAX_SEGMENTS = 256
const MAX_SHARD_LEVELS = 8

/**
 * Follows `segments` (decoded) from `root`. Throws 'block-not-found' for a block that can't be had, 'not-found' where
 * nothing has that name, 'block-malformed' for what can't be read.
 */
export async function resolvePath(
  blocks: AnyBlocks,
  root: CID,
  segments: readonly string[],
  signal?: AbortSignal,
): Promise<Resolved> {
  if (segments.length > MAX_SEGMENTS)
    throw new SxError('request-invalid', `a path may have ${MAX_SEGMENTS} segments`)
  const way: CidBlock[] = []
  const roots = [root]
  let cid = root
  let bytes = await need(blocks, cid, signal)
  const step = async (next: CID): Promise<void> => {
    way.push({ cid, bytes })
    cid = next
    bytes = await need(blocks, cid, signal)
  }
  for (let at = 0; at < segments.length; ) {
    const name = segments[at]!
    if (cid.code === DAG_PB) {
      let node = decodeUnixFs(`${cid}`, bytes)
      if (node.kind === 'sharded') {
        const places = placesOf(name)
        for (let level = 0; ; level++) {
          const found = level < MAX_SHARD_LEVELS ? inShard(node, placeText(places[level]!), name) : undefined
          if (found === undefined) throw missing(root, segments, at)
          await step(readLink(found.raw))
          if (found.name.length > 2) break
          node = decodeUnixFs(`${cid}`, bytes)
          if (node.kind !== 'sharded')
            throw new SxError('block-malformed', `${cid} should be a part of a sharded directory`)
        }
      } else {
        const found = node.kind === 'directory' ? node.links.find(link => link.name === name) : undefined
        if (found === undefined) throw missing(root, segments, at)
        await step(readLink(found.raw))
      }
      at++
      roots.push(cid)
      continue
    }
    const inside =
      cid.code === DAG_CBOR || cid.code === DAG_JSON ? follow(cid, bytes, segments, at) : undefined
    if (inside === undefined) throw missing(root, segments, at)
    if (inside.link === undefined) return { cid, bytes, roots, way, rest: segments.slice(at) }
    await step(inside.link)
    at = inside.at
    roots.push(cid)
  }
  return { cid, bytes, roots, way, rest: [] }
}

const inShard = (node: UnixFsNode, prefix: string, name: string) =>
  node.links.find(
    link => link.name.startsWith(prefix) && (link.name.length === 2 || link.name.slice(2) === name),
  )

const missing = (root: CID, segments: readonly string[], at: number): SxError =>
  new SxError('not-found', `there is no ${segments.slice(0, at + 1).join('/')} under ${root}`)

/** Along maps and lists as far as a link or the end of the path; undefined: nothing is there. */
function follow(
  cid: CID,
  bytes: Uint8Array,
  segments: readonly string[],
  from: number,
): { readonly link: CID | undefined; readonly at: number } | undefined {
  let value = decoded(cid, bytes)
  for (let at = from; at < segments.length; at++) {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined
    const name = segments[at]!
    if (!Object.hasOwn(value, name) || (Array.isArray(value) && !/^\d+$/.test(name))) return undefined
    value = (value as Record<string, unknown>)[name]
    const link = linkOf(value)
    if (link !== undefined) return { link, at: at + 1 }
  }
  return { link: undefined, at: segments.length }
}

function linkOf(value: unknown): CID | undefined {
  const cid = CID.asCID(value)
  if (cid !== null) return cid
  const text = typeof value === 'object' && value !== null ? linkTextOf(value) : undefined
  return text === undefined ? undefined : readAnyCid(text)
}

function decoded(cid: CID, bytes: Uint8Array): unknown {
  try {
    return cid.code === DAG_CBOR ? decodeCbor(bytes) : JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    // nesting that overflows the stack ends here too
    throw new SxError('block-malformed', `the block ${cid} is not what its codec says`, {}, cause)
  }
}
