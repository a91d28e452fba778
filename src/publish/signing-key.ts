// Ed25519 as releases use it: raw seeds and public keys of 32 bytes in and out of Node's keys.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { SxError } from '../errors.ts'
import { publisherName } from '../ipld/publisher.ts'
import type { VerifySignature } from '../ipld/release.ts'

/** An opened key. The seed stays inside. */
export interface SigningKey {
  /** IPNS name */
  readonly publisher: string
  sign(message: Uint8Array): Uint8Array
  /** 32 bytes, for who has to hand the key on */
  seed(): Uint8Array
}

// PKCS #8 and SubjectPublicKeyInfo of Ed25519 keys (RFC 8410 §4, §7) are a fixed head and 32 bytes.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
export const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })

export const keyFromSeed = (seed: Uint8Array): SigningKey => {
  if (seed.length !== 32) throw new SxError('key-invalid', `a private key of ${seed.length} bytes, not 32`)
  const key = privateKeyOf(seed)
  const kept = Uint8Array.from(seed)
  return {
    publisher: publisherName(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)),
    sign: message => new Uint8Array(sign(null, message, key)),
    seed: () => Uint8Array.from(kept),
  }
}

/** The seed in a private key of Node's. Throws 'key-invalid' for one that is not Ed25519. */
export const seedOf = (key: KeyObject): Uint8Array => {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new SxError('key-invalid', `an ${key.asymmetricKeyType} key, and releases are signed with Ed25519`)
  return new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }).subarray(-32))
}

export const verifySignature: VerifySignature = (key, message, signature) =>
  verify(
    null,
    message,
    createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' }),
    signature,
  )
