// Which modules of the runtime hold which words. Fetched when a page fails for want of a word that its manifest names
// no module for: the page is older than its definitions, or a definition came that no closure lists.
import type { Node } from '../ipld/kinds.ts'
import { mention, neededFor } from '../runtime/mentions.ts'

/** Put in by the build: CID of a module → its words. */
declare const SX_MODULES: Readonly<Record<string, string>>

/** CIDs of the modules that these definitions need. */
export const modulesFor = (nodes: Iterable<Node>): readonly string[] => {
  const words = new Set<string>()
  for (const node of nodes) mention(node, words)
  return neededFor(SX_MODULES, words)
}
