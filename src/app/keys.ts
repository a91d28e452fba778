// The publisher's keys beside the store, and who is asked for their passphrase.
import { dirname, join } from 'node:path'
import type { App } from '../app-port.ts'
import { SxError } from '../errors.ts'
import type { AskPassphrase, KeyRing } from '../publish/key-ring.ts'
import type { Workshop } from './workshop.ts'

export const openKeys = async (shop: Workshop): Promise<KeyRing> => {
  const { createKeyRing } = await import('../publish/key-ring.ts')
  const { passphrase } = shop.environment
  const ask: AskPassphrase = async question => {
    if (passphrase !== undefined) return passphrase
    const answer = await shop.options.askPassphrase?.(question)
    if (answer !== undefined) return answer
    throw new SxError('key-locked', `the key ${question.name} needs its passphrase`, {
      hint: 'set SX_PASSPHRASE, or run this in a terminal',
    })
  }
  return createKeyRing(join(dirname(await shop.storePath()), 'keys'), ask)
}

export const createKeyCommands = (shop: Workshop): App['keys'] => ({
  list: async () => (await openKeys(shop)).list(),
  rotate: async name => (await openKeys(shop)).rotate(name),
  export: async (name, format) => {
    const keys = await openKeys(shop)
    const known = keys.find(name)
    if (known === undefined)
      throw new SxError('not-found', `There is no key named ${name}`, { hint: 'sx key ls lists them' })
    const { exportKey } = await import('../publish/key-formats.ts')
    return exportKey(await keys.open(known.publisher), format)
  },
  import: async (name, bytes) => {
    const { importKey } = await import('../publish/key-formats.ts')
    return (await openKeys(shop)).add(name, importKey(bytes))
  },
})
