// What interface-blockstore 7 calls a block's bytes: one piece or many, now or later; we want one.

type Pieces = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export async function whole(pieces: Pieces): Promise<Uint8Array> {
  if (pieces instanceof Uint8Array) return pieces
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return all.length === 1 ? all[0]! : new Uint8Array(Buffer.concat(all))
}
