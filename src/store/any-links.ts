// The links of other people's blocks, of whatever CIDs. Our own are read by links.ts, which every command loads: this one
// needs a library for CIDs and is loaded by what walks foreign content.
import { SxError } from '../errors.ts'
import { DAG_JSON, findAnyCid } from '../ipld/any-cid.ts'
import { DAG_CBOR, DAG_PB } from '../ipld/cid.ts'
import { cborLinks, malformed, protobufLinks, type VisitSpan } from './links.ts'

/**
 * Calls `visit` with the bytes of each CID that a block links to, in order, repeats included, whatever that CID's kind
 * is. A codec without links, or one that is not known, has none. Throws 'block-malformed'.
 */
export function eachCid(codec: number, bytes: Uint8Array, visit: (cid: Uint8Array) => void): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const span: VisitSpan = (b, start, end) => visit(b.subarray(start, end))
  if (codec === DAG_CBOR) cborLinks(view, span)
  else if (codec === DAG_PB) protobufLinks(view, span)
  else if (codec === DAG_JSON) jsonLinks(view, visit)
}

/** `{"/": "<cid>"}` and nothing else in it (https://ipld.io/specs/codecs/dag-json/spec/#links). */
function jsonLinks(b: Buffer, visit: (cid: Uint8Array) => void): void {
  let root: unknown
  try {
    root = JSON.parse(b.toString('utf8'))
  } catch (cause) {
    throw new SxError('block-malformed', 'A stored block is malformed: it is no JSON', {}, cause)
  }
  const stack: unknown[] = [root]
  while (stack.length > 0) {
    const value = stack.pop()
    if (typeof value !== 'object' || value === null) continue
    const link = linkTextOf(value)
    if (link !== undefined) {
      const cid = findAnyCid(link)
      if (cid === undefined) throw malformed('a link of it is no CID')
      visit(cid.bytes)
    } else for (const child of Object.values(value).reverse()) stack.push(child)
  }
}

/** The text of the CID when `value`, out of dag-json, is a link. */
export function linkTextOf(value: object): string | undefined {
  const link = (value as { readonly '/'?: unknown })['/']
  return typeof link === 'string' && Object.keys(value).length === 1 ? link : undefined
}
