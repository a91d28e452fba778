// sx log: releases as lines, newest first, and what is known of the targets.
import { resolve } from 'node:path'
import type { Command } from '../command.ts'

export const run: Command = async ({ args, io, print, app }) => {
  const log = await (await app()).log(resolve(io.cwd, args[0] ?? '.'))
  print.object(log)
  if (log.releases.length === 0) print.note('nothing of this folder has been published: sx publish')
  for (const { sequence, time, directory, tags, kept, handedOver } of log.releases) {
    const said = [...tags, ...(kept ? [] : ['not kept here']), ...(handedOver ? ['by a new key'] : [])]
    print.text(
      `${print.style('bold', String(sequence).padStart(4))}  ${time}  ${directory}${said.length === 0 ? '' : `  ${said.join(', ')}`}`,
    )
  }
  for (const { name, state, sequence, at, error } of log.targets)
    print.text(
      `${name}: ${state}${sequence === undefined ? '' : `, has release ${sequence}`}, ${at}${error === undefined ? '' : `\n  ${error}`}`,
    )
  return 0
}
