// sx fsck: what is not whole, and what was made good.

import { count } from '../amounts.ts'
import type { Command } from '../command.ts'

/** As for every error of a broken store. */
const BROKEN = 6

export const run: Command = async ({ options, io, print, app }) => {
  const report = await (await app()).fsck({
    repair: options.repair === true,
    from: typeof options.from === 'string' ? options.from.split(',').map(url => url.trim()) : [],
    signal: io.signal,
  })
  print.object(report)
  for (const { message } of report.problems) print.text(`${print.style('red', 'broken')} ${message}`)
  print.note(
    `${count(report.blocks, 'block')}, ${count(report.roots, 'root')}, ${count(report.releases, 'release')}: ` +
      `${report.problems.length === 0 ? 'whole' : count(report.problems.length, 'problem')}` +
      `${report.repaired > 0 ? `, ${report.repaired} made good` : ''} · ${Math.round(report.ms)} ms`,
  )
  return report.problems.length === 0 ? 0 : BROKEN
}
