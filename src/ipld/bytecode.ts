// A library compiled: its forms as one byte string in which names and constants are numbers, so that a define is read
// without the others, and only when it is wanted. Nothing in it is trusted more than its source (format §3, bytecode).
//
//   code = segment…        one for each define, in the library's order
//   segment = length, form
//   form = 0 count form…                 a list
//        | 1 count (constant form)…      a dict
//        | 2 + constant                  an atom: symbol, keyword, text, number, reference …
//
// Numbers are unsigned LEB128. `constants` holds each atom once, the most used first.
import { SxError } from '../errors.ts'
import { isDict, isList, Keyword, type Link, type List, Sym, sym, type Value } from '../lang/values.ts'
import type { BytecodeNode, LibraryNode } from './kinds.ts'

/** The compiler's version. What code of another one means is not known here: its source is taken. */
export const BYTECODE = 1

/** A library's block from this many bytes on is worth it: below, decoding it takes no time that anybody could notice. */
export const WORTH_COMPILING = 8192

/** Lists inside one another, as in any block. */
const MAX_DEPTH = 512

export interface Compiled {
  /** in the order of the library's forms */
  readonly names: readonly string[]
  readonly constants: List
  readonly code: Uint8Array
}

const keyOf = (atom: Value): string => {
  if (atom instanceof Sym) return `s${atom.name}`
  if (atom instanceof Keyword) return `k${atom.name}`
  if (typeof atom === 'string') return `"${atom}`
  if (typeof atom === 'object' && atom !== null) return `${atom.constructor.name} ${JSON.stringify(atom)}`
  return `${typeof atom} ${atom}`
}

/** The name and the expression of a library's define. */
const defineOf = (form: Value): readonly [name: string, body: Value] => {
  const [, target, ...body] = form as List
  if (isList(target!)) return [(target[0] as Sym).name, [sym('fn'), target.slice(1), ...body]]
  return [(target as Sym).name, body.at(-1) ?? null]
}

/** The same node gives the same bytes, always. */
export const compileLibrary = ({ forms }: Pick<LibraryNode, 'forms'>): Compiled => {
  const defines = forms.map(defineOf)
  const uses = new Map<string, { readonly atom: Value; count: number; readonly first: number }>()
  const count = (form: Value): void => {
    if (isList(form)) {
      for (const item of form) count(item)
      return
    }
    if (isDict(form)) {
      for (const [key, value] of form) {
        count(key)
        count(value)
      }
      return
    }
    const key = keyOf(form)
    const known = uses.get(key)
    if (known) known.count++
    else uses.set(key, { atom: form, count: 1, first: uses.size })
  }
  for (const [, body] of defines) count(body)
  const ordered = [...uses].sort(([, a], [, b]) => b.count - a.count || a.first - b.first)
  const index = new Map(ordered.map(([key], i) => [key, i]))

  const number = (out: number[], n: number): void => {
    for (let rest = n; ; rest = Math.floor(rest / 128)) {
      out.push(rest < 128 ? rest : (rest & 127) | 128)
      if (rest < 128) return
    }
  }
  const write = (out: number[], form: Value): void => {
    if (isList(form)) {
      number(out, 0)
      number(out, form.length)
      for (const item of form) write(out, item)
    } else if (isDict(form)) {
      number(out, 1)
      number(out, form.size)
      for (const [key, value] of form) {
        number(out, index.get(keyOf(key))!)
        write(out, value)
      }
    } else number(out, 2 + index.get(keyOf(form))!)
  }
  const code: number[] = []
  for (const [, body] of defines) {
    const segment: number[] = []
    write(segment, body)
    number(code, segment.length)
    for (const byte of segment) code.push(byte)
  }
  return {
    names: defines.map(([name]) => name),
    constants: ordered.map(([, { atom }]) => atom),
    code: Uint8Array.from(code),
  }
}

export const bytecodeOf = (library: LibraryNode, source: Link): BytecodeNode => ({
  kind: 'bytecode',
  compiler: BYTECODE,
  source,
  ...compileLibrary(library),
})

const malformed = (why: string): never => {
  throw new SxError('block-malformed', `not bytecode of this version: ${why}`)
}

export interface OpenBytecode {
  readonly names: readonly string[]
  /** The expression of the i-th define, read when asked for. */
  body(i: number): Value
}

/** Throws 'block-malformed', here or from `body`. */
export const openBytecode = ({ names, constants, code }: Compiled): OpenBytecode => {
  let at = 0
  let end = code.length
  const number = (): number => {
    let n = 0
    for (let scale = 1; scale < 2 ** 28; scale *= 128) {
      if (at >= end) malformed('it ends early')
      const byte = code[at++]!
      n += (byte & 127) * scale
      if (byte < 128) return n
    }
    return malformed('a number that is too large')
  }
  const segments: (readonly [from: number, to: number])[] = []
  for (const _ of names) {
    const length = number()
    if (length > end - at) malformed('a segment beyond its end')
    segments.push([at, at + length])
    at += length
  }
  if (at !== end) malformed('bytes after the last segment')
  const count = (each: number): number => {
    const n = number()
    return n * each > end - at ? malformed('a count beyond its end') : n
  }
  const form = (depth: number): Value => {
    if (depth > MAX_DEPTH) malformed('nested too deep')
    const op = number()
    if (op > 1)
      return op - 2 < constants.length ? constants[op - 2]! : malformed('a constant that is not there')
    if (op === 0) {
      const items: Value[] = []
      for (let left = count(1); left > 0; left--) items.push(form(depth + 1))
      return items
    }
    const dict = new Map<string, Value>()
    for (let left = count(2); left > 0; left--) {
      const key = constants[number()]
      if (typeof key !== 'string' || dict.has(key)) return malformed('a key that is no text, or there twice')
      dict.set(key, form(depth + 1))
    }
    return dict
  }
  return {
    names,
    body: i => {
      const [from, to] = segments[i]!
      at = from
      end = to
      const found = form(1)
      return at === end ? found : malformed('bytes after a form')
    },
  }
}
