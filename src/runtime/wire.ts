// SX wire, the third rendering mode: components and islands stay calls with evaluated arguments, all else is evaluated.
// What the text comes to when it is rendered is what the page comes to.
//
// An argument's markup is evaluated once, here, and by the page as often and where the callee puts it. That is the same
// only if it can't tell: where it would read or change what is around it, raise an error, or belong into the head, the
// call is written out instead. Nothing is taken back for that: the rendering begins again, and the same call, which is
// the n-th again, is written out from the start.
import { SxError } from '../errors.ts'
import { blockOf } from '../ipld/block.ts'
import { DAG_CBOR } from '../ipld/cid.ts'
import { encodeNode } from '../ipld/encode.ts'
import { isCid } from '../lang/atoms.ts'
import { print } from '../lang/printer.ts'
import { keyword, Link, Sym, type Value } from '../lang/values.ts'
import type { Sha256 } from '../ports.ts'
import { type Code, code } from './code.ts'
import { type CoreOptions, createCore, type Names, type RenderOptions } from './core.ts'
import { isScope } from './dynamic.ts'
import type { Extension, FormRow } from './form.ts'
import { coreValues } from './forms.ts'
import type { Host } from './host-io.ts'
import type { Frame, Machine } from './machine.ts'
import { signalRawRows, signalRows } from './primitives/signals.ts'
import type { Row } from './primitives/table.ts'
import { type Component, exceeded } from './values.ts'
import { formOf, type Hole, type Keys, type Plan, type State, WireSink, WriteOut } from './wire-sink.ts'

export interface WireOptions extends CoreOptions {
  /** without it a component that is a member of a cycle is written out: its call needs its CID */
  readonly sha256?: Sha256
  /** milliseconds: attempts are given up in time */
  readonly now?: () => number
}

export interface Wire {
  /** top-level forms, one a line */
  readonly text: string
  readonly forms: readonly Value[]
}

export interface WireRenderer {
  /** Throws as rendering does, and 'value-not-storable' for text that no SX text stands for. */
  render(form: Value, scope?: Names, o?: RenderOptions): Promise<Wire>
}

/** After so many beginnings anew no call is left a call. */
const ATTEMPTS = 40
/** After so many of its calls a component is always written out. */
const PATIENCE = 3
/** Milliseconds for beginning anew. */
const TIME = 250
/** Host words that do something: once for the whole rendering, however often it begins anew. */
const doing =
  'action sleep csrf-token set-response-status set-response-header set-cookie redirect abort'.split(' ')
/** Forms and primitives whose effect shows in how often, when or where they run. */
const telling = new Set(
  `${doing.join(' ')} set! context emit! emitted call/cc shift raise raise-continuable guard dynamic-wind append! dict-set! reset! swap! dispose random-int`.split(
    ' ',
  ),
)
/** Does a definition, or what it refers to, mention a word of dynamic scope? undefined in the map: being looked at. */
const createDynamic = (o: CoreOptions): ((cid: string) => boolean) => {
  const known = new Map<string, boolean | undefined>()
  const words = new Set(['context', 'emit!', 'emitted'])
  const asks = (cid: string): boolean => {
    if (known.has(cid)) return known.get(cid) ?? false
    known.set(cid, undefined)
    const node = o.definitions.find(cid)
    const found = node === undefined || mentions(node)
    known.set(cid, found)
    return found
  }
  const mentions = (v: unknown): boolean => {
    if (v === null || typeof v !== 'object') return false
    if (v instanceof Sym) return words.has(v.name)
    if ('cid' in v) return asks(v.cid as string)
    return [...(v instanceof Map ? v.values() : Object.values(v))].some(mentions)
  }
  return asks
}

