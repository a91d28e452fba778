// sx import: a CAR into the store.
import type { Command } from '../command.ts'
import { bytes, count } from './build.ts'

export const run: Command = async ({ args, options, io, print, app }) => {
  const report = await (await app()).import(args[0]!, {
    ...(typeof options.name === 'string' && { name: options.name }),
    signal: io.signal,
  })
  print.object(report)
  print.note(`${count(report.blocks, 'block')}, ${bytes(report.bytes)} (${report.written} new)`)
  print.text(report.roots.join('\n'))
  return 0
}
