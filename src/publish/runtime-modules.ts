// Which modules of the runtime a page needs: its manifest names them, so that they load beside the kernel.
import { mention } from '../runtime/mentions.ts'

const none: readonly string[] = []

/**
 * `words`: CID of a module → its words, in the order in which a runtime takes them. `node`: the definition, or anything
 * that mentions the same words. The answer is for definitions by CID, each looked at once.
 */
export const createModuleFinder = (
  words: Readonly<Record<string, string>>,
  node: (cid: string) => unknown,
): ((cids: Iterable<string>) => readonly string[]) => {
  const order = Object.keys(words)
  const modulesOf = new Map<string, string[]>()
  for (const module of order)
    for (const word of words[module]!.split(' '))
      modulesOf.set(word, [...(modulesOf.get(word) ?? []), module])
  const known = new Map<string, readonly string[]>()
  const neededBy = (cid: string): readonly string[] => {
    const before = known.get(cid)
    if (before !== undefined) return before
    const mentioned = new Set<string>()
    mention(node(cid), mentioned)
    const needed = new Set<string>()
    for (const word of mentioned) for (const module of modulesOf.get(word) ?? []) needed.add(module)
    const found = needed.size === 0 ? none : [...needed]
    known.set(cid, found)
    return found
  }
  return cids => {
    const needed = new Set<string>()
    for (const cid of cids) for (const module of neededBy(cid)) needed.add(module)
    return order.filter(module => needed.has(module))
  }
}
