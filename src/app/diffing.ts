// sx diff: two roots of the store, opened side by side.
import type { App } from '../app-port.ts'
import { SxError } from '../errors.ts'
import { DAG_PB, parseCid } from '../ipld/cid.ts'
import { decodeNode } from '../ipld/decode.ts'
import type { GroupedNode, Node } from '../ipld/kinds.ts'
import { openSite } from '../ipld/site.ts'
import { diffSides, type Side } from '../publish/diff.ts'
import { diffHtml } from '../publish/diff-html.ts'
import { diffSignature, diffText } from '../publish/diff-text.ts'
import { linkAt } from '../publish/verify.ts'
import { resolveRoot } from './archive.ts'
import { loader } from './releasing.ts'
import { sha256 } from './sha256.ts'
import type { Workshop } from './workshop.ts'

export const createDiffing = (shop: Workshop): Pick<App, 'diff'> => ({
  diff: async (a, b) => {
    const stored = await shop.store()
    const { list } = await import('../store/unixfs-read.ts')
    const load = loader(stored)
    /** the site that a build, a release or its directory leads to */
    const siteOf = async (what: string): Promise<string> => {
      const cid = await resolveRoot(shop, what)
      if (parseCid(cid).codec === DAG_PB) {
        const root = linkAt(stored, cid, '_sx/root', { list })
        if (root !== undefined && parseCid(root).codec !== DAG_PB) return root
        throw new SxError('not-a-definition', `${what} has no definitions: it is a folder of files`)
      }
      const node = decodeNode(load(cid))
      return node.kind === 'release' ? node.root.cid : cid
    }
    const [before, after] = [await siteOf(a), await siteOf(b)]
    const diff = diffSides(sideOf(before, load), sideOf(after, load))
    return { before, after, ...diff, html: () => diffHtml(before, after, diff) }
  },
})

const sideOf = (root: string, load: (cid: string) => Uint8Array): Side => {
  const site = openSite(root, { sha256, load })
  const names = new Map(site.names())
  const nodes = new Map<string, Node>()
  const node = (cid: string): Node => {
    const found = nodes.get(cid) ?? decodeNode(load(cid))
    nodes.set(cid, found)
    return found
  }
  /** CID → its first name, and `group index` → the name of that member */
  const nameOf = new Map<string, string>()
  for (const [name, cid] of [...names].sort(([x], [y]) => (x < y ? -1 : 1))) {
    if (!nameOf.has(cid)) nameOf.set(cid, name)
    const found = parseCid(cid).codec === DAG_PB ? undefined : node(cid)
    if (found?.kind === 'member') nameOf.set(`${found.group.cid} ${found.index}`, name)
  }
  const memberOf = (of: Node): GroupedNode | undefined => {
    const group = of.kind === 'member' ? node(of.group.cid) : undefined
    return of.kind === 'member' && group?.kind === 'group' ? group.members[of.index] : undefined
  }
  return {
    names,
    pages: new Map([...site.pages()].map(({ path, page }) => [path, page])),
    kindOf: cid => memberOf(node(cid))?.kind ?? node(cid).kind,
    textOf: (cid, name) => {
      const found = node(cid)
      return diffText(found, name, memberOf(found), {
        link: to => nameOf.get(to) ?? to,
        member: index =>
          (found.kind === 'member' ? nameOf.get(`${found.group.cid} ${index}`) : undefined) ??
          `member-${index}`,
      })
    },
    signatureOf: (cid, name) => diffSignature(memberOf(node(cid)) ?? node(cid), name),
  }
}
