// Which modules of the runtime a page needs: its manifest names them, so that they load beside the kernel.
import type { Node } from '../ipld/kinds.ts'
import { mention, neededFor } from '../runtime/mentions.ts'

/**
 * `words`: CID of a module → its words, in the order in which a runtime takes them. The answer is for definitions by
 * CID, each looked at once.
 */
export const createModuleFinder = (
  words: Readonly<Record<string, string>>,
  node: (cid: string) => Node | undefined,
): ((cids: Iterable<string>) => readonly string[]) => {
  const order = Object.keys(words)
  const known = new Map<string, readonly string[]>()
  const neededBy = (cid: string): readonly string[] => {
    let found = known.get(cid)
    if (found === undefined) {
      const mentioned = new Set<string>()
      mention(node(cid), mentioned)
      found = neededFor(words, mentioned)
      known.set(cid, found)
    }
    return found
  }
  return cids => {
    const needed = new Set<string>()
    for (const cid of cids) for (const module of neededBy(cid)) needed.add(module)
    return order.filter(module => needed.has(module))
  }
}
