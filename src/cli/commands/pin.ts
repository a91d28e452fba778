// sx pin: what the store keeps.
import type { PinReport } from '../../app-port.ts'
import { SxError } from '../../errors.ts'
import type { Command } from '../command.ts'

const why = ({ kind, name, tag, sequence }: PinReport): string =>
  kind === 'site'
    ? `build ${sequence} of ${name}`
    : kind === 'release'
      ? `a release of ${name}`
      : kind === 'tag'
        ? `tag ${tag} of ${name}`
        : `pin ${name}`

export const run: Command = async ({ args, print, app }) => {
  const [action, what, name] = args
  const { pins } = await app()
  if (action === 'ls' && args.length === 1) {
    const all = await pins.list()
    print.object({ pins: all })
    if (all.length === 0) print.note('nothing is pinned')
    for (const one of all) print.text(`${one.root}  ${why(one)}`)
  } else if (action === 'add' && what !== undefined) {
    const one = await pins.add(what, name)
    print.object(one)
    print.text(`${one.root}  ${why(one)}`)
  } else if (action === 'rm' && what !== undefined && args.length === 2) {
    const removed = await pins.remove(what)
    print.object({ removed })
    for (const one of removed) print.text(one.root)
    print.note('its blocks stay until sx gc')
  } else
    throw new SxError('usage', `sx pin can't do ${JSON.stringify(args.join(' '))}`, {
      hint: 'sx pin ls | add <cid|tag|number> [name] | rm <name|cid>',
    })
  return 0
}
