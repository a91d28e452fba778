// What evaluation makes beside SX data: functions, components, markup, signals, continuations; and the few questions
// that everything asks of a value.
import { SxError } from '../errors.ts'
import { compareKeys } from '../lang/key-order.ts'
import { Char, Keyword, Ratio, Sym } from '../lang/values.ts'
import type { Code, Env } from './code.ts'
import type { Params } from './params.ts'
import { isSame, Signal } from './signal.ts'

/** Any SX value, or one of the classes below. Primitives check what they are given; nothing else looks inside. */
export type RuntimeValue = unknown

/** What a `fn` form compiles to: shared by all closures made from it. */
export interface FnSpec extends Params {
  /** the body as a value, and as markup; each compiles itself when first called */
  code: Code
  markup: Code
}

export class Fn {
  readonly s: FnSpec
  readonly e: Env
  constructor(s: FnSpec, e: Env) {
    this.s = s
    this.e = e
  }
}

/** A primitive. `fn` takes the arguments; with `raw` it takes (machine, arguments) and may go on in the machine. */
export class Prim {
  readonly name: string
  readonly fn: (...args: never[]) => unknown
  readonly min: number
  readonly max: number
  readonly raw: boolean
  constructor(name: string, fn: (...args: never[]) => unknown, min: number, max: number, raw = false) {
    this.name = name
    this.fn = fn
    this.min = min
    this.max = max
    this.raw = raw
  }
}

/** `id`: the CID, or `<group>#<index>` inside a cycle, or a name at build time. */
export class Component {
  readonly id: string
  readonly island: boolean
  readonly p: Params
  readonly code: Code
  readonly env: Env
  constructor(id: string, island: boolean, p: Params, code: Code, env: Env) {
    this.id = id
    this.island = island
    this.p = p
    this.code = code
    this.env = env
  }
}

/** A tag, fragment or component call that was met in evaluation: it renders where it lands in the tree. */
export class Markup {
  readonly code: Code
  readonly env: Env
  constructor(code: Code, env: Env) {
    this.code = code
    this.env = env
  }
}

/** HTML that is written as it is. */
export class Raw {
  readonly html: string
  constructor(html: string) {
    this.html = html
  }
}

/** What call/cc and shift hand out: calling it goes on elsewhere. */
export class Continuation extends Prim {}

export const fail = (message: string): never => {
  throw new SxError('eval-failed', message)
}

export const exceeded = (what: string, limit?: number): never => {
  throw new SxError('eval-limit', `evaluation passed its limit of ${what}`, { limit })
}

/** What the machine that runs may still make: see `spend`. */
export const memory = { left: 1 / 0 }

/**
 * Takes from the running machine's memory, in units of about eight bytes: an item of a list is one, a character a
 * quarter. Called by what makes data of a size that the program decides, and by what walks data, which may hold the
 * same list many times over.
 */
export const spend = (units: number): void => {
  if ((memory.left -= units) < 0) exceeded('memory')
}

/** The same for what a list, dict or text that was just made takes; gives it back. */
export const made = <T>(v: T): T => {
  spend(
    Array.isArray(v)
      ? v.length + 8
      : v instanceof Map
        ? v.size * 6 + 8
        : typeof v === 'string'
          ? v.length / 4
          : 0,
  )
  return v
}

/** Only false and nil are falsy. */
export const truthy = (v: unknown): boolean => v !== false && v !== null

const types: readonly (new (...args: never[]) => unknown)[] = [
  Sym,
  Keyword,
  Char,
  Ratio,
  Map,
  Fn,
  Continuation,
  Prim,
  Component,
  Markup,
  Raw,
  Signal,
]
const typeNames =
  'symbol keyword char rational dict lambda continuation lambda component markup raw-html signal'.split(' ')

export const typeOf = (v: unknown): string => {
  if (v === null || v === undefined) return 'nil'
  if (Array.isArray(v)) return 'list'
  if (typeof v !== 'object') return typeof v
  return v instanceof Component && v.island
    ? 'island'
    : (typeNames[types.findIndex(type => v instanceof type)] ?? 'unknown')
}

