// Blocks and their hashes: the only place that hashes a block or compares digests.
import { SxError } from '../errors.ts'
import type { Block, Sha256 } from '../ports.ts'
import { cidOf, parseCid } from './cid.ts'

/** The block of `bytes` under a codec of cid.ts. */
export const blockOf = (bytes: Uint8Array, codec: number, sha256: Sha256): Block => ({
  cid: cidOf(codec, sha256(bytes)),
  bytes,
})

/** `digest` (sha2-256, from a synchronous or asynchronous hash) is the one that `cid` names. Throws 'cid-malformed' or 'cid-unsupported'. */
export const matches = (cid: string, digest: Uint8Array): boolean => {
  return equal(parseCid(cid).digest, digest)
}

const equal = (wanted: Uint8Array, digest: Uint8Array): boolean => {
  // Digests of public bytes: nothing secret can leak through the time that this takes.
  let at = 0
  while (at < wanted.length && wanted[at] === digest[at]) at++
  return at === wanted.length && at === digest.length
}

/** `bytes` hash to the sha2-256 `digest`: for who has parsed the CID already. */
export const hashesTo = (digest: Uint8Array, bytes: Uint8Array, sha256: Sha256): boolean =>
  equal(digest, sha256(bytes))

/** The error of bytes whose digest is not the one their CID names. */
export const mismatch = (cid: string): SxError =>
  new SxError('block-mismatch', `the bytes that came for ${cid} are not that block`, {
    expected: cid,
    hint: 'whoever sent or kept them is broken or lies: ask another source',
  })

/** Throws 'block-mismatch' unless `bytes` hash to `cid`; 'cid-malformed' or 'cid-unsupported' for the CID itself. */
export const verifyBlock = (cid: string, bytes: Uint8Array, sha256: Sha256): void => {
  if (!matches(cid, sha256(bytes))) throw mismatch(cid)
}
