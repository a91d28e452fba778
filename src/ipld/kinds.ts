// The node kinds of format §3 as they stand in memory, decoded and checked. A block holds `{sx: 1, kind, …}`.

import type { ExportLink, Link, List, MemberRef, Value } from '../lang/values.ts'
import type { Trust } from './trust.ts'

/** Format version that this program reads and writes. */
export const SX = 1

export interface ComponentNode {
  readonly kind: 'component' | 'island'
  readonly params: List
  readonly body: List
}

/** Published for other sites; never in a page's closure. `refs`: what names in its templates mean where it was defined. */
export interface MacroNode {
  readonly kind: 'macro'
  readonly params: List
  readonly body: List
  readonly refs: ReadonlyMap<string, Link | MemberRef | ExportLink>
}

/** A top-level `define`: `body` is its expression (a `fn` form or any other). */
export interface ValueNode {
  readonly kind: 'value'
  readonly body: Value
}

export interface ActionNode {
  readonly kind: 'handler' | 'query' | 'action'
  readonly params: List
  readonly body: List
  readonly effects: readonly string[]
}

/** What a cycle may be made of, and what a `member` stands for. */
export type GroupedNode = ComponentNode | MacroNode | ValueNode | ActionNode

/** The word that an author defines each of these with; a value is a `define`. */
export const definingWords = {
  component: 'defcomp',
  island: 'defisland',
  macro: 'defmacro',
  handler: 'defhandler',
  query: 'defquery',
  action: 'defaction',
} as const satisfies Record<Exclude<GroupedNode['kind'], 'value'>, string>

export interface GroupNode {
  readonly kind: 'group'
  readonly members: readonly GroupedNode[]
}

export interface MemberNode {
  readonly kind: 'member'
  readonly group: Link
  readonly index: number
}

/** One whole client library: `forms` are its defines, expanded; internal names stay names. */
export interface LibraryNode {
  readonly kind: 'library'
  readonly name: string
  readonly exports: readonly string[]
  readonly imports: readonly Link[]
  readonly forms: List
}

/** A library compiled (bytecode.ts): `compiler` is the version, `names` its defines in order. Data, and no more trusted than its source. */
export interface BytecodeNode {
  readonly kind: 'bytecode'
  readonly compiler: number
  readonly source: Link
  readonly names: readonly string[]
  readonly constants: List
  readonly code: Uint8Array
}

export type WasmType = 'i32' | 'i64' | 'f32' | 'f64'

/** `params` and `results`: of a function of numbers. */
export interface WasmPort {
  readonly module?: string
  readonly name: string
  readonly type: 'function' | 'table' | 'memory' | 'global'
  readonly params?: readonly WasmType[]
  readonly results?: readonly WasmType[]
}

export interface WasmNode {
  readonly kind: 'wasm'
  /** raw block, or UnixFS when over 1 MiB */
  readonly bytes: Link
  readonly size: number
  readonly imports: readonly WasmPort[]
  readonly exports: readonly WasmPort[]
}

/** `path` is the pattern (`/posts/<slug>`); `meta` values and `body` are forms in which the pattern's names are bound. */
export interface PageNode {
  readonly kind: 'page'
  readonly path: string
  readonly meta: ReadonlyMap<string, Value>
  readonly body: Value
}

/** Links in the order in which a pack would hold them (depth-first post-order of first occurrence), or links to parts. */
export interface ClosureNode {
  readonly kind: 'closure'
  readonly links?: readonly Link[]
  readonly parts?: readonly Link[]
}

export interface SiteNode {
  readonly kind: 'site'
  readonly title: string
  /** roots of IPLD HashMaps */
  readonly names: Link
  readonly exports: Link
  readonly pages: Link
  readonly annotations: Link
  readonly boot: { readonly loader: Link; readonly kernel: Link; readonly platform: Link }
  readonly modules: ReadonlyMap<string, Link>
  /** root of the UnixFS directory */
  readonly files: Link
  /** definitions of other publishers that the site refers to, by id (CID, or `<group CID>#<index>`); absent: none */
  readonly foreign?: ReadonlyMap<string, Trust>
}

/** One publication of a root, signed: the only block with a clock and a history. ipld/release.ts checks its fields. */
export interface ReleaseNode {
  readonly kind: 'release'
  /** a site, or the UnixFS directory of a plain folder */
  readonly root: Link
  /** 1 for the first of a chain, then one more each time */
  readonly sequence: number
  /** RFC 3339, UTC, whole seconds */
  readonly time: string
  /** IPNS name of an Ed25519 key */
  readonly publisher: string
  /** CID of the release before, as text: a link would pin all history; absent in the first */
  readonly previous?: string
  /** CIDs, as text, of the pages that a patch of this release leads from */
  readonly patches: readonly string[]
  /** 64 bytes, by `publisher` */
  readonly signature: Uint8Array
  /** the same by the publisher of the release before, where that was another one */
  readonly handover?: Uint8Array
}

/** What a name can lead to. */
export type DefinitionNode = GroupedNode | MemberNode | LibraryNode | WasmNode
export type Node = DefinitionNode | BytecodeNode | GroupNode | PageNode | ClosureNode | SiteNode | ReleaseNode
export type Kind = Node['kind']
