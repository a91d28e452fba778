// What a stored block holds, for those who don't read dag-cbor: its node and its SX text.
import { SxError } from '../errors.ts'
import { DAG_CBOR, DAG_PB, parseCid } from '../ipld/cid.ts'
import { decodeNode } from '../ipld/decode.ts'
import type { Node } from '../ipld/kinds.ts'
import type { Store } from '../ports.ts'
import { formsOf, textOf } from './definition-text.ts'

/** A block of ours that is no node (a part of an index) has no SX text. */
export function nodeOf(cid: string, bytes: Uint8Array): Node {
  try {
    return decodeNode(bytes)
  } catch (cause) {
    throw new SxError(
      'not-acceptable',
      `the block ${cid} is no definition`,
      { hint: 'its data: ?format=dag-json' },
      cause,
    )
  }
}

export function loadNode(store: Store, cid: string): Node | undefined {
  const bytes = store.get(cid)
  return bytes === undefined ? undefined : decodeNode(bytes)
}

export function outline(store: Store, cid: string): { kind: string; size: number } | undefined {
  const { codec } = parseCid(cid)
  const bytes = store.get(cid)
  if (bytes === undefined) return undefined
  if (codec !== DAG_CBOR) return { kind: codec === DAG_PB ? 'files' : 'raw', size: bytes.byteLength }
  try {
    return { kind: decodeNode(bytes).kind, size: bytes.byteLength }
  } catch {
    return { kind: 'index', size: bytes.byteLength }
  }
}

export const sxText = (cid: string, bytes: Uint8Array, store: Store): string =>
  textOf(formsOf(nodeOf(cid, bytes), link => loadNode(store, link)))
