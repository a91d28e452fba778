// A node from a vector file's row: SX fields are SX text, links CID text, the rest plain JSON.
import type { Node } from '../../src/ipld/kinds.ts'
import { fieldsOf, type Shape } from '../../src/ipld/node.ts'
import { readOne } from '../../src/lang/reader.ts'
import { Link } from '../../src/lang/values.ts'

type Json = null | boolean | number | string | Json[] | { readonly [key: string]: Json }
export type VectorNode = { readonly kind: string; readonly [field: string]: Json }

const linkMap = (value: Json): [string, Link][] =>
  Object.entries(value as Record<string, string>).map(([key, cid]) => [key, new Link(cid)])

const readers: Record<Shape, (value: Json) => unknown> = {
  list: text => readOne(text as string),
  form: text => readOne(text as string),
  dict: text => readOne(text as string),
  refs: text => readOne(text as string),
  text: text => text,
  'text?': text => text,
  bytes: hex => Uint8Array.from(Buffer.from(hex as string, 'hex')),
  'bytes?': hex => Uint8Array.from(Buffer.from(hex as string, 'hex')),
  texts: texts => texts,
  names: names => names,
  int: n => n,
  ports: ports => ports,
  link: cid => new Link(cid as string),
  links: cids => (cids as string[]).map(cid => new Link(cid)),
  'links?': cids => (cids as string[]).map(cid => new Link(cid)),
  boot: links => Object.fromEntries(linkMap(links)),
  'tiers?': tiers => new Map(Object.entries(tiers as Record<string, string>)),
  modules: links => new Map(linkMap(links)),
  members: members => (members as VectorNode[]).map(nodeFromVector),
}

export const nodeFromVector = (vector: VectorNode): Node => {
  const row = fieldsOf(vector.kind) ?? {}
  return Object.fromEntries(
    Object.entries(vector).map(([field, value]) => [
      field,
      field === 'kind' ? value : readers[row[field] as Shape](value as Json),
    ]),
  ) as unknown as Node
}
