// A block of a page's closure → its node, as small as it can be: what a browser decodes with. The block has been hashed,
// so that it is what its publisher's tools wrote or refused; here it is read safely (bounded, whole, canonical
// dag-cbor), and what its fields hold is not judged once more. Tools judge with decode.ts.
import { SxError } from '../errors.ts'
import { Char, ExportLink, keyword, Link, MemberRef, Ratio, sym, type Value } from '../lang/values.ts'
import { cidText } from './cid.ts'
import type { Node } from './kinds.ts'

type Plain = null | boolean | number | string | Uint8Array | Link | Plain[] | Map<string, Plain>

// A byte order mark is text like any other: dropping it would give two blocks one value.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const atom = (raw: string): Value =>
  raw[0] === '"' ? raw.slice(1) : raw[0] === ':' ? keyword(raw.slice(1)) : sym(raw)

/** An SX value (format §1) from what stands for it in a block. */
const formOf = (v: Plain | undefined): Value => {
  if (typeof v === 'string') return atom(v)
  if (v instanceof Map) return valuesOf(v)
  if (!Array.isArray(v)) return v as Value
  const [kind, a, b] = v as [string, never, never]
  return kind === '#char'
    ? new Char(a)
    : kind === '#ratio'
      ? new Ratio(a, b)
      : kind === '#member'
        ? new MemberRef(a)
        : kind === '#export'
          ? new ExportLink((a as Link).cid, b)
          : v.map(formOf)
}

/** In the block a key of quotes and a slash has one quote more. */
const valuesOf = (fields: Map<string, Plain>): Map<string, Value> =>
  new Map([...fields].map(([key, v]) => [key.replace(/^"("*\/)$/, '$1'), formOf(v)]))

const nodeOf = (fields: Map<string, Plain>): object => {
  const node: Record<string, unknown> = Object.fromEntries(fields)
  for (const key of ['body', 'params', 'forms', 'constants'])
    if (key in node) node[key] = formOf(fields.get(key))
  for (const key of ['meta', 'refs']) if (key in node) node[key] = valuesOf(node[key] as Map<string, Plain>)
  if (node.members) node.members = (node.members as Map<string, Plain>[]).map(nodeOf)
  // Ports of a module; of a library these are texts and links.
  for (const key of ['imports', 'exports'])
    if (key in node)
      node[key] = (node[key] as Plain[]).map(port => (port instanceof Map ? Object.fromEntries(port) : port))
  return node
}

/** Throws 'block-malformed' for what is no canonical dag-cbor within 1 MiB and 512 levels, or no node of this version. */
export const readNode = (block: Uint8Array): Node => {
  let at = 0
  const check = (fine: unknown): void => {
    if (!fine) throw new SxError('block-malformed', `near byte ${at} of a block`)
  }
  const take = (count: number): number => {
    at += count
    check(at <= block.length)
    return at - count
  }
  const item = (depth: number): Plain => {
    const first = block[take(1)]!
    const major = first >> 5
    let n = first & 31
    if (major === 7) {
      if (n > 19 && n < 23) return n === 22 ? null : n === 21
      check(n === 27)
      const float = new DataView(block.buffer, block.byteOffset).getFloat64(take(8))
      check(Number.isFinite(float) && !Number.isInteger(float))
      return float
    }
    if (n > 23) {
      check(n < 28)
      const length = 1 << (n - 24)
      n = 0
      for (let left = length; left--; ) n = n * 256 + block[take(1)]!
      // The next shorter form ends where this one begins.
      check(n >= (length > 1 ? 256 ** (length / 2) : 24))
    }
    check(Number.isSafeInteger(n) && (depth < 513 || major === 3))
    if (major < 2) return major ? -1 - n : n
    if (major === 2) return block.subarray(take(n), at)
    if (major === 3) {
      const from = take(n)
      // Most texts are short and ASCII.
      let text = ''
      for (let i = from; n < 40 && i < at && block[i]! < 128; i++) text += String.fromCharCode(block[i]!)
      return text.length === n ? text : utf8.decode(block.subarray(from, at))
    }
    if (major === 6) {
      // Tag 42 and a byte string of 37: zero, version 1, codec, sha2-256 of 32 bytes.
      const raw = block.subarray(take(39), at)
      check(
        n === 42 &&
          raw[0] === 0x58 &&
          raw[1] === 37 &&
          !raw[2] &&
          raw[3] === 1 &&
          raw[5] === 18 &&
          raw[6] === 32,
      )
      return new Link(cidText(raw.subarray(3)))
    }
    const list: Plain[] = []
    if (major === 4) {
      while (n--) list.push(item(depth + 1))
      return list
    }
    const map = new Map<string, Plain>()
    let last = at
    while (n--) {
      const from = at
      const key = item(513) as string
      // Canonical order is that of the bytes, with those before them that say how many. No key has another's beginning.
      let i = from
      for (; i < at && block[i] === block[last]; last++) i++
      check(!map.size || (i < at && block[i]! > block[last]!))
      last = from
      map.set(key, item(depth + 1))
    }
    return map
  }
  check(block.length <= 1 << 20)
  const fields = item(1)
  check(fields instanceof Map && fields.get('sx') === 1 && at === block.length)
  ;(fields as Map<string, Plain>).delete('sx')
  return nodeOf(fields as Map<string, Plain>) as Node
}
