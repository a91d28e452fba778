// IPNS records as a publisher writes them, and as a forger would: made here with node:crypto, from the specification.
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { identity } from 'multiformats/hashes/identity'
import { LIBP2P_KEY } from '../../src/ipld/any-cid.ts'
import { SHA2_256 } from '../../src/ipld/cid.ts'
import { sha256 } from './memory-store.ts'

const varint = (value: number | bigint): number[] => {
  const out: number[] = []
  let left = BigInt(value)
  for (; left > 127n; left >>= 7n) out.push(Number(left & 127n) | 128)
  out.push(Number(left))
  return out
}
const field = (number: number, value: Uint8Array | number | bigint): Buffer =>
  value instanceof Uint8Array
    ? Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(value.length)]), value])
    : Buffer.from([number << 3, ...varint(value)])

export interface NameKey {
  readonly name: CID
  readonly secret: KeyObject
  /** the key as a record carries it, when its name does not hold it */
  readonly carried: Uint8Array | undefined
}

export function newNameKey(type: 'ed25519' | 'rsa' = 'ed25519'): NameKey {
  const { privateKey: secret } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
  const der = createPublicKey(secret).export({ format: 'der', type: 'spki' })
  const encoded = Buffer.concat([
    field(1, type === 'rsa' ? 0 : 1),
    field(2, type === 'rsa' ? der : der.subarray(-32)),
  ])
  const digest = type === 'rsa' ? create(SHA2_256, sha256(encoded)) : identity.digest(encoded)
  return { name: CID.createV1(LIBP2P_KEY, digest), secret, carried: type === 'rsa' ? encoded : undefined }
}

export interface RecordOptions {
  readonly value?: string
  readonly until?: string
  readonly ttl?: bigint
  /** fields of version 1 beside the signed data; `value` may lie */
  readonly old?: { readonly value?: string } | undefined
  readonly signature?: (good: Uint8Array) => Uint8Array
  /** leaves the signature of version 2 out */
  readonly unsigned?: boolean
  readonly validityType?: number
  readonly pad?: number
}

export function nameRecord({ secret, carried }: NameKey, o: RecordOptions = {}): Uint8Array {
  const value = Buffer.from(o.value ?? '/ipfs/bafkqabtimvwgy3yk')
  const until = Buffer.from(o.until ?? '2100-01-01T00:00:00.000000000Z')
  const ttl = o.ttl ?? 1_800_000_000_000n
  const type = o.validityType ?? 0
  const data = encode({ Value: value, ValidityType: type, Validity: until, Sequence: 3, TTL: ttl })
  const signed = Buffer.concat([Buffer.from('ipns-signature:'), data])
  const good = sign(secret.asymmetricKeyType === 'rsa' ? 'sha256' : null, signed, secret)
  const old =
    o.old === undefined
      ? []
      : [
          field(1, Buffer.from(o.old.value ?? value)),
          field(2, Buffer.from('any')),
          field(3, type),
          field(4, until),
          field(5, 3),
          field(6, ttl),
        ]
  return Buffer.concat([
    ...old,
    ...(carried === undefined ? [] : [field(7, carried)]),
    ...(o.unsigned === true ? [] : [field(8, o.signature?.(good) ?? good)]),
    field(9, data),
    ...(o.pad === undefined ? [] : [field(99, Buffer.alloc(o.pad))]),
  ])
}
