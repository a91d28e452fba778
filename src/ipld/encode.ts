// Nodes → canonical dag-cbor, in one pass with no tree in between (format §1, §3): the build's hot path.
import { SxError } from '../errors.ts'
import { compareKeys } from '../lang/order.ts'
import { type Link, Ref, type Value } from '../lang/values.ts'
import { type Reference, ValueEncoder } from './encode-value.ts'
import { type GroupedNode, type Kind, type MacroNode, type Node, SX, type WasmPort } from './kinds.ts'
import { isGrouped, kinds, type Shape } from './node.ts'

export type { Reference } from './encode-value.ts'

/** A node before its references have CIDs: its forms may hold `Ref`s, and so may a macro's `refs`. */
export type Draft<N> = N extends MacroNode
  ? Omit<MacroNode, 'refs'> & { readonly refs: ReadonlyMap<string, Reference | Ref> }
  : N extends { readonly kind: 'group' }
    ? { readonly kind: 'group'; readonly members: readonly Draft<GroupedNode>[] }
    : N

/** What a `Ref` is in the block. Asked once for each occurrence. */
export type Resolve = (ref: Ref) => Reference

// Fields of each kind in canonical order, `sx` and `kind` in their places.
const inOrder: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(kinds).map(([kind, row]) => [kind, ['sx', 'kind', ...Object.keys(row)].sort(compareKeys)]),
)

/** Kinds with a field that may be absent. */
const loose = new Set(
  Object.entries(kinds).flatMap(([kind, row]) =>
    Object.values(row).some(shape => shape.endsWith('?')) ? [kind] : [],
  ),
)

const writePort = (to: ValueEncoder, port: WasmPort): void => {
  to.enter()
  const keys = (['name', 'type', 'module', 'params', 'results'] as const).filter(
    key => port[key] !== undefined,
  )
  to.out.head(5, keys.length)
  for (const key of keys) {
    const part = port[key]!
    to.text(key)
    if (typeof part === 'string') to.text(part)
    else to.each(part, type => to.text(type))
  }
  to.leave()
}

// One row for each shape of node.ts. A field's type is what kinds.ts says; node.ts pairs the two.
const shapes = {
  list: (to: ValueEncoder, v: readonly Value[]) => to.list(v, 0),
  form: (to: ValueEncoder, v: Value) => to.value(v, 0),
  text: (to: ValueEncoder, v: string) => to.text(v),
  'text?': (to: ValueEncoder, v: string) => to.text(v),
  bytes: (to: ValueEncoder, v: Uint8Array) => to.out.bytes(v),
  'bytes?': (to: ValueEncoder, v: Uint8Array) => to.out.bytes(v),
  texts: (to: ValueEncoder, v: readonly string[]) => to.each(v, text => to.text(text)),
  names: (to: ValueEncoder, v: readonly string[]) => to.each(v, name => to.exportName(name)),
  link: (to: ValueEncoder, v: Link) => to.link(v.cid),
  links: (to: ValueEncoder, v: readonly Link[]) => to.each(v, link => to.link(link.cid)),
  'links?': (to: ValueEncoder, v: readonly Link[]) => to.each(v, link => to.link(link.cid)),
  int: (to: ValueEncoder, v: number) => to.count(v),
  dict: (to: ValueEncoder, v: ReadonlyMap<string, Value>) => to.map(v, item => to.value(item, 0)),
  refs: (to: ValueEncoder, v: ReadonlyMap<string, Reference | Ref>) => to.map(v, item => to.refer(item, 0)),
  ports: (to: ValueEncoder, v: readonly WasmPort[]) => to.each(v, port => writePort(to, port)),
  boot: (to: ValueEncoder, v: Readonly<Record<string, Link>>) =>
    to.map(new Map(Object.entries(v)), link => to.link(link.cid)),
  'tiers?': (to: ValueEncoder, v: ReadonlyMap<string, string>) => to.map(v, tier => to.text(tier)),
  modules: (to: ValueEncoder, v: ReadonlyMap<string, Link>) => to.map(v, link => to.link(link.cid)),
  members: (to: ValueEncoder, v: readonly Draft<GroupedNode>[]) => {
    if (v.length === 0) to.fail('a group of no members')
    to.groupSize = v.length
    to.each(v, member => writeNode(to, member, false))
    to.groupSize = 0
  },
} satisfies Record<Shape, (to: ValueEncoder, value: never) => void>

