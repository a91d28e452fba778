// A publisher's private key at rest: Ed25519 under a passphrase, by scrypt and AES-256-GCM.
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { SxError } from '../errors.ts'
import { publisherKey } from '../ipld/publisher.ts'
import { keyFromSeed, type SigningKey } from './signing-key.ts'

/** As written, in JSON; all bytes in base64. */
export interface KeyFile {
  readonly sx: 'key'
  readonly version: 1
  readonly publisher: string
  readonly kdf: {
    readonly name: 'scrypt'
    readonly N: number
    readonly r: number
    readonly p: number
    readonly salt: string
  }
  readonly cipher: { readonly name: 'aes-256-gcm'; readonly iv: string }
  /** the seed, encrypted, and 16 bytes of tag */
  readonly data: string
}

/** One of the equal settings of OWASP's password storage advice: 32 MiB and about 0.2 s. */
const COST = { N: 2 ** 15, r: 8, p: 3 }
/** A foreign file may not ask for more than this. */
const MOST_MEMORY = 2 ** 28
const MOST_WORK = 2 ** 24
const TAG = 16

const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt)

const keyOf = (passphrase: string, { N, r, p, salt }: KeyFile['kdf']): Promise<Buffer> =>
  derive(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64'), 32, { N, r, p, maxmem: MOST_MEMORY })

/** What the tag vouches for besides the seed: nobody changes whose key it is, or how it was derived. */
const associated = ({ version, publisher, kdf }: Omit<KeyFile, 'cipher' | 'data'>): Buffer =>
  Buffer.from(JSON.stringify([version, publisher, kdf.name, kdf.N, kdf.r, kdf.p, kdf.salt]))

export const lockKey = async (key: SigningKey, passphrase: string): Promise<KeyFile> => {
  const kdf = { name: 'scrypt', ...COST, salt: randomBytes(16).toString('base64') } as const
  const head = { sx: 'key', version: 1, publisher: key.publisher, kdf } as const
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, kdf), iv)
  cipher.setAAD(associated(head))
  const data = Buffer.concat([cipher.update(key.seed()), cipher.final(), cipher.getAuthTag()])
  return {
    ...head,
    cipher: { name: 'aes-256-gcm', iv: iv.toString('base64') },
    data: data.toString('base64'),
  }
}

/** Throws 'key-locked' for a wrong passphrase, 'key-invalid' for a file that is no key. */
export const unlockKey = async (file: KeyFile, passphrase: string): Promise<SigningKey> => {
  const secret = await keyOf(passphrase, file.kdf)
  const data = Buffer.from(file.data, 'base64')
  let seed: Buffer
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, Buffer.from(file.cipher.iv, 'base64'))
    decipher.setAAD(associated(file))
    decipher.setAuthTag(data.subarray(-TAG))
    seed = Buffer.concat([decipher.update(data.subarray(0, -TAG)), decipher.final()])
  } catch (cause) {
    throw new SxError('key-locked', `the passphrase does not open the key ${file.publisher}`, {}, cause)
  }
  const key = keyFromSeed(seed)
  if (key.publisher !== file.publisher)
    throw new SxError('key-invalid', `the key file of ${file.publisher} holds another key`)
  return key
}

const isText = (value: unknown, most = 200): value is string =>
  typeof value === 'string' && value.length <= most

/** A key file's text, checked before anything is derived from what it says. Throws 'key-invalid'. */
export const readKeyFile = (text: string, from: string): KeyFile => {
  const refuse = (why: string): never => {
    throw new SxError('key-invalid', `${from} is no key file: ${why}`)
  }
  let json: Partial<KeyFile> | null
  try {
    json = JSON.parse(text) as Partial<KeyFile> | null
  } catch {
    return refuse('it is not JSON')
  }
  if (json?.sx !== 'key') return refuse('it does not say so')
  if (json.version !== 1) return refuse(`it has version ${String(json.version)}, and this sx knows 1`)
  const { publisher, kdf, cipher, data } = json
  if (!isText(publisher) || !isText(data) || !isText(kdf?.salt) || !isText(cipher?.iv))
    return refuse('a part is missing')
  publisherKey(publisher)
  if (kdf.name !== 'scrypt' || cipher.name !== 'aes-256-gcm') return refuse('it is locked in another way')
  const { N, r, p } = kdf
  if (
    ![N, r, p].every(n => Number.isInteger(n) && n >= 1) ||
    128 * N * r > MOST_MEMORY / 2 ||
    N * r * p > MOST_WORK
  )
    return refuse('opening it would take too much memory or time')
  return json as KeyFile
}
