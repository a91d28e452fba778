// A set of CIDs without an object for each: a walk may hold a million, and many walks go on at once.

export interface CidSet {
  /** False: it was there already. A CID of version 0 is its equal of version 1. */
  add(cid: Uint8Array): boolean
}

/** Version, codec and hash of one byte each, the digest's length, 32 bytes of digest: nearly all there are. */
const WIDTH = 36
/** Entries to a piece. */
const PIECE = 256
/** A CID of version 0 is a bare sha2-256 multihash, and means dag-pb. */
const V0 = 34

/**
 * `root`: the CID that the walk began with. Its digest decides where entries are looked for, so nobody can choose blocks
 * that crowd in one place: another block below it makes it another root.
 */
export function createCidSet(root: Uint8Array): CidSet {
  /** entries side by side, in pieces so that none is ever copied */
  const pieces: Buffer[] = []
  /** numbers of entries, counted from 1, at the places that their digests tell */
  let table = new Int32Array(2 * PIECE)
  let count = 0
  const others = new Set<string>()
  const seed = root.reduce((mixed, byte) => (Math.imul(mixed, 31) + byte) | 0, 0)

  const pieceOf = (index: number): Buffer => pieces[Math.floor(index / PIECE)]!
  const place = (index: number): number =>
    (Math.imul(pieceOf(index).readInt32LE(((index % PIECE) + 1) * WIDTH - 4) ^ seed, 0x9e3779b1) >>> 8) &
    (table.length - 1)

  const grow = (): void => {
    table = new Int32Array(table.length * 2)
    for (let index = 0; index < count; index++) {
      let slot = place(index)
      while (table[slot] !== 0) slot = (slot + 1) & (table.length - 1)
      table[slot] = index + 1
    }
  }

  return {
    add: cid => {
      const old = cid.length === V0 && cid[0] === 0x12
      if (cid.length !== WIDTH && !old) {
        const before = others.size
        return others.add(Buffer.from(cid).toString('latin1')).size > before
      }
      if (count === pieces.length * PIECE) pieces.push(Buffer.allocUnsafe(PIECE * WIDTH))
      if (count * 2 === table.length) grow()
      // written where the next entry would be: it stays there if it is new
      const piece = pieceOf(count)
      const at = (count % PIECE) * WIDTH
      if (old) {
        piece[at] = 1
        piece[at + 1] = 0x70
      }
      piece.set(cid, old ? at + 2 : at)
      let slot = place(count)
      for (let number = table[slot]!; number !== 0; number = table[slot]!) {
        const other = ((number - 1) % PIECE) * WIDTH
        if (pieceOf(number - 1).compare(piece, at, at + WIDTH, other, other + WIDTH) === 0) return false
        slot = (slot + 1) & (table.length - 1)
      }
      table[slot] = ++count
      return true
    },
  }
}