/** `whole`: with its `sx`, as a block; otherwise as a group's member. */
const writeNode = (to: ValueEncoder, node: Draft<Node>, whole: boolean): void => {
  to.enter()
  const names = inOrder.get(node.kind)
  if (names === undefined || !(whole || isGrouped(node.kind))) to.fail(`a node of kind ${node.kind} here`)
  const row: Readonly<Record<string, Shape>> = kinds[node.kind as Kind]
  const held = node as unknown as Readonly<Record<string, unknown>>
  const optional = (name: string): boolean => row[name]?.endsWith('?') === true
  if (node.kind === 'closure' && (held.links === undefined) === (held.parts === undefined))
    to.fail('a closure of links and parts')
  const absent = loose.has(node.kind)
    ? names.filter(name => held[name] === undefined && optional(name)).length
    : 0
  to.out.head(5, names.length - (whole ? 0 : 1) - absent)
  for (const name of names) {
    to.stand(name)
    const item = held[name]
    if (name === 'sx') {
      if (!whole) continue
      to.text(name)
      to.out.int(SX)
    } else if (name === 'kind') {
      to.text(name)
      to.text(node.kind)
    } else if (item !== undefined) {
      to.text(name)
      ;(shapes[row[name] as Shape] as (to: ValueEncoder, item: unknown) => void)(to, item)
    } else if (!optional(name)) to.fail(`a ${node.kind} without ${name}`)
  }
  to.leave()
}

// One encoder, and with it one buffer, is kept for the next call; a callback that encodes takes another.
let spare: ValueEncoder | undefined
const encoding = (
  root: Draft<Node>,
  reference: (found: Reference | Ref) => Reference | undefined,
  links: string[] | undefined,
  groupSize: number,
  depth: number,
): Uint8Array => {
  const encoder = spare ?? new ValueEncoder()
  spare = undefined
  try {
    encoder.start(root, reference, links, groupSize, depth)
    writeNode(encoder, root, depth === 0)
    return encoder.finish()
  } finally {
    spare = encoder
  }
}

const unresolved: Resolve = ref => {
  throw new SxError('value-not-storable', `the reference to ${ref.name} has no CID yet`)
}

/**
 * The canonical block of a node (format §1, §3). `resolve` says what each `Ref` is; `links` is given the CID of each
 * link in the order in which the block holds them, repetitions included.
 * Throws 'value-not-storable', or 'definition-too-large' over 1 MiB or 512 levels: `detail.path` leads from the node
 * to the place, `detail.form` is the innermost list and `detail.index` the place in it.
 */
export const encodeNode = (node: Draft<Node>, resolve: Resolve = unresolved, links?: string[]): Uint8Array =>
  encoding(node, found => (found instanceof Ref ? resolve(found) : found), links, 0, 0)

/**
 * A definition as a cycle's member with every link and in-group reference blanked; exports keep their names. `visit`
 * gets each reference in the order of the encoding. No block: it is hashed, compared and dropped (format §2, cycles).
 */
export const encodeShape = (node: Draft<GroupedNode>, visit: (found: Reference | Ref) => void): Uint8Array =>
  encoding(
    node,
    found => {
      visit(found)
      return undefined
    },
    undefined,
    Number.MAX_SAFE_INTEGER,
    // A member's map stands in a list in the group's map.
    2,
  )

/** The CIDs that a node links to, each once, in the order in which its block holds them. */
export const linksOf = (node: Node): readonly string[] => {
  const links: string[] = []
  encodeNode(node, undefined, links)
  return [...new Set(links)]
}
