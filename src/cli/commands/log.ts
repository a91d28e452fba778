// sx log: releases as lines, newest first.
import { resolve } from 'node:path'
import type { Command } from '../command.ts'

export const run: Command = async ({ args, io, print, app }) => {
  const releases = await (await app()).log(resolve(io.cwd, args[0] ?? '.'))
  print.object({ releases })
  if (releases.length === 0) print.note('nothing of this folder has been published: sx publish')
  for (const { sequence, time, directory, tags, kept, handedOver } of releases) {
    const said = [...tags, ...(kept ? [] : ['not kept here']), ...(handedOver ? ['by a new key'] : [])]
    print.text(
      `${print.style('bold', String(sequence).padStart(4))}  ${time}  ${directory}${said.length === 0 ? '' : `  ${said.join(', ')}`}`,
    )
  }
  return 0
}
