// sx tag: a name for a release, which keeps its blocks.

import type { Command } from '../command.ts'
import { wholeNumber } from '../whole-number.ts'

export const run: Command = async ({ args, options, io, print, app }) => {
  const [tag = '', number] = args
  const report = await (await app()).tag(io.cwd, tag, {
    ...(number !== undefined && { sequence: wholeNumber('number', number, 1, 999_999_999) }),
    remove: options.remove === true,
  })
  print.object(report)
  print.note(
    options.remove === true ? `no release is called ${tag} any more` : `release ${report.sequence} is ${tag}`,
  )
  print.text(report.directory)
  return 0
}
