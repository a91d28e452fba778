// Private keys as other programs write them: libp2p's protobuf, which is what `ipfs key export` gives, and PEM.
import { createPrivateKey } from 'node:crypto'
import { SxError } from '../errors.ts'
import { publisherKey, publisherName } from '../ipld/publisher.ts'
import { keyFromSeed, privateKeyOf, type SigningKey, seedOf } from './signing-key.ts'

// PrivateKey {Type: Ed25519 (1), Data: 64 bytes, the seed and the public key}
// (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#ed25519)
const HEAD = [0x08, 0x01, 0x12, 0x40]

export const keyFormats = ['libp2p', 'pem'] as const
export type KeyFormat = (typeof keyFormats)[number]

export const exportKey = (key: SigningKey, format: KeyFormat): Uint8Array =>
  format === 'libp2p'
    ? Uint8Array.from([...HEAD, ...key.seed(), ...publisherKey(key.publisher)])
    : new TextEncoder().encode(privateKeyOf(key.seed()).export({ format: 'pem', type: 'pkcs8' }) as string)

/** Takes libp2p's protobuf and PKCS #8 in PEM, without a passphrase of their own. Throws 'key-invalid'. */
export const importKey = (bytes: Uint8Array): SigningKey => {
  if (bytes.length === HEAD.length + 64 && HEAD.every((byte, i) => bytes[i] === byte)) {
    const key = keyFromSeed(bytes.subarray(HEAD.length, HEAD.length + 32))
    if (publisherName(bytes.subarray(HEAD.length + 32)) !== key.publisher)
      throw new SxError('key-invalid', 'the two halves of this key do not belong together')
    return key
  }
  const text = new TextDecoder().decode(bytes)
  if (!text.includes('-----BEGIN PRIVATE KEY-----'))
    throw new SxError(
      'key-invalid',
      'this is neither an Ed25519 key as `ipfs key export` writes it nor PKCS #8 in PEM',
      {
        hint: 'export it with: ipfs key export <name> (or --format=pem-pkcs8-cleartext)',
      },
    )
  try {
    return keyFromSeed(seedOf(createPrivateKey(text)))
  } catch (cause) {
    if (cause instanceof SxError) throw cause
    throw new SxError('key-invalid', 'this PEM file holds no private key that can be read', {}, cause)
  }
}
