// sx export: one CAR, or a folder of files.

import { bytes, count } from '../amounts.ts'
import type { Command } from '../command.ts'

export const run: Command = async ({ args, print, app }) => {
  const file = args.at(-1)!
  const report = await (await app()).export(args.length > 1 ? args[0] : undefined, file)
  print.object(report)
  const what = report.files === undefined ? count(report.blocks ?? 0, 'block') : count(report.files, 'file')
  print.note(`${what}, ${bytes(report.bytes)} in ${report.file}`)
  print.text(report.root)
  return 0
}
