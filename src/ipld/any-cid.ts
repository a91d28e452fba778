// CIDs of any version, codec, hash and text form, as other people's gateways, CARs and names have them. What this format
// itself uses is in cid.ts, which goes to the browser; this does not.
import { base16, base16upper } from 'multiformats/bases/base16'
import { base32, base32upper } from 'multiformats/bases/base32'
import { base36, base36upper } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { base64, base64url } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { SxError } from '../errors.ts'

export const IDENTITY = 0x00
export const CBOR = 0x51
export const LIBP2P_KEY = 0x72
export const DAG_JSON = 0x0129
export const JSON_CODEC = 0x0200

/** Identity CIDs carry data, so there must be a bound; every other CID is far below it. */
const LONGEST = 1024

const bases = [base16, base16upper, base32, base32upper, base36, base36upper, base58btc, base64, base64url]
const decoders = new Map(bases.map(base => [base.prefix as string, base.decoder]))

/** Reads the text of a CID of any kind. Throws 'cid-malformed'. */
export function readAnyCid(text: string): CID {
  try {
    if (text.length > LONGEST) throw new Error('it is too long')
    const decoder = decoders.get(text[0] ?? '')
    return decoder === undefined ? CID.parse(text) : CID.parse(text, decoder)
  } catch (cause) {
    throw new SxError('cid-malformed', `not a CID: ${text.slice(0, 80)}`, {}, cause)
  }
}

/** The same, or undefined. */
export function findAnyCid(text: string): CID | undefined {
  try {
    return readAnyCid(text)
  } catch {
    return undefined
  }
}

/** The base32 text of its version 1 form. */
export const textOfCid = (cid: CID): string => (cid.version === 1 ? cid : cid.toV1()).toString(base32)
/** Base36 is shorter by three letters than base32: it fits one label of a host name where that does not. */
export const base36Of = (cid: CID): string => (cid.version === 1 ? cid : cid.toV1()).toString(base36)
