// sx verify: a ladder, its verdict, and a status for each verdict.
import type { Verdict } from '../../app-port.ts'
import type { Command } from '../command.ts'

const statuses = { verified: 0, unsigned: 9, incomplete: 3, failed: 4 } as const satisfies Record<
  Verdict,
  number
>
const marks = { proven: '✓', failed: '✗', missing: '?', none: '·' } as const
const colors = { proven: 'green', failed: 'red', missing: 'yellow', none: 'dim' } as const
const says = {
  verified: 'verified',
  unsigned: 'right as far as it goes, and signed by nobody',
  incomplete: 'not verified: something that it takes is missing',
  failed: 'NOT what it says it is',
} as const satisfies Record<Verdict, string>

export const run: Command = async ({ args, options, io, print, app }) => {
  const report = await (await app()).verify(args[0]!, {
    from: typeof options.from === 'string' ? options.from.split(',').map(url => url.trim()) : [],
    signal: io.signal,
  })
  print.object(report)
  for (const { step, state, says: by } of report.steps)
    print.text(`${print.style(colors[state], marks[state])} ${step.padEnd(11)} ${by}`)
  print.text(print.style('bold', says[report.verdict]))
  return statuses[report.verdict]
}
