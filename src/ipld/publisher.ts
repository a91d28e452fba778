// A publisher's name: the IPNS name of an Ed25519 public key, which holds the key itself
// (https://specs.ipfs.tech/ipns/ipns-record/#ipns-name).
import { base36 } from 'multiformats/bases/base36'
import { SxError } from '../errors.ts'

// CIDv1, libp2p-key, identity multihash of 36 bytes: the protobuf PublicKey {Type: Ed25519, Data: 32 bytes}.
const HEAD = [0x01, 0x72, 0x00, 0x24, 0x08, 0x01, 0x12, 0x20]

/** `k51…` of a raw public key of 32 bytes. */
export const publisherName = (key: Uint8Array): string => {
  if (key.length !== 32) throw new SxError('key-invalid', `a public key of ${key.length} bytes, not 32`)
  return base36.encode(Uint8Array.from([...HEAD, ...key]))
}

/** The raw public key in a name. Throws 'key-invalid' for anything but the name of an Ed25519 key. */
export const publisherKey = (name: string): Uint8Array => {
  const bytes = /^k[0-9a-z]{61}$/.test(name) ? base36.decode(name as `k${string}`) : new Uint8Array()
  if (bytes.length !== HEAD.length + 32 || HEAD.some((byte, i) => bytes[i] !== byte))
    throw new SxError(
      'key-invalid',
      `${JSON.stringify(name.slice(0, 80))} is not the IPNS name of an Ed25519 key`,
    )
  return bytes.slice(HEAD.length)
}
