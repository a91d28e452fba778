// SX values in memory: what the reader makes, the printer prints, and a block holds (format §1).
// nil is null, lists are arrays, dicts are Maps with string keys; the rest are the classes below.

/** A symbol. `mark` is 0 for what an author wrote, and the number of the expansion that a macro's template made it in. */
export class Sym {
  readonly name: string
  readonly mark: number
  constructor(name: string, mark = 0) {
    this.name = name
    this.mark = mark
  }
}

export class Keyword {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** One Unicode code point. */
export class Char {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** An exact rational, reduced, denominator ≥ 2; both within ±(2^53−1). */
export class Ratio {
  readonly num: number
  readonly den: number
  constructor(num: number, den: number) {
    this.num = num
    this.den = den
  }
}

/** Another definition, by the text of its CID (CIDv1, base32): printed `@h:<cid>`, stored as an IPLD link. */
export class Link {
  readonly cid: string
  constructor(cid: string) {
    this.cid = cid
  }
}

/** A name that a library exports: printed `@x:<cid>#name`, stored `["#export", link, name]`. */
export class ExportLink {
  readonly cid: string
  readonly export: string
  constructor(cid: string, name: string) {
    this.cid = cid
    this.export = name
  }
}

/** A definition of the same group, by index: printed `@m:i`, stored `["#member", i]`. */
export class MemberRef {
  readonly index: number
  constructor(index: number) {
    this.index = index
  }
}

/**
 * A reference that scope resolution found and that has no CID yet: a site definition (`library` undefined) or a
 * library's export. Stands only in expanded forms; the graph replaces it by a Link, MemberRef or ExportLink when
 * it encodes.
 */
export class Ref {
  readonly name: string
  readonly library: string | undefined
  constructor(name: string, library?: string) {
    this.name = name
    this.library = library
  }
}

export type List = readonly Value[]
export type Dict = ReadonlyMap<string, Value>
export type Value =
  | null
  | boolean
  | number
  | string
  | Sym
  | Keyword
  | Char
  | Ratio
  | Link
  | ExportLink
  | MemberRef
  | Ref
  | List
  | Dict

/** The same object for a name that was asked for not long ago. Bounded: a gateway reads names of everybody's. */
const shared = <T>(make: (name: string) => T): ((name: string) => T) => {
  const known = new Map<string, T>()
  return name => {
    let found = known.get(name)
    if (found === undefined) {
      if (known.size > 99_999) known.clear()
      known.set(name, (found = make(name)))
    }
    return found
  }
}

/** An unmarked symbol. Two of one name need not be one object: compare names. */
export const sym = /* @__PURE__ */ shared(name => new Sym(name))

export const keyword = /* @__PURE__ */ shared(name => new Keyword(name))

export const isList = (value: unknown): value is List => Array.isArray(value)
export const isDict = (value: unknown): value is Dict => value instanceof Map
