// sx publish: a receipt, or a few lines that say where it is and end with the directory's CID.
import { resolve } from 'node:path'
import type { Receipt } from '../../app-port.ts'
import type { Command } from '../command.ts'
import { createProgress } from '../progress.ts'
import { bytes, count } from './build.ts'

export const run: Command = async ({ args, io, json, print, app }) => {
  const progress = createProgress(json ? { write: () => {} } : io.stderr, Date.now)
  const receipt = await (await app())
    .publish(resolve(io.cwd, args[0] ?? '.'), { onProgress: progress.show, signal: io.signal })
    .finally(progress.done)
  print.object(receipt)
  for (const line of lines(receipt)) print.note(line)
  print.text(receipt.directory)
  return 0
}

export function lines(receipt: Receipt): readonly string[] {
  const { sequence, time, unchanged, root, publisher, blocks, bytes: size, ms, targets } = receipt
  const fresh = targets.reduce((sum, target) => sum + target.blocks, 0)
  return [
    unchanged
      ? `nothing has changed since release ${sequence} of ${time}: no other was made`
      : `release ${sequence} · ${count(blocks, 'block')}, ${bytes(size)} (${fresh} new) · ${Math.round(ms)} ms`,
    `root      ${root}`,
    `publisher ${publisher}`,
    'stored and pinned on this machine only; nobody else can fetch it yet',
    '  next: sx export site.car, and import that where it is to be served',
  ]
}
