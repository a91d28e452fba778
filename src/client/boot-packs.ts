// Small packs of a few pages in localStorage, which answers at once: a database takes several trips to another process, and
// they wait behind a page's first layout. A browser reads all that an origin has there before it gives the first of it,
// so it stays little. It may be denied, full, or written by anybody of this origin.
import type { Loaded } from './page-packs.ts'

/** The longest pack, in bytes, and how many: together at most 96 KiB. */
const LONGEST = 8192
const MOST = 12
/** Where versions of pages stand (`ways.ts`), there is a path after the space. */
const key = (cid: string): string => `sx ${cid}`

/** undefined when it isn't here; throws where storage is denied. */
export const recall = (cid: string): Uint8Array<ArrayBuffer> | undefined => {
  const text: string | undefined = localStorage[key(cid)]
  return text === undefined ? text : Uint8Array.from(text, char => char.charCodeAt(0))
}

/** Keeps those that are small; all others go when there are too many. Throws where storage is denied or full. */
export const remember = (packs: Loaded['packs']): void => {
  for (const { cid, bytes } of packs)
    if (bytes.length <= LONGEST) localStorage[key(cid)] = String.fromCharCode(...bytes)
  const held = Object.keys(localStorage).filter(name => name.startsWith(key('b')))
  if (held.length > MOST)
    for (const name of held) if (!packs.some(({ cid }) => name === key(cid))) delete localStorage[name]
}