export const isPlain = (v: unknown): v is Readonly<Record<string, unknown>> =>
  v !== null && typeof v === 'object' && Object.getPrototypeOf(v) === Object.prototype

/** Keys in canonical order: that is how a dict shows, whatever the order it was made in. */
export const keysOf = (dict: ReadonlyMap<string, unknown>): string[] => [...dict.keys()].sort(compareKeys)

const depthLimit = 500

const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The text that a symbol, keyword, character or rational is of; undefined for anything else. */
export const nameOf = (v: unknown): string | undefined =>
  v instanceof Sym || v instanceof Keyword
    ? v.name
    : v instanceof Char
      ? v.text
      : v instanceof Ratio
        ? `${v.num}/${v.den}`
        : undefined

/** As SX text, for `str` and messages: data as the reader takes it, the rest as `<type>`. */
export const show = (v: unknown, depth = 0): string => {
  if (depth > depthLimit) exceeded('nesting', depthLimit)
  if (v === null || v === undefined) return 'nil'
  if (typeof v === 'string') return `"${v.replace(/["\\\n\r\t]/g, c => escapes[c] ?? `\\${c}`)}"`
  spend(1)
  if (Array.isArray(v)) return `(${v.map(item => show(item, depth + 1)).join(' ')})`
  if (v instanceof Map)
    return `{${keysOf(v)
      .map(key => `:${key} ${show(v.get(key), depth + 1)}`)
      .join(' ')}}`
  if (typeof v !== 'object') return String(v)
  const name = nameOf(v)
  return name === undefined
    ? `<${typeOf(v)}>`
    : (v instanceof Keyword ? ':' : v instanceof Char ? '#\\' : '') + name
}

/** For messages. */
export const brief = (v: unknown): string => show(v).slice(0, 60)

/** Structural for data, by name for symbols and keywords, identity for the rest. */
export const equal = (a: unknown, b: unknown, depth = 0): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || !a || !b || a.constructor !== b.constructor) return false
  if (depth > depthLimit) exceeded('nesting', depthLimit)
  spend(1)
  if (Array.isArray(a))
    return (
      a.length === (b as unknown[]).length &&
      a.every((item, i) => equal(item, (b as unknown[])[i], depth + 1))
    )
  if (a instanceof Map) {
    const other = b as Map<unknown, unknown>
    return (
      a.size === other.size &&
      [...a].every(([key, item]) => other.has(key) && equal(item, other.get(key), depth + 1))
    )
  }
  const name = nameOf(a)
  return name !== undefined && name === nameOf(b)
}

/** Whether a call with these would make the same markup: atoms, signals and functions that are the same. */
export const areSame = (a: unknown, b: unknown): boolean =>
  (a as unknown[]).every((v, i) => {
    const w = (b as unknown[])[i]
    return v instanceof Fn && w instanceof Fn
      ? v.s === w.s && v.e === w.e
      : v instanceof Markup && w instanceof Markup
        ? v.code === w.code && v.env === w.env
        : isSame(v, w)
  })

// A Map can't be frozen by JavaScript; lists and environments can.
const frozenDicts = new WeakSet<object>()

export const isFrozen = (v: object): boolean => (v instanceof Map ? frozenDicts.has(v) : Object.isFrozen(v))

/** Freezes lists, dicts and what closures hold, all the way down: a top-level value is the same for everybody. */
export const freeze = (value: unknown): void => {
  const todo = [value]
  while (todo.length > 0) {
    const v = todo.pop()
    if (Array.isArray(v)) {
      if (Object.isFrozen(v)) continue
      Object.freeze(v)
      for (const item of v) todo.push(item)
    } else if (v instanceof Map) {
      if (frozenDicts.has(v)) continue
      frozenDicts.add(v)
      for (const item of v.values()) todo.push(item)
    } else if (v instanceof Fn) todo.push(v.e)
    else if (v instanceof Markup) todo.push(v.env)
  }
}
