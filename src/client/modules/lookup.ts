// Names at run time in a browser: what the page itself mentions, then the site's names and exports, which are HashMaps that
// are walked block by block, each verified. What it means is fetched with all that it refers to, and with what it needs
// of the runtime, before the program goes on: a computed signal in it can't wait.
import { ExportLink, Link } from '../../lang/values.ts'
import { type Lookup, lookupWords } from '../../runtime/lookup.ts'
import { holdsNode, PARALLEL } from '../closure.ts'
import { findInHashMap } from '../find-in-hashmap.ts'
import type { MakeExtension } from '../platform.ts'
import { createDigest } from '../sha256.ts'

/** Adds the CIDs that a definition refers to. */
const refer = (value: unknown, to: Set<string>): void => {
  if (value instanceof Link || value instanceof ExportLink) to.add(value.cid)
  else if (value && typeof value === 'object' && !ArrayBuffer.isView(value))
    for (const item of value instanceof Map ? value.values() : Object.values(value)) refer(item, to)
}

export const extension: MakeExtension = ({ manifest, target, resolver, definitions, run }, making) => {
  const digest = createDigest(crypto.subtle)
  const linkIn = async (root: string | undefined, key: string): Promise<string | undefined> => {
    const found =
      root && (await findInHashMap(root, key, async cid => (await resolver.get(cid)).bytes, digest))
    return typeof found === 'string' ? found : undefined
  }

  const search = async (name: string): Promise<Link | ExportLink | undefined> => {
    const { names, exports } = manifest.index ?? {}
    const cid = Object.hasOwn(target.defs, name) ? target.defs[name] : await linkIn(names, name)
    // Libraries and modules have names among the others, for people; they are no values.
    if (cid && !/^(library|wasm)$/.test((await definitions.node(cid)).kind)) return withAll(new Link(cid))
    const library = await linkIn(exports, name)
    return library ? withAll(new ExportLink(library, name)) : undefined
  }

  /** Adds the runtime's modules that what is loaded by now needs. */
  const more = async (): Promise<void> => {
    const { core, cids, made, page } = making
    for (const cid of await (await page()).modulesOf(definitions, run)) {
      if (cids.includes(cid)) continue
      const extension = await made(cid)
      if (!cids.includes(cid)) core!.add(extension)
      cids.push(cid)
    }
  }

  const withAll = async <T extends Link | ExportLink>(link: T): Promise<T> => {
    const all = new Set<string>()
    refer(link, all)
    // In order: what was added since comes after what was there.
    for (let at = 0; at < all.size; ) {
      const some = [...all].slice(at, at + PARALLEL)
      at += some.length
      for (const node of await Promise.all(some.filter(holdsNode).map(definitions.node))) refer(node, all)
    }
    await more()
    return link
  }

  const known = new Map<string, ReturnType<Lookup>>()
  return lookupWords(name => {
    if (!known.has(name))
      known.set(
        name,
        search(name).then(
          meaning => known.set(name, meaning),
          error => {
            // Asked again, it is looked for again.
            known.delete(name)
            throw error
          },
        ),
      )
    return known.get(name)
  })
}
