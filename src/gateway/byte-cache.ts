// A cache bounded by bytes, least recently used first out. Keys are content addresses, so nothing in it goes stale.
export interface ByteCache<T> {
  get(key: string): T | undefined
  /** `size` in bytes; what is larger than an eighth of the bound is not kept */
  set(key: string, value: T, size: number): void
  readonly bytes: number
  readonly count: number
}

/** What an entry costs beyond its bytes: its key, headers, the map's slot. */
const OVERHEAD = 512

export function createByteCache<T>(bound: number): ByteCache<T> {
  const entries = new Map<string, { value: T; size: number; young: boolean }>()
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    get count() {
      return entries.size
    },
    get: key => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      // a second chance instead of reordering the map at each hit: hits cost one look-up
      entry.young = true
      return entry.value
    },
    set: (key, value, size) => {
      const cost = size + OVERHEAD
      if (cost > bound / 8) return
      const old = entries.get(key)
      if (old !== undefined) bytes -= old.size
      entries.delete(key)
      entries.set(key, { value, size: cost, young: false })
      bytes += cost
      for (const [oldest, entry] of entries) {
        if (bytes <= bound) break
        entries.delete(oldest)
        if (entry.young) {
          entry.young = false
          entries.set(oldest, entry)
        } else bytes -= entry.size
      }
    },
  }
}
