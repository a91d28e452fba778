// Releases: what is signed, and what a reader checks (format §7). Signing itself is handed in.
import { SxError } from '../errors.ts'
import { compareCodePoints } from '../lang/order.ts'
import { parseCid } from './cid.ts'
import { decodeNode } from './decode.ts'
import { encodeNode } from './encode.ts'
import type { ReleaseNode } from './kinds.ts'
import { publisherKey } from './publisher.ts'

/** A release before it is signed. */
export type Unsigned = Omit<ReleaseNode, 'kind' | 'signature' | 'handover'>

/** `key`: 32 bytes; `signature`: 64. */
export type VerifySignature = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

const prefix = new TextEncoder().encode('sx-release:')
const SIGNATURE = 64

/** What is signed: a prefix that no other protocol signs, then the node's block without its signatures. */
export const signedPart = (release: Unsigned): Uint8Array => {
  const { root, sequence, time, publisher, previous, patches } = release
  const block = encodeNode({
    kind: 'release',
    root,
    sequence,
    time,
    publisher,
    ...(previous !== undefined && { previous }),
    patches,
    signature: new Uint8Array(),
  })
  const message = new Uint8Array(prefix.length + block.length)
  message.set(prefix)
  message.set(block, prefix.length)
  return message
}

const fail = (what: string): never => {
  throw new SxError('release-invalid', `this release ${what}`)
}

const isCid = (text: string): boolean => {
  try {
    parseCid(text)
    return true
  } catch {
    return false
  }
}

/** Throws 'release-invalid', or 'key-invalid' for its publisher. Signatures are not looked at. */
export const checkRelease = (release: ReleaseNode): void => {
  const { sequence, time, publisher, previous, patches, signature, handover } = release
  if (sequence < 1) fail('has no place in a chain: its sequence is 0')
  if ((previous === undefined) !== (sequence === 1))
    fail(
      `is number ${sequence} ${previous === undefined ? 'and names none before it' : 'and names one before it'}`,
    )
  if (previous !== undefined && !isCid(previous))
    fail('names a release before it by something that is no CID')
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time) || Number.isNaN(Date.parse(time)))
    fail(`has a time that is not written as 2026-01-31T23:59:59Z: ${time}`)
  publisherKey(publisher)
  for (const [i, page] of patches.entries()) {
    if (!isCid(page)) fail(`has a patch from something that is no CID: ${page}`)
    if (i > 0 && compareCodePoints(patches[i - 1]!, page) >= 0) fail('has patches out of order')
  }
  if (signature.length !== SIGNATURE || (handover !== undefined && handover.length !== SIGNATURE))
    fail('has a signature of another length than 64 bytes')
  if (handover !== undefined && previous === undefined)
    fail('is the first, and is handed over by one before it')
}

/** The release that a verified block holds. Throws 'block-malformed', 'not-a-definition', 'release-invalid', 'key-invalid'. */
export const readRelease = (bytes: Uint8Array): ReleaseNode => {
  const node = decodeNode(bytes)
  if (node.kind !== 'release')
    throw new SxError('not-a-definition', `this block is no release but a ${node.kind}`)
  checkRelease(node)
  return node
}

/** Is it signed by the publisher that it names? */
export const isSigned = (release: ReleaseNode, verify: VerifySignature): boolean =>
  verify(publisherKey(release.publisher), signedPart(release), release.signature)

/**
 * Why `release` can't follow `before`, whose CID is `cid`; undefined: it can. Both have been checked and are signed.
 * A key gives way to another only by signing, with the old one, the release that the new one publishes.
 */
export const brokenChain = (
  release: ReleaseNode,
  before: ReleaseNode,
  cid: string,
  verify: VerifySignature,
): string | undefined => {
  if (release.previous !== cid) return `it names ${release.previous ?? 'none'} as the release before it`
  if (release.sequence !== before.sequence + 1)
    return `it is number ${release.sequence} after number ${before.sequence}`
  if (release.time < before.time) return `its time ${release.time} lies before ${before.time}`
  if (release.publisher === before.publisher)
    return release.handover === undefined
      ? undefined
      : 'it is handed over, and its publisher is the same as before'
  if (release.handover === undefined)
    return `its publisher is another, and ${before.publisher} has not signed it`
  return verify(publisherKey(before.publisher), signedPart(release), release.handover)
    ? undefined
    : `its publisher is another, and what should be the signature of ${before.publisher} is not`
}
