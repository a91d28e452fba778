// Names at run time in a browser: what the page itself mentions, then the site's names and exports, which are HashMaps that
// are walked block by block, each verified. The definition is fetched when its value is needed.
import { ExportLink, Link } from '../../lang/values.ts'
import { type Lookup, lookupWords } from '../../runtime/lookup.ts'
import { findInHashMap } from '../find-in-hashmap.ts'
import type { MakeExtension } from '../platform.ts'
import { createDigest } from '../sha256.ts'

export const extension: MakeExtension = ({ manifest, target, resolver, definitions }) => {
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
    if (cid && !/^(library|wasm)$/.test((await definitions.node(cid)).kind)) return new Link(cid)
    const library = await linkIn(exports, name)
    return library ? new ExportLink(library, name) : undefined
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
