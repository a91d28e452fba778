// SX values → canonical dag-cbor (format §1), in one pass: the inner loop of encode.ts.
import { SxError } from '../errors.ts'
import { isPlainKeyword, isSymbolName } from '../lang/names.ts'
import { compareKeys } from '../lang/order.ts'
import { Char, ExportLink, Keyword, Link, MemberRef, Ratio, Ref, Sym, type Value } from '../lang/values.ts'
import { MAX_BLOCK, MAX_DEPTH } from './limits.ts'
import { isExportName, quoting, startsWithMark } from './node.ts'
import { Writer } from './writer.ts'

export type Reference = Link | MemberRef | ExportLink

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
const escaped = (key: string): boolean => key.endsWith('/') && /^"*\/$/.test(key)
const stored = (key: string): string => (escaped(key) ? `"${key}` : key)

/** A map's keys in the order in which the block holds them. */
const sortedKeys = (map: ReadonlyMap<string, unknown>): string[] => {
  const keys = [...map.keys()]
  return keys.length < 2 ? keys : keys.sort((a, b) => compareKeys(stored(a), stored(b)))
}

/** Writes SX values, and the lists and maps that nodes are made of. `fail` and `enter` know where in the node it stands. */
export class ValueEncoder {
  readonly out = new Writer(MAX_BLOCK)
  /** what stands for a reference; undefined blanks it */
  #reference: (found: Reference | Ref) => Reference | undefined = found => found as Reference
  #links: string[] | undefined
  groupSize = 0
  // Where the encoder stands: a key or an index for each level, of which #depth count.
  readonly #trail: (string | number)[] = []
  #depth = 0

  #root: object = {}
  /** levels around the root */
  #base = 0

  /** Ready for a node that stands `depth` levels inside its block. */
  start(
    root: object,
    reference: (found: Reference | Ref) => Reference | undefined,
    links: string[] | undefined,
    groupSize: number,
    depth: number,
  ): void {
    this.out.reset()
    this.#root = root
    this.#reference = reference
    this.#links = links
    this.groupSize = groupSize
    this.#depth = depth
    this.#base = depth
    this.#trail.fill('')
  }
  /** What was written; nothing of the node is held on to. */
  finish(): Uint8Array {
    this.#root = {}
    return this.out.finish()
  }
  /** Says where it stands: in the field or item `key` of what was entered last. */
  stand(key: string | number): void {
    this.#trail[this.#depth - 1] = key
  }
  leave(): void {
    this.#depth--
  }

