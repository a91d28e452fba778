// sx eval: the value of the last form, as SX or as HTML.
import { text } from 'node:stream/consumers'
import type { Outcome } from '../../app-port.ts'
import type { Command } from '../command.ts'

export const run: Command = async ({ args, options, io, print, app }) => {
  const dir = typeof options.dir === 'string' ? options.dir : undefined
  const given = args[0] === '-' ? await text(io.stdin) : args[0]!
  const session = await (await app()).session(dir, { strict: options.strict === true })
  let last: Outcome | undefined
  session.run(given, args[0] === '-' ? 'stdin' : 'expression', outcome => {
    last = outcome
  })
  if (last?.kind !== 'value') {
    print.object({ value: null })
    return 0
  }
  const html = options.html === true ? last.html() : undefined
  print.object(html === undefined ? { value: last.text } : { html })
  print.text(html ?? last.text)
  if (html === undefined && last.isMarkup) print.note('--html renders it')
  return 0
}
