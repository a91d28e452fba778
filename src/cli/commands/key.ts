// sx key: list, hand on, take, replace.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { App, KeyFormat } from '../../app-port.ts'
import { SxError } from '../../errors.ts'
import type { Call, Command } from '../command.ts'

type Action = (call: Call, keys: App['keys'], name: string, file: string) => Promise<void>

/** action → how many arguments follow it, and what it does */
const actions: Readonly<Record<string, readonly [takes: number, run: Action]>> = {
  ls: [
    0,
    async ({ print }, keys) => {
      const all = await keys.list()
      print.object({ keys: all })
      if (all.length === 0) print.note('there is no key yet: the first sx publish makes one')
      for (const { name, publisher, current } of all)
        print.text(`${publisher}  ${name}${current ? '' : ' (replaced)'}`)
    },
  ],
  export: [
    1,
    async ({ io, json, print, options }, keys, name) => {
      const format = (options.format ?? 'libp2p') as KeyFormat
      const bytes = await keys.export(name, format)
      if (json) print.object({ name, format, key: Buffer.from(bytes).toString('base64') })
      else io.stdout.write(bytes)
    },
  ],
  import: [
    2,
    async ({ io, print }, keys, name, file) => {
      const known = await keys.import(name, readFileSync(resolve(io.cwd, file)))
      print.object(known)
      print.text(known.publisher)
    },
  ],
  rotate: [
    1,
    async ({ print }, keys, name) => {
      const known = await keys.rotate(name)
      print.object(known)
      print.note('the next release is signed by both keys; the old one stays here for that')
      print.text(known.publisher)
    },
  ],
}

export const run: Command = async call => {
  const [action = '', name = '', file = ''] = call.args
  const found = Object.hasOwn(actions, action) ? actions[action] : undefined
  if (found === undefined || call.args.length !== found[0] + 1)
    throw new SxError('usage', `sx key can't do ${JSON.stringify(call.args.join(' '))}`, {
      hint: 'sx key ls | export <name> | import <name> <file> | rotate <name>',
    })
  await found[1](call, (await call.app()).keys, name, file)
  return 0
}
