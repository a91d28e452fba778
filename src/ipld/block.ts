// Blocks and their hashes: the only place that hashes a block or compares digests.
import { SxError } from '../errors.ts'
import type { Block, Sha256 } from '../ports.ts'
import { cidOf, DAG_CBOR, DAG_PB, parseCid, RAW } from './cid.ts'

/** The block of `bytes` under a codec of cid.ts. */
export const blockOf = (bytes: Uint8Array, codec: number, sha256: Sha256): Block => ({
  cid: cidOf(codec, sha256(bytes)),
  bytes,
})

/**
 * `digest` (sha2-256, from a synchronous or asynchronous hash) is the one that `cid` names. False also for text that is
 * no CID of this format, so the browser needs no parser of CID text. Nothing here is secret: time may leak.
 */
export const matches = (cid: string, digest: Uint8Array): boolean =>
  digest.length === 32 && [DAG_CBOR, RAW, DAG_PB].some(codec => cidOf(codec, digest) === cid)

/** The error of bytes whose digest is not the one their CID names. */
export const mismatch = (cid: string): SxError =>
  new SxError('block-mismatch', `the bytes that came for ${cid} are not that block`, {
    expected: cid,
    hint: 'whoever sent or kept them is broken or lies: ask another source',
  })

/** Throws 'block-mismatch' unless `bytes` hash to `cid`; 'cid-malformed' or 'cid-unsupported' for the CID itself. */
export const verifyBlock = (cid: string, bytes: Uint8Array, sha256: Sha256): void => {
  const { codec } = parseCid(cid)
  if (cidOf(codec, sha256(bytes)) !== cid) throw mismatch(cid)
}

/** `bytes` hash to the sha2-256 `digest`, for a store that keys by digest and has parsed the CID already. */
export const hashesTo = (digest: Uint8Array, bytes: Uint8Array, sha256: Sha256): boolean => {
  const found = sha256(bytes)
  let at = 0
  while (at < digest.length && digest[at] === found[at]) at++
  return at === digest.length && at === found.length
}
