// sx inspect
import type { Command } from '../command.ts'

export const run: Command = async ({ args, options, print, app }) => {
  const dir = options.dir
  const found = await (await app()).inspect(args[0]!, typeof dir === 'string' ? { dir } : {})
  for (const one of found) print.text(`${one.cid} ${one.kind} ${one.names.join(' ')}`)
  return 0
}