  /** Where the encoder stands, as evidence: the path, and the innermost list on it with the place in that list. */
  #where(): object {
    const path = this.#trail.slice(this.#base, this.#depth)
    let found: object = { path }
    let at: unknown = this.#root
    for (const key of path) {
      if (Array.isArray(at)) found = { path, form: at, index: key }
      at = at instanceof Map ? at.get(key) : (at as Readonly<Record<string, unknown>>)[key]
    }
    return found
  }
  fail(why: string, hint?: string): never {
    throw new SxError('value-not-storable', `${why} can't be stored`, {
      ...this.#where(),
      ...(hint !== undefined && { hint }),
    })
  }
  enter(): void {
    if (this.#depth < MAX_DEPTH) {
      this.#depth++
      return
    }
    throw new SxError('definition-too-large', `nested deeper than ${MAX_DEPTH} levels`, {
      limit: MAX_DEPTH,
      ...this.#where(),
      hint: 'split it into several definitions',
    })
  }
  text(value: string, prefix = 0): void {
    if (!this.out.text(value, prefix)) {
      if (prefix === 0 && startsWithMark(value))
        this.fail(
          'text that begins with a byte order mark',
          'leave out U+FEFF: many decoders drop it there, and two texts become one',
        )
      this.fail('text with a lone surrogate', 'write the character itself, or both halves of its escape')
    }
  }
  #symbol(name: string): void {
    if (this.out.plainName(name)) return
    if (!isSymbolName(name)) this.fail(`a symbol named ${JSON.stringify(name)}`, 'it would not read back')
    this.text(name)
  }
  exportName(name: string): void {
    if (!isExportName(name)) this.fail(`an export named ${JSON.stringify(name)}`, 'it would not read back')
    this.text(name)
  }
  link(cid: string): void {
    this.#links?.push(cid)
    this.out.link(cid)
  }
  count(n: number): void {
    if (!Number.isSafeInteger(n) || n < 0) this.fail(`the count ${n}`)
    this.out.head(0, n)
  }

  refer(value: Reference | Ref, quoted: number): void {
    if (quoted !== 0) {
      const name = value instanceof Ref ? ` to ${value.name}` : ''
      this.fail(`a reference${name} inside quoted data`, 'unquote it: quoted data is never evaluated')
    }
    const found = this.#reference(value)
    if (found === undefined) {
      // `undefined` stands in no canonical block, so no datum can be mistaken for a blank. An export's name stays.
      const name =
        value instanceof ExportLink
          ? value.export
          : value instanceof Ref && value.library !== undefined
            ? value.name
            : undefined
      if (name !== undefined) {
        this.out.head(4, 3)
        this.text('#export')
      }
      this.out.byte(0xf7)
      if (name !== undefined) this.text(name)
    } else if (found instanceof Link) this.link(found.cid)
    else {
      this.enter()
      if (found instanceof ExportLink) {
        this.out.head(4, 3)
        this.text('#export')
        this.link(found.cid)
        this.exportName(found.export)
      } else {
        if (!(found.index < this.groupSize))
          this.fail(`a reference to member ${found.index} outside its group`)
        this.out.head(4, 2)
        this.text('#member')
        this.count(found.index)
      }
      this.#depth--
    }
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) this.out.int(value)
    else if (Number.isFinite(value) && !Number.isInteger(value)) this.out.float(value)
    else
      this.fail(`the number ${value}`, 'integers go up to 2^53 − 1 on either side of 0; there is no infinity')
  }
  #char({ text }: Char): void {
    this.enter()
    const point = text.codePointAt(0)
    if (point === undefined || text.length !== (point > 0xffff ? 2 : 1))
      this.fail('a char that is not one code point')
    this.out.head(4, 2)
    this.text('#char')
    this.text(text)
    this.#depth--
  }
  #ratio({ num, den }: Ratio): void {
    this.enter()
    if (
      !Number.isSafeInteger(num) ||
      !Number.isSafeInteger(den) ||
      den < 2 ||
      gcd(Math.abs(num), den) !== 1
    ) {
      this.fail(`the ratio ${num}/${den}`, 'it must be reduced, with both parts up to 2^53 − 1')
    }
    this.out.head(4, 3)
    this.text('#ratio')
    this.out.int(num)
    this.out.int(den)
    this.#depth--
  }
  list(items: readonly Value[], quoted: number): void {
    this.enter()
    const level = this.#depth - 1
    this.out.head(4, items.length)
    const head = items[0]
    for (let i = 0; i < items.length; i++) {
      this.#trail[level] = i
      if (i === 1 && head instanceof Sym) quoted = quoting(quoted, head.name)
      this.value(items[i] as Value, quoted)
    }
    this.#depth--
  }
  map<V>(map: ReadonlyMap<string, V>, each: (value: V) => void): void {
    this.enter()
    const level = this.#depth - 1
    this.out.head(5, map.size)
    for (const key of sortedKeys(map)) {
      this.#trail[level] = key
      this.text(key, escaped(key) ? 0x22 : 0)
      each(map.get(key) as V)
    }
    this.#depth--
  }

  /** `quoted` as in `quoting`. */
  value(value: Value, quoted: number): void {
    if (typeof value === 'string') this.text(value, 0x22)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'boolean') this.out.byte(value ? 0xf5 : 0xf4)
    else if (value === null) this.out.byte(0xf6)
    else if (Array.isArray(value)) this.list(value, quoted)
    else if (value instanceof Sym) {
      if (value.mark !== 0) this.fail(`the template symbol ${value.name}, which no expansion resolved,`)
      this.#symbol(value.name)
    } else if (value instanceof Keyword) {
      if (!this.out.plainName(value.name, 0x3a)) {
        if (!isPlainKeyword(value.name)) {
          this.fail(`a keyword named ${JSON.stringify(value.name)}`, 'it would not read back')
        }
        this.text(value.name, 0x3a)
      }
    } else if (
      value instanceof Ref ||
      value instanceof Link ||
      value instanceof ExportLink ||
      value instanceof MemberRef
    ) {
      this.refer(value, quoted)
    } else if (value instanceof Map) {
      this.map(value as ReadonlyMap<string, Value>, item => this.value(item, quoted))
    } else if (value instanceof Char) this.#char(value)
    else if (value instanceof Ratio) this.#ratio(value)
    else this.fail(`a ${typeof value} that is no SX datum`)
  }

  each<V>(items: readonly V[], each: (item: V) => void): void {
    this.enter()
    this.out.head(4, items.length)
    for (const [i, item] of items.entries()) {
      this.stand(i)
      each(item)
    }
    this.#depth--
  }
}
