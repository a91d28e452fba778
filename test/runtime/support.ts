// Definitions from text for tests: `@name` stands for a link to that definition.
import type { GroupedNode, Node } from '../../src/ipld/kinds.ts'
import { readOne } from '../../src/lang/reader.ts'
import { isDict, isList, Link, type List, MemberRef, Sym, type Value } from '../../src/lang/values.ts'

/** `~name` and `:name:` are links, `m0` `m1` member references; everything else is what it reads as. */
export const form = (text: string): Value => {
  const link = (v: Value): Value => {
    if (isList(v)) return v.map(link)
    if (isDict(v)) return new Map([...v].map(([key, item]) => [key, link(item)]))
    if (!(v instanceof Sym)) return v
    if (v.name.startsWith('~')) return new Link(v.name.slice(1))
    const member = /^member-(\d)$/.exec(v.name)
    return member ? new MemberRef(Number(member[1])) : v
  }
  return link(readOne(text))
}

export const value = (text: string): GroupedNode => ({ kind: 'value', body: form(text) })

export const component = (
  params: string,
  body: string,
  kind: 'component' | 'island' = 'component',
): GroupedNode => ({
  kind,
  params: readOne(params) as List,
  body: [form(body)],
})

/** `loaded`: what was asked for, in order. Nothing is there before it was loaded. */
export const later = (nodes: Record<string, Node>) => {
  const here = new Set<string>()
  const loaded: string[] = []
  return {
    loaded,
    find: (cid: string): Node | undefined => (here.has(cid) ? nodes[cid] : undefined),
    load: async (cid: string): Promise<void> => {
      loaded.push(cid)
      await Promise.resolve()
      if (!(cid in nodes)) throw new Error(`no ${cid}`)
      here.add(cid)
    },
  }
}

export const now = (nodes: Record<string, Node>) => ({
  find: (cid: string): Node | undefined => nodes[cid],
  load: async (): Promise<void> => {},
})
