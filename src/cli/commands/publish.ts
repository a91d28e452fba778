// sx publish: a receipt, or a few lines that say where it is and end with the directory's CID.
import { resolve } from 'node:path'
import type { PublishOptions, Receipt, TargetReport } from '../../app-port.ts'
import { bytes, count } from '../amounts.ts'
import type { Call, Command } from '../command.ts'
import { INCOMPLETE } from '../exit.ts'
import type { Printer } from '../print.ts'
import { createProgress } from '../progress.ts'

export const run: Command = async call =>
  receive(call, async options =>
    (await call.app()).publish(resolve(call.io.cwd, call.args[0] ?? '.'), options),
  )

/** Runs what ends with a receipt, and tells it. */
export async function receive(
  { options, io, json, print }: Call,
  publish: (options: PublishOptions) => Promise<Receipt>,
): Promise<number> {
  const progress = createProgress(json ? { write: () => {} } : io.stderr, Date.now)
  const receipt = await publish({
    ...(typeof options.to === 'string' && { to: options.to.split(',').map(name => name.trim()) }),
    full: options.full === true,
    onProgress: progress.show,
    signal: io.signal,
  }).finally(progress.done)
  print.object(receipt)
  for (const line of lines(receipt, print)) print.note(line)
  print.text(receipt.directory)
  return receipt.complete ? 0 : INCOMPLETE
}

function* lines(receipt: Receipt, print: Printer): Generator<string> {
  const { sequence, time, unchanged, root, publisher, blocks, bytes: size, ms, targets } = receipt
  yield unchanged
    ? `nothing has changed since release ${sequence} of ${time}: no other was made`
    : `release ${sequence} · ${count(blocks, 'block')}, ${bytes(size)} (${targets[0]?.sent ?? 0} new) · ${Math.round(ms)} ms`
  yield `root      ${root}`
  yield `publisher ${publisher}`
  const remote = targets.slice(1)
  for (const target of remote) yield* targetLines(target, print)
  if (remote.length === 0) {
    yield 'stored and pinned on this machine only; nobody else can fetch it yet'
    yield '  next: name "targets" in sx.config.json (docs/publishing.md), or sx export site.car'
  }
}

const colors = { live: 'green', pinned: 'yellow', failed: 'red' } as const

function* targetLines(
  { name, state, sent, bytes: size, verified, links, notes, error }: TargetReport,
  print: Printer,
) {
  const what =
    state === 'failed' ? 'it has it not' : sent === 0 ? 'nothing new to send' : `${sent} sent, ${bytes(size)}`
  const looked =
    verified === undefined
      ? state === 'pinned' && error === undefined
        ? ' · not fetched back: it has no gateway to ask'
        : ''
      : ` · ${verified.checked}${verified.of === undefined ? '' : ` of ${verified.of}`} verified by ${verified.by}, ${Math.round(verified.ms)} ms`
  const noted = Object.entries(notes ?? {}).map(([key, value]) => ` · ${key} ${value}`)
  yield `${print.style(error === undefined ? colors[state] : 'red', state.padEnd(6))}    ${name}: ${what}${looked}${noted.join('')}`
  if (error !== undefined) yield `  ${error.message}${error.hint === undefined ? '' : `\n  ${error.hint}`}`
  for (const link of links) yield `  ${link}`
}
