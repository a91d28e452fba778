// A pack's bytes before they are compressed (format §6).
import { ByteWriter } from './byte-writer.ts'
import { PACK } from './pack.ts'
import { type Skeleton, splicedSize } from './skeleton.ts'

/** `bases`: digests of the packs whose `before` nodes have the positions below those of `nodes`. */
export const writePack = (
  nodes: readonly Skeleton[],
  before = 0,
  bases: readonly Uint8Array[] = [],
): Uint8Array<ArrayBuffer> => {
  const size = nodes.reduce((sum, node) => sum + splicedSize(node), 0)
  const body = new ByteWriter(size)
  // The bodies follow what heads take, a few bytes for each link.
  const head = new ByteWriter(size + 4 * nodes.length)
  head.number(PACK)
  head.number(bases.length)
  for (const digest of bases) head.put(digest)
  head.number(nodes.length)
  for (const [i, { parts, refs }] of nodes.entries()) {
    for (const [k, part] of parts.entries()) {
      head.number(part.length)
      const ref = refs[k]
      head.number(ref === undefined ? 0 : before + i - ref)
      body.put(part)
    }
  }
  head.put(body.written())
  return head.written()
}
