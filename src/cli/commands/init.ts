// sx init: the starter, and what to do next.
import { relative, resolve } from 'node:path'
import type { Command } from '../command.ts'

export const run: Command = async ({ args, io, print, app }) => {
  const dir = resolve(io.cwd, args[0] ?? '.')
  const report = await (await app()).init(dir)
  print.object(report)
  const here = relative(io.cwd, report.dir)
  print.text(report.files.map(file => `  ${file}\n`).join(''))
  print.note(`${print.style('green', 'ready')}  ${here === '' ? '' : `cd ${here} && `}sx dev`)
  return 0
}
