// Plain IPLD data ⇄ canonical dag-cbor: for blocks that hold no SX, such as HashMaps (IPLD data model).
import { SxError } from '../errors.ts'
import { compareKeys } from '../lang/order.ts'
import { Link } from '../lang/values.ts'
import { MAX_BLOCK, MAX_DEPTH } from './limits.ts'
import { type Reader, readBlock } from './reader.ts'
import { Writer } from './writer.ts'

/** Maps come back as Maps; to write one, a plain object is as good. Numbers are safe integers or finite fractions. */
export type Data =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Link
  | readonly Data[]
  | ReadonlyMap<string, Data>
  | { readonly [key: string]: Data }

const refuse = (what: string): never => {
  throw new SxError('value-not-storable', `${what} is no IPLD data`)
}

/** Writes `data`, which stands `depth` levels inside its block. Throws 'value-not-storable' or 'definition-too-large'. */
export const writeData = (out: Writer, data: Data, depth: number): void => {
  if (depth > MAX_DEPTH) {
    throw new SxError('definition-too-large', `data nested deeper than ${MAX_DEPTH} levels`, {
      limit: MAX_DEPTH,
    })
  }
  if (typeof data === 'string') {
    if (!out.text(data)) refuse('text with a lone surrogate, or a byte order mark in front,')
  } else if (typeof data === 'number') {
    if (Number.isSafeInteger(data)) out.int(data)
    else if (Number.isFinite(data) && !Number.isInteger(data)) out.float(data)
    else refuse(`the number ${data}`)
  } else if (data === null) out.byte(0xf6)
  else if (typeof data === 'boolean') out.byte(data ? 0xf5 : 0xf4)
  else if (data instanceof Link) out.link(data.cid)
  else if (data instanceof Uint8Array) out.bytes(data)
  else if (Array.isArray(data)) {
    out.head(4, data.length)
    for (const item of data as readonly Data[]) writeData(out, item, depth + 1)
  } else if (typeof data === 'object') {
    const entries: [string, Data][] = data instanceof Map ? [...data] : Object.entries(data)
    out.head(5, entries.length)
    for (const [key, item] of entries.sort(([a], [b]) => compareKeys(a, b))) {
      if (!out.text(key)) refuse('a key with a lone surrogate, or a byte order mark in front,')
      writeData(out, item, depth + 1)
    }
  } else refuse(`a ${typeof data}`)
}

/** The canonical block of plain data. Throws 'value-not-storable' or 'definition-too-large'. */
export const encodeData = (data: Data): Uint8Array => {
  const out = new Writer(MAX_BLOCK)
  writeData(out, data, 0)
  return out.finish()
}

/** The next item of a block. */
export const readData = (reader: Reader): Data => {
  const major = reader.peek()
  if (major < 2) return reader.int()
  if (major === 2) return reader.bytes().slice()
  if (major === 3) return reader.text()
  if (major === 4) {
    const items: Data[] = []
    for (let left = reader.open(4); left > 0; left--) items.push(readData(reader))
    reader.close()
    return items
  }
  if (major === 5) {
    const entries = new Map<string, Data>()
    reader.eachKey(key => entries.set(key, readData(reader)))
    return entries
  }
  return major === 6 ? reader.link() : reader.simple()
}

/** The data of a block. Throws 'block-malformed' for anything that is not canonical, or 'block-too-large'. */
export const decodeData = (bytes: Uint8Array): Data => readBlock(bytes, readData)
