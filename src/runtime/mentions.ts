// Which words a definition mentions: by them a page's modules are known, when it is published and in the browser alike.
import { doIsLoop, isWord } from '../lang/shape.ts'
import { ExportLink, isList, type List, Ratio, Sym } from '../lang/values.ts'

/** `1/2` where there is a rational, `#export` for a library's export, `#wasm` for a WebAssembly module (`#` and its kind, of any node), `(do)` where a `do` is a loop, `(let)` where a let has a name, `(tag` for what stands first in a list. */
export const mention = (value: unknown, words: Set<string>): void => {
  if (typeof value !== 'object') return
  if (value instanceof Sym) words.add(value.name)
  else if (value instanceof Ratio) words.add('1/2')
  else if (value instanceof ExportLink) words.add('#export')
  else if (value instanceof Map) for (const item of value.values()) mention(item, words)
  else if (isList(value)) {
    const [head, first] = value as List
    if (head instanceof Sym) words.add(`(${head.name}`)
    if (isWord(head, 'do') && doIsLoop(value.slice(1))) words.add('(do)')
    if (isWord(head, 'let') && first instanceof Sym) words.add('(let)')
    for (const item of value) mention(item, words)
  } else if (value !== null && typeof value === 'object' && 'kind' in value) {
    // Kinds that take a module of their own.
    words.add(`#${value.kind}`)
    for (const item of Object.values(value)) mention(item, words)
  }
}

/** `modules`: the words of each. The modules that a page needs in whose definitions `words` are mentioned. */
export const neededFor = (
  modules: Readonly<Record<string, string>>,
  words: ReadonlySet<string>,
): readonly string[] =>
  Object.keys(modules).filter(module => modules[module]!.split(' ').some(word => words.has(word)))
