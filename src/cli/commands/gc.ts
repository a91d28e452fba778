// sx gc: what goes, and why the rest stays.

import { bytes, count } from '../amounts.ts'
import type { Command } from '../command.ts'

export const run: Command = async ({ options, print, app }) => {
  const report = await (await app()).gc({ dryRun: options['dry-run'] === true })
  print.object(report)
  const { kinds, kept } = report
  const what = Object.entries(kinds).map(([kind, n]) => `${n} ${kind}`)
  if (what.length > 0) print.note(`no pin leads to these: ${what.join(', ')}`)
  if (report.dryRun) for (const cid of report.named) print.note(`  ${cid}`)
  print.note(
    `kept: ${count(kept.blocks, 'block')}, ${bytes(kept.bytes)}, for ${count(kept.pins.length, 'root')} (sx pin ls)` +
      (kept.byHelia > 0 ? `, and ${kept.byHelia} that Helia pins` : ''),
  )
  print.text(
    `${report.dryRun ? 'would remove' : 'removed'} ${count(report.blocks, 'block')}, ${bytes(report.bytes)}`,
  )
  return 0
}
