// A definition's block → its node, strict and in one pass: whatever decodes encodes to the same bytes (format §1, §3). It goes to the browser.
import { isPlainKeyword, isSymbolName } from '../lang/names.ts'
import { dictOf } from '../lang/order.ts'
import { Char, ExportLink, keyword, Link, MemberRef, Ratio, sym, type Value } from '../lang/values.ts'
import { type Node, SX, type WasmPort } from './kinds.ts'
import { fieldsOf, isExportName, isGrouped, isPortType, isWasmType, quoting, type Shape } from './node.ts'
import { type Reader, readBlock } from './reader.ts'
import { isTrust } from './trust.ts'

const gcd = (a: number, b: number): number => (b ? gcd(b, a % b) : a)

const fieldsBeforeKind: Readonly<Record<string, Shape>> = { body: 'form', boot: 'boot', code: 'bytes' }

const readNode = ({
  fail,
  peek,
  head,
  int,
  text,
  bytes,
  link,
  simple,
  open,
  close,
  eachKey,
}: Reader): Node => {
  let groupSize = 0

  const atom = (raw: string): Value => {
    if (raw[0] === '"') return raw.slice(1)
    if (raw[0] === ':' && isPlainKeyword(raw.slice(1))) return keyword(raw.slice(1))
    return isSymbolName(raw) ? sym(raw) : fail(`${JSON.stringify(raw)} is no symbol`)
  }
  const name = (): string => {
    const raw = text()
    return isExportName(raw) ? raw : fail(`${JSON.stringify(raw)} is no name`)
  }
  const count = (): number => head(0)

  // What follows the head of a list that is not a list of SX.
  const special = (kind: string, size: number, quoted: number): Value => {
    if (kind === '#char' && size === 2) {
      const point = text()
      return [...point].length === 1 ? new Char(point) : fail('a char is one code point')
    }
    if (kind === '#ratio' && size === 3) {
      const num = int()
      const den = count()
      return den > 1 && gcd(Math.abs(num), den) === 1
        ? new Ratio(num, den)
        : fail('a ratio that is not reduced')
    }
    if (quoted) fail('a reference inside quoted data')
    if (kind === '#member' && size === 2) {
      const index = count()
      return index < groupSize ? new MemberRef(index) : fail(`no member ${index} here`)
    }
    return kind === '#export' && size === 3
      ? new ExportLink(link().cid, name())
      : fail(`a list ${kind} of ${size}`)
  }
  const list = (quoted: number): Value => {
    const items: Value[] = []
    const size = open(4)
    if (size && peek() === 3) {
      const first = text()
      if (first[0] === '#') {
        const found = special(first, size, quoted)
        close()
        return found
      }
      items.push(atom(first))
      quoted = quoting(quoted, first)
    }
    while (items.length < size) items.push(value(quoted))
    close()
    return items
  }
  const value = (quoted: number): Value => {
    const major = peek()
    if (major < 2) return int()
    if (major === 3) return atom(text())
    if (major === 4) return list(quoted)
    if (major === 5) return dict(() => value(quoted))
    if (major === 6) return quoted ? fail('a link inside quoted data') : link()
    return simple()
  }
  // In the block a key of quotes and a slash has one quote more, for DAG-JSON's sake; without it, it may sort elsewhere.
  const dict = (read: () => Value): ReadonlyMap<string, Value> => {
    const entries = new Map<string, Value>()
    let escaped = false
    eachKey(key => {
      if (/^"*\/$/.test(key)) {
        escaped = true
        key = key[1] ? key.slice(1) : fail('the key /')
      }
      entries.set(key, read())
    })
    return escaped ? dictOf(entries) : entries
  }
  const each = <T>(read: () => T): T[] => {
    const items: T[] = []
    for (let left = open(4); left; left--) items.push(read())
    close()
    return items
  }
  // A map with these fields and no others; those in `optional` may be missing.
  const record = (
    required: readonly string[],
    optional: readonly string[],
    read: (key: string) => unknown,
  ): object => {
    const fields: Record<string, unknown> = {}
    eachKey(key => {
      if (!required.includes(key) && !optional.includes(key)) fail(`an unknown field ${key}`)
      fields[key] = read(key)
    })
    for (const key of required) if (!(key in fields)) fail(`no field ${key}`)
    return fields
  }
  const reference = (): Value => {
    const found = value(0)
    return found instanceof Link || found instanceof MemberRef || found instanceof ExportLink
      ? found
      : fail('something other than a reference')
  }
  const numberType = (): string => {
    const type = text()
    return isWasmType(type) ? type : fail(`the number type ${type}`)
  }
  const signed = (port: Partial<WasmPort>): object =>
    !port.params === !port.results && (!port.params || port.type === 'function')
      ? port
      : fail('half a signature, or one of no function')
  const shapes: Record<Shape, () => unknown> = {
    list: () => value(0),
    form: () => value(0),
    text,
    'text?': text,
    bytes: () => bytes().slice(),
    'bytes?': () => bytes().slice(),
    texts: () => each(text),
    names: () => each(name),
    link,
    links: () => each(link),
    'links?': () => each(link),
    int: count,
    dict: () => dict(() => value(0)),
    refs: () => dict(reference),
    ports: () =>
      each(() =>
        signed(
          record(['name', 'type'], ['module', 'params', 'results'], key => {
            if (key === 'params' || key === 'results') return each(numberType)
            const part = text()
            return key !== 'type' || isPortType(part) ? part : fail(`the port type ${part}`)
          }),
        ),
      ),
    boot: () => record(['kernel', 'loader', 'platform'], [], link),
    modules: () => dict(link),
    'tiers?': () =>
      dict(() => {
        const tier = text()
        return isTrust(tier) ? tier : fail(`the trust ${tier} is not known here`)
      }),
    members: () => {
      groupSize = open(4)
      const members: unknown[] = []
      while (members.length < groupSize) members.push(node(false))
      close()
      groupSize = 0
      return members.length ? members : fail('a group of no members')
    },
  }

  // A block's map begins with `sx`; a group's members have none.
  const node = (whole: boolean): Node => {
    const fields: Record<string, unknown> = {}
    let row: Readonly<Record<string, Shape>> | undefined
    let version = !whole
    eachKey(key => {
      if (!version) {
        const sx = key === 'sx' ? count() : fail('no field sx')
        if (sx !== SX) fail(`its sx is ${sx}, this program reads ${SX}`)
        version = true
      } else if (key === 'kind') {
        const kind = text()
        row = whole || isGrouped(kind) ? fieldsOf(kind) : undefined
        if (!row) fail(`the kind ${kind} is not known here`)
        fields.kind = kind
      } else {
        // `body` and `boot` sort before `kind`: read first, judged by the row below.
        const known = row ?? fieldsBeforeKind
        if (!Object.hasOwn(known, key)) fail(`an unknown field ${key}`)
        fields[key] = shapes[known[key] as Shape]()
      }
    })
    const rows = Object.entries(row ?? fail('no field kind'))
    for (const [field, shape] of rows) {
      if (!(field in fields) && !shape.endsWith('?')) fail(`no field ${field}`)
      if (shape === 'list' && !Array.isArray(fields[field])) fail(`no list in ${field}`)
    }
    const absent = rows.filter(([field]) => !(field in fields)).length
    if (Object.keys(fields).length !== rows.length - absent + 1) fail('a field of another kind')
    // Of `links` and `parts` a closure has one.
    if (fields.kind === 'closure' && absent !== 1) fail('a field of another kind')
    return fields as unknown as Node
  }
  return node(true)
}

/**
 * The node that a block holds (format §1, §3). Throws 'block-malformed' for anything that is not exactly what
 * `encodeNode` writes (its message says what, and near which byte), or 'block-too-large' over 1 MiB or
 * 512 levels. Whether a group's members stand in their canonical order is not looked at here.
 */
export const decodeNode = (bytes: Uint8Array): Node => readBlock(bytes, readNode)