export const createWire = (o: WireOptions): WireRenderer => {
  const states = new WeakMap<Machine, State>()
  const extensions = o.extensions ?? []

  const bar = (m: Machine): void => {
    const call = states.get(m)?.open.at(-1)
    if (call !== undefined) throw new WriteOut(call)
  }
  const barred = (c: Code): Code =>
    code(2, (env, m, d) => {
      bar(m)
      return c(env, m, d)
    })
  const forms = new Map<string, FormRow>()
  const raw = new Map<string, Row>()
  for (const [name, form] of [...coreValues, ...extensions.flatMap(x => x.forms ?? [])])
    if (telling.has(name)) forms.set(name, [name, (...given) => barred(form(...given))])
  // Primitives of the core come first, as there.
  const wrap = ([name, takes, fn]: Row, isRaw: boolean): void => {
    if (!telling.has(name)) return
    const call = fn as unknown as (...args: unknown[]) => unknown
    const checked = (m: Machine, vs: unknown[]): unknown => {
      bar(m)
      return isRaw ? call(m, vs) : call(...vs)
    }
    raw.set(name, [name, takes, checked as never])
  }
  for (const row of signalRows) wrap(row, false)
  for (const row of signalRawRows) wrap(row, true)
  for (const x of extensions) {
    for (const row of x.primitives ?? []) wrap(row, false)
    for (const row of x.raw ?? []) wrap(row, true)
  }
  const guarded: Extension = {
    forms: [...forms.values()],
    raw: [...raw.values()],
    onRaise: (m, error, next) => {
      if (error instanceof WriteOut) throw error
      const isLimit = error instanceof RangeError || (error instanceof SxError && error.code === 'eval-limit')
      if (!isLimit) bar(m)
      return next(m, error)
    },
  }
  const core = createCore({ ...o, extensions: [...extensions, guarded] })
  const dynamic = createDynamic(o)

  const links = new Map<string, Link | undefined>()
  const linkOf = (id: string): Link | undefined => {
    if (!links.has(id)) {
      const [group = '', index] = id.split('#')
      const cid =
        index === undefined
          ? id
          : o.sha256 && isCid(group)
            ? blockOf(
                encodeNode({ kind: 'member', group: new Link(group), index: Number(index) }),
                DAG_CBOR,
                o.sha256,
              ).cid
            : ''
      links.set(id, isCid(cid) ? new Link(cid) : undefined)
    }
    return links.get(id)
  }
  const inScope = (m: Machine): boolean => {
    for (let k: Frame | undefined = m.k; k !== undefined; k = k.n) if (isScope(k)) return true
    return false
  }
  const plan = (f: Component, args: readonly unknown[], keys: Keys, m: Machine): Plan | undefined => {
    const link = linkOf(f.id)
    if (link === undefined) return undefined
    const holes: Hole[] = []
    const form: Value[] = [link]
    for (const [i, arg] of args.entries()) {
      const key = keys?.[i]
      const made = formOf(arg, holes, linkOf)
      if (made === undefined) return undefined
      if (key !== undefined) form.push(keyword(key))
      form.push(made)
    }
    // What is around a call is not around its text.
    if (inScope(m) && (holes.length > 0 || dynamic(f.id.split('#')[0]!))) return undefined
    return { form, holes }
  }

  /** Answers of words that do something, as they were given: evaluation up to a call is the same each time. */
  const replayed = (host: Host, log: unknown[]): Host => {
    let next = 0
    const io = { ...host.io }
    for (const word of doing) {
      const answer = Object.hasOwn(io, word) ? io[word] : undefined
      if (answer !== undefined)
        io[word] = (...asked) => {
          if (next === log.length) log.push(answer(...asked))
          return log[next++]
        }
    }
    return { io, signal: host.signal }
  }

  const attempt = async (
    form: Value,
    scope: Names | undefined,
    host: Host | undefined,
    state: State,
  ): Promise<readonly Value[]> => {
    const sink = new WireSink(state, plan)
    const m = core.machine(form, scope, sink, host && { host })
    sink.machine = m
    states.set(m, state)
    await core.drive(m)
    sink.head()
    return sink.forms
  }

  return {
    async render(form, scope, { host } = {}) {
      let writeOut: ReadonlySet<number> = new Set()
      const always = new Set<string>()
      const seen = new Map<string, number>()
      const log: unknown[] = []
      const began = o.now?.() ?? 0
      for (let i = 0; ; i++) {
        const late = i >= ATTEMPTS || (o.now?.() ?? 0) - began > TIME
        // What was done stands in the order of the calls that were left: no other calls may be written out before it.
        if (late && log.length > 0) exceeded('attempts at SX wire', ATTEMPTS)
        const none = late
        const state: State = { count: 0, writeOut, always: new Set(always), none, open: [] }
        try {
          const forms = await attempt(form, scope, host && replayed(host, log), state)
          return { forms, text: forms.map(one => `${print(one)}\n`).join('') }
        } catch (error) {
          if (!(error instanceof WriteOut)) throw error
          const { n, id } = error
          seen.set(id, (seen.get(id) ?? 0) + 1)
          // Calls are numbered as they are met: what came later has other numbers now.
          if (log.length > 0 || seen.get(id)! < PATIENCE)
            writeOut = new Set([...writeOut].filter(one => one < n).concat(n))
          else {
            always.add(id)
            writeOut = new Set()
          }
        }
      }
    },
  }
}
