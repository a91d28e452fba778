// IPNS records written: version 2 signatures alone (https://specs.ipfs.tech/ipns/ipns-record/#record-creation). The
// reader, which checks them, is store/ipns-record.ts.
import { encode } from '@ipld/dag-cbor'
import type { SigningKey } from './signing-key.ts'

const DAY = 86_400_000
/** How long a record holds without being renewed: a machine that publishes may be off for weeks. */
export const LIFETIME = 30 * DAY
/** From when on it is renewed in passing. */
export const RENEW_BEFORE = 15 * DAY
/** How long others may keep what it says, in nanoseconds: five minutes, as Kubo has it. */
const TTL = 300_000_000_000n

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]
const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes])

/** `value`: a content path; a record of the same `sequence` that holds longer takes the place of another one. */
export const signNameRecord = (
  key: SigningKey,
  { value, sequence, now }: { readonly value: string; readonly sequence: number; readonly now: number },
): Uint8Array => {
  const data = encode({
    Value: Buffer.from(value),
    // RFC 3339 with nanoseconds
    Validity: Buffer.from(new Date(now + LIFETIME).toISOString().replace('Z', '000000Z')),
    ValidityType: 0,
    Sequence: sequence,
    TTL,
  })
  const signature = key.sign(Buffer.concat([Buffer.from('ipns-signature:'), data]))
  return new Uint8Array(Buffer.concat([field(8, signature), field(9, data)]))
}
