// Helia's record of a pinned root, byte for byte as helia 7.1.15 writes it (its pins.ts): key /pin/<CID in base36>,
// value dag-cbor of {depth: Infinity, metadata}. Written here so that a commit does not load Helia.
import { cidBytes } from '../ipld/cid.ts'

export const PIN_PREFIX = '/pin/'
export const PINNED_BLOCK_PREFIX = '/pinned-block/'

/** Multibase base36 text (prefix `k`). A CIDv1 and a sha2-256 multihash begin with a byte that is not zero. */
export const base36 = (bytes: Uint8Array): string =>
  `k${BigInt(`0x${Buffer.from(bytes).toString('hex')}`).toString(36)}`

export const pinKey = (cid: string): string => PIN_PREFIX + base36(cidBytes(cid))

/** {depth: Infinity, metadata: {site}}: Helia's `pins.ls` shows which site a pin belongs to. */
export function pinValue(site: string): Uint8Array {
  const text = Buffer.from(site)
  const size = text.length
  // Major type 3 with the shortest length; a site's name is a path, 64 KiB is beyond any.
  const head = size < 24 ? [0x60 | size] : size < 256 ? [0x78, size] : [0x79, (size >> 8) & 255, size & 255]
  return Buffer.concat([beforeSite, Buffer.from(head), text.subarray(0, 65_535)])
}

// map(2): "depth" → Infinity as half float, "metadata" → map(1): "site" → text follows
const beforeSite = Buffer.from('\xa2\x65depth\xf9\x7c\x00\x68metadata\xa1\x64site', 'latin1')
