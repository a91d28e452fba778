// The publisher's keys on this machine: one file each, made at first use, never without a passphrase.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { SxError } from '../errors.ts'
import { type KeyFile, lockKey, readKeyFile, unlockKey } from './key-file.ts'
import { keyFromSeed, type SigningKey } from './signing-key.ts'

/** Asks for the passphrase of a key; `fresh`: one that is about to be made. */
export type AskPassphrase = (question: { readonly name: string; readonly fresh: boolean }) => Promise<string>

export interface KnownKey {
  readonly name: string
  readonly publisher: string
  /** false: another key has taken its place under this name */
  readonly current: boolean
}

export interface KeyRing {
  list(): readonly KnownKey[]
  /** the current key of a name */
  find(name: string): KnownKey | undefined
  /** Opens the current key of `name`, made now when there is none. Throws 'key-locked', 'key-invalid'. */
  ensure(name: string): Promise<SigningKey>
  /** Opens the key of a publisher, current or not. Throws 'not-found', 'key-locked'. */
  open(publisher: string): Promise<SigningKey>
  /** Puts a key under a name that has none. Throws 'usage' when it has one. */
  add(name: string, key: SigningKey): Promise<KnownKey>
  /** A new key takes the place of the current one, which stays to hand over. Throws 'not-found'. */
  rotate(name: string): Promise<KnownKey>
}

const SUFFIX = '.key.json'

/** `folder` is made when the first key is. File names: `<name>.key.json`, and `<name>.<publisher>.key.json` once replaced. */
export const createKeyRing = (folder: string, ask: AskPassphrase): KeyRing => {
  const opened = new Map<string, SigningKey>()

  const checkName = (name: string): void => {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/.test(name))
      throw new SxError('usage', `${JSON.stringify(name)} can't name a key`, {
        hint: 'use letters, digits, - and _: set "key" in sx.config.json',
      })
  }
  const fileOf = (name: string, replaced?: string): string =>
    join(folder, `${name}${replaced === undefined ? '' : `.${replaced}`}${SUFFIX}`)
  const read = (path: string): KeyFile => readKeyFile(readFileSync(path, 'utf8'), path)

  /** All of it or nothing, and on the disk when it returns. */
  const write = (path: string, file: KeyFile, replace: boolean): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const beside = `${path}.${randomBytes(6).toString('hex')}~`
    try {
      const fd = openSync(beside, 'wx', 0o600)
      try {
        writeSync(fd, `${JSON.stringify(file, null, 2)}\n`)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      if (replace) renameSync(beside, path)
      else linkSync(beside, path)
    } finally {
      rmSync(beside, { force: true })
    }
  }
  const unlock = async (name: string, file: KeyFile): Promise<SigningKey> => {
    const known = opened.get(file.publisher)
    if (known !== undefined) return known
    const key = await unlockKey(file, await ask({ name, fresh: false }))
    opened.set(key.publisher, key)
    return key
  }
  const lock = async (name: string, key: SigningKey): Promise<KeyFile> => {
    const passphrase = await ask({ name, fresh: true })
    if (passphrase === '') throw new SxError('key-locked', 'a key is not kept without a passphrase')
    return lockKey(key, passphrase)
  }

  const list = (): readonly KnownKey[] => {
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .filter(file => file.endsWith(SUFFIX))
      .sort()
      .map(file => {
        const [name = '', replaced] = file.slice(0, -SUFFIX.length).split('.')
        return { name, publisher: read(join(folder, file)).publisher, current: replaced === undefined }
      })
  }
  const find = (name: string): KnownKey | undefined => {
    checkName(name)
    return existsSync(fileOf(name))
      ? { name, publisher: read(fileOf(name)).publisher, current: true }
      : undefined
  }
  const add = async (name: string, key: SigningKey): Promise<KnownKey> => {
    checkName(name)
    const taken = (): SxError =>
      new SxError('usage', `there is a key named ${name} already`, {
        hint: 'give another name, or rotate it',
      })
    if (existsSync(fileOf(name))) throw taken()
    const file = await lock(name, key)
    try {
      write(fileOf(name), file, false)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw taken()
      throw cause
    }
    opened.set(key.publisher, key)
    return { name, publisher: key.publisher, current: true }
  }

  return {
    list,
    find,
    add,
    ensure: async name => {
      checkName(name)
      if (existsSync(fileOf(name))) return unlock(name, read(fileOf(name)))
      const key = keyFromSeed(randomBytes(32))
      await add(name, key)
      return key
    },
    open: async publisher => {
      const known = list().find(one => one.publisher === publisher)
      if (known === undefined)
        throw new SxError('not-found', `the key ${publisher} is not on this machine`, {
          hint: 'bring it with: sx key import <name> <file>',
        })
      return unlock(known.name, read(fileOf(known.name, known.current ? undefined : publisher)))
    },
    rotate: async name => {
      const old = find(name)
      if (old === undefined) throw new SxError('not-found', `there is no key named ${name}`)
      // opened first: a key that nobody can open could not hand over
      await unlock(name, read(fileOf(name)))
      const key = keyFromSeed(randomBytes(32))
      const file = await lock(name, key)
      const kept = fileOf(name, old.publisher)
      if (!existsSync(kept)) linkSync(fileOf(name), kept)
      write(fileOf(name), file, true)
      opened.set(key.publisher, key)
      return { name, publisher: key.publisher, current: true }
    },
  }
}
