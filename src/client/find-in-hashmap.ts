// A key in an IPLD HashMap (format §3, HashMaps), walked block by block, as small as it can be. The blocks have been hashed,
// so that they are what their publisher's tools wrote or refused: they are read safely, and not judged once more.
import { cidText } from '../ipld/cid.ts'

export type Item = number | string | Uint8Array | readonly Item[] | { readonly [key: string]: Item }

const levels = 51
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** The first item of a block. Links come as their CID's text. */
export const readItem = (block: Uint8Array): Item => {
  let at = 0
  const take = (count: number): Uint8Array => {
    at += count
    if (at > block.length) throw Error('a block ends early')
    return block.subarray(at - count, at)
  }
  const item = (depth: number): Item => {
    const first = take(1)[0]!
    const major = first >> 5
    let n = first & 31
    // 24 to 27: one, two, four or eight bytes; what is more than 31 is no length here.
    if (n > 23) n = take(n < 28 ? 1 << (n - 24) : 1 / 0).reduce((sum, byte) => sum * 256 + byte, 0)
    if (depth > 64) throw Error('a block is nested too deep')
    if (major === 2) return take(n)
    if (major === 3) return utf8.decode(take(n))
    if (major === 6) return cidText((item(depth + 1) as Uint8Array).subarray(1))
    if (major < 4 || major > 6) return n
    const items: Item[] = []
    for (let left = major === 4 ? n : n * 2; left--; ) items.push(item(depth + 1))
    return major === 4
      ? items
      : Object.fromEntries(
          items.flatMap((key, i): [string, Item][] => (i % 2 ? [] : [[key as string, items[i + 1]!]])),
        )
  }
  return item(0)
}

const bitsIn = (n: number): number => n.toString(2).replaceAll('0', '').length

/** What stands under `key`; undefined: nothing. `load`: verified bytes. `sha256`: of the key's UTF-8. */
export const findInHashMap = async (
  root: string,
  key: string,
  load: (cid: string) => Promise<Uint8Array>,
  sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<Item | undefined> => {
  const digest = await sha256(new TextEncoder().encode(key))
  let node = (readItem(await load(root)) as { hamt: Item }).hamt
  for (let level = 0; level < levels; level++) {
    const [map, slots] = node as [Uint8Array, Item[]]
    const bits = map[0]! | (map[1]! << 8) | (map[2]! << 16) | (map[3]! << 24)
    const bit = level * 5
    const two = (digest[bit >> 3]! << 8) | (digest[(bit >> 3) + 1] ?? 0)
    const digit = (two >> (11 - (bit & 7))) & 31
    if (!((bits >>> digit) & 1)) return
    const slot = slots[bitsIn((bits & ((1 << digit) - 1)) >>> 0)]
    if (typeof slot !== 'string')
      return (slot as [Uint8Array, Item][]).find(([held]) => utf8.decode(held) === key)?.[1]
    node = readItem(await load(slot))
  }
  return
}
