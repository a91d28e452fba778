// The fields of every node kind, as one table that encoder, decoder and link walker share (format §3).
import { isSymbolName } from '../lang/names.ts'
import type { Kind, Node } from './kinds.ts'

/**
 * No text of a block begins so. Decoders that drop the mark (the WHATWG default) would read two keys of a map as one,
 * and nobody could walk on from there with them (docs/format.md §3).
 */
export const startsWithMark = (text: string): boolean => text.charCodeAt(0) === 0xfeff

/**
 * What a field holds in a block. `list` and `form` are SX values (format §1); the rest is plain: `text` and `texts`
 * unquoted, `names` texts that are symbols, `link` and `links` tag 42, `int` not negative, `dict` a map of SX values, `refs` a map of references,
 * `ports` a list of {module?, name, type, params?, results?}, `boot` a map of the three links, `modules` a map of links,
 * `tiers` a map of texts that say how far to trust (trust.ts), `members`
 * nodes without `sx`, `bytes` a byte string. A trailing `?` is a field that may be absent.
 */
export type Shape =
  | 'list'
  | 'form'
  | 'text'
  | 'text?'
  | 'texts'
  | 'names'
  | 'link'
  | 'links'
  | 'links?'
  | 'int'
  | 'dict'
  | 'refs'
  | 'ports'
  | 'boot'
  | 'modules'
  | 'tiers?'
  | 'members'
  | 'bytes'
  | 'bytes?'

type OfKind<K extends Kind, N = Node> = N extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? N
    : never
  : never
type Row<K extends Kind> = { readonly [F in Exclude<keyof OfKind<K>, 'kind'>]-?: Shape }

const component = { body: 'list', params: 'list' } as const
const action = { body: 'list', params: 'list', effects: 'texts' } as const

/** kind → field → shape. Fields stand in canonical key order: UTF-8 length, then bytes. */
export const kinds = {
  component,
  island: component,
  macro: { body: 'list', refs: 'refs', params: 'list' },
  value: { body: 'form' },
  handler: action,
  query: action,
  action,
  group: { members: 'members' },
  member: { group: 'link', index: 'int' },
  library: { name: 'text', forms: 'list', exports: 'names', imports: 'links' },
  wasm: { size: 'int', bytes: 'link', exports: 'ports', imports: 'ports' },
  bytecode: { code: 'bytes', names: 'texts', source: 'link', compiler: 'int', constants: 'list' },
  page: { body: 'form', meta: 'dict', path: 'text' },
  closure: { links: 'links?', parts: 'links?' },
  site: {
    boot: 'boot',
    files: 'link',
    names: 'link',
    pages: 'link',
    title: 'text',
    exports: 'link',
    foreign: 'tiers?',
    modules: 'modules',
    annotations: 'link',
  },
  release: {
    root: 'link',
    time: 'text',
    patches: 'texts',
    handover: 'bytes?',
    previous: 'text?',
    sequence: 'int',
    publisher: 'text',
    signature: 'bytes',
  },
} as const satisfies { readonly [K in Kind]: Row<K> }

/** The fields of one kind by name, or undefined if there is no such kind (`kind` may be any foreign text). */
export const fieldsOf = (kind: string): Readonly<Record<string, Shape>> | undefined =>
  Object.hasOwn(kinds, kind) ? kinds[kind as Kind] : undefined

/** What a library may export: a symbol, though no stored hygienic name (`x#3`). */
export const isExportName = (name: string): boolean => isSymbolName(name) && !name.includes('#')

/** Kinds that a group may hold. */
export const isGrouped = (kind: string): boolean =>
  /^(component|island|macro|value|handler|query|action)$/.test(kind)

export const isPortType = (type: string): boolean => /^(function|table|memory|global)$/.test(type)

export const isWasmType = (type: string): boolean => /^[if](32|64)$/.test(type)

/**
 * How code inside a list is read: 0 code, 1 quoted data, 2 a quasiquote's template. References may stand only in code.
 * `head` is the text of the symbol at a list's head. Templates are not counted in levels: whichever way an evaluator
 * counts them, what it may evaluate is under some unquote.
 */
export const quoting = (state: number, head: string): number =>
  state === 0
    ? head === 'quote'
      ? 1
      : head === 'quasiquote'
        ? 2
        : 0
    : state === 2 && (head === 'unquote' || head === 'splice-unquote')
      ? 0
      : state

/** A dag-cbor block is one of our nodes: a map whose first key is `sx`. HashMaps' blocks are others. */
export const holdsNode = (bytes: Uint8Array): boolean =>
  (bytes[0] as number) >> 5 === 5 && bytes[1] === 0x62 && bytes[2] === 0x73 && bytes[3] === 0x78
