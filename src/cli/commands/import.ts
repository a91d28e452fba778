// sx import: a CAR into the store.

import { bytes, count } from '../amounts.ts'
import type { Command } from '../command.ts'

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
