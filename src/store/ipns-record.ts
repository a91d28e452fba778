// IPNS names and records, read and checked (https://specs.ipfs.tech/ipns/ipns-record/#record-verification). No I/O.
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { decode as decodeCbor } from '@ipld/dag-cbor'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { SxError } from '../errors.ts'
import { base36Of, findAnyCid, IDENTITY, LIBP2P_KEY } from '../ipld/any-cid.ts'
import { hashesTo } from '../ipld/block.ts'
import { SHA2_256 } from '../ipld/cid.ts'
import type { Sha256 } from '../ports.ts'

/** Bytes of a record at most (specification, «Record Size Limit»). */
export const MAX_RECORD = 10 * 1024

export interface IpnsRecord {
  /** `/ipfs/…` or `/ipns/…` */
  readonly value: string
  readonly sequence: bigint
  /** milliseconds since 1970 */
  readonly validUntil: number
  /** milliseconds that it may be kept without asking again */
  readonly ttl: number
}

/**
 * The CID (version 1, libp2p-key) that `text` names: a peer id in base58, or a CID of a key under any codec.
 * undefined: it is none, a DNS name perhaps.
 */
export function findIpnsName(text: string): CID | undefined {
  let cid: CID | undefined
  if (/^(1|Qm)/.test(text)) {
    try {
      cid = CID.createV1(LIBP2P_KEY, decodeDigest(base58btc.baseDecode(text)))
    } catch {
      return undefined
    }
  } else cid = findAnyCid(text)
  return cid === undefined || text.includes('.') ? undefined : CID.createV1(LIBP2P_KEY, cid.multihash)
}

/** The one text by which a name is known in stores, URLs and host names. */
export const ipnsNameText = base36Of

const invalid = (what: string, cause?: unknown): SxError =>
  new SxError('name-record-invalid', `the IPNS record can’t be used: ${what}`, {}, cause)

/**
 * Checks `bytes` as the record of `name` at the time `now` (milliseconds). Throws 'name-record-invalid' for whatever the
 * specification's verification refuses: the signature of version 2 only, version 1 fields equal to the signed ones.
 */
export function readIpnsRecord(name: CID, bytes: Uint8Array, now: number, sha256: Sha256): IpnsRecord {
  if (bytes.length > MAX_RECORD) throw invalid(`it has more than ${MAX_RECORD} bytes`)
  const entry = readFields(bytes)
  const signature = entry.bytes.get(8)
  const data = entry.bytes.get(9)
  if (!signature?.length || !data?.length) throw invalid('it has no signature of version 2')
  const signed = Buffer.concat([Buffer.from('ipns-signature:'), data])
  if (!signedBy(publicKeyOf(name, entry.bytes.get(7), sha256), signed, signature))
    throw invalid('its signature is not by the key of its name')

  const told = readData(data)
  const same = (field: number, value: Uint8Array): boolean =>
    Buffer.compare(entry.bytes.get(field) ?? new Uint8Array(), value) === 0
  // fields of version 1 are not signed by version 2: they may be absent, never different
  if (
    (entry.bytes.get(1)?.length || entry.bytes.get(2)?.length) &&
    !(
      same(1, told.Value) &&
      same(4, told.Validity) &&
      (entry.numbers.get(3) ?? 0n) === told.ValidityType &&
      (entry.numbers.get(5) ?? 0n) === told.Sequence &&
      (entry.numbers.get(6) ?? 0n) === told.TTL
    )
  )
    throw invalid('what stands beside the signed data differs from it')
  if (told.ValidityType !== 0n) throw invalid('its validity is of an unknown type')
  const validUntil = Date.parse(Buffer.from(told.Validity).toString('utf8'))
  if (!Number.isFinite(validUntil)) throw invalid('its end of validity is no date')
  if (validUntil < now) throw invalid(`it ended at ${new Date(validUntil).toISOString()}`)
  const value = Buffer.from(told.Value).toString('utf8')
  if (!/^\/(ipfs|ipns)\/[^\s]+$/.test(value)) throw invalid('its value is no content path')
  return { value, sequence: told.Sequence, validUntil, ttl: Number(told.TTL / 1_000_000n) }
}

interface Signed {
  readonly Value: Uint8Array
  readonly ValidityType: bigint
  readonly Validity: Uint8Array
  readonly Sequence: bigint
  readonly TTL: bigint
}

function readData(data: Uint8Array): Signed {
  let told: Record<string, unknown>
  try {
    told = decodeCbor(data)
  } catch (cause) {
    throw invalid('its data is no dag-cbor', cause)
  }
  const bytes = (key: string): Uint8Array => {
    const value = told[key]
    if (!(value instanceof Uint8Array)) throw invalid(`its data has no ${key}`)
    return value
  }
  const number = (key: string): bigint => {
    const value = told[key]
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw invalid(`its data has no ${key}`)
    return BigInt(value as number | bigint)
  }
  return {
    Value: bytes('Value'),
    ValidityType: number('ValidityType'),
    Validity: bytes('Validity'),
    Sequence: number('Sequence'),
    TTL: number('TTL'),
  }
}

/** Protobuf with 64-bit numbers, which the reader of dag-pb does not take; of a field that repeats, the last counts. */
function readFields(bytes: Uint8Array): { bytes: Map<number, Uint8Array>; numbers: Map<number, bigint> } {
  const found = { bytes: new Map<number, Uint8Array>(), numbers: new Map<number, bigint>() }
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw invalid('it is cut off')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
    throw invalid('a number is too large')
  }
  while (at < bytes.length) {
    const key = Number(varint() & 0xffff_ffffn)
    const wire = key & 7
    if (wire === 0) found.numbers.set(key >>> 3, varint())
    else if (wire === 2) {
      const size = Number(varint())
      if (at + size > bytes.length) throw invalid('it is cut off')
      found.bytes.set(key >>> 3, bytes.subarray(at, at + size))
      at += size
    } else throw invalid('it is no protobuf of a record')
  }
  return found
}

/** Keys of libp2p (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md): type, then data. */
const RSA = 0n
const ED25519 = 1n
/** What stands before the 32 bytes in SubjectPublicKeyInfo (RFC 8410 §4). */
const ED25519_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** A name holds its key (Ed25519), or the hash of one that the record carries (RSA). */
function publicKeyOf(name: CID, carried: Uint8Array | undefined, sha256: Sha256): KeyObject {
  const { code, digest } = name.multihash
  const encoded = code === IDENTITY ? digest : carried
  if (encoded === undefined) throw invalid('it does not carry the key of its name')
  if (code !== IDENTITY && !(code === SHA2_256 && hashesTo(digest, encoded, sha256)))
    throw invalid('the key that it carries is not the key of its name')
  const fields = readFields(encoded)
  const type = fields.numbers.get(1)
  const data = fields.bytes.get(2) ?? new Uint8Array()
  if (type !== RSA && type !== ED25519) throw invalid('its key is neither Ed25519 nor RSA')
  if (type === ED25519 && data.length !== 32) throw invalid('its key has another length than a key')
  try {
    return createPublicKey({
      key: type === RSA ? Buffer.from(data) : Buffer.concat([ED25519_PREFIX, data]),
      format: 'der',
      type: 'spki',
    })
  } catch (cause) {
    throw invalid('its key can’t be read', cause)
  }
}

const signedBy = (key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean =>
  verify(key.asymmetricKeyType === 'rsa' ? 'sha256' : null, signed, key, signature)
