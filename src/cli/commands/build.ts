// sx build: one object, or a few lines that end with the root.
import { resolve } from 'node:path'
import type { BuildReport } from '../../app-port.ts'
import { bytes, count } from '../amounts.ts'
import type { Command } from '../command.ts'
import { createProgress } from '../progress.ts'

export const run: Command = async ({ args, io, json, print, app }) => {
  const progress = createProgress(json ? { write: () => {} } : io.stderr, Date.now)
  let report: BuildReport
  try {
    report = await (await app()).build(resolve(io.cwd, args[0] ?? '.'), {
      onProgress: progress.show,
      signal: io.signal,
    })
  } finally {
    progress.done()
  }
  print.object(report)
  print.note(summary(report))
  print.text(report.root)
  return 0
}

/** `212 definitions of 31 files, 9 pages · 340 blocks, 96 KB (12 new) · 84 ms` */
export function summary(report: BuildReport): string {
  const fresh = report.blocks - report.reused
  return (
    `${count(report.definitions, 'definition')} of ${count(report.files, 'file')}, ${count(report.pages.length, 'page')}` +
    ` · ${count(report.blocks, 'block')}, ${bytes(report.bytes)} (${fresh} new) · ${Math.round(report.ms)} ms`
  )
}
