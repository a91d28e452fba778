// sx fetch: a root and all below it from peers.
import { SxError } from '../../errors.ts'
import { peerAddress } from '../../settings.ts'
import { bytes, count } from '../amounts.ts'
import type { Command } from '../command.ts'
import { createProgress } from '../progress.ts'
import { wholeNumber } from '../whole-number.ts'

export const run: Command = async ({ args, options, io, json, print, app }) => {
  const peers = typeof options.peer === 'string' ? options.peer.split(',').map(part => part.trim()) : []
  if (peers.length === 0)
    throw new SxError('usage', 'sx fetch needs a peer to ask', {
      hint: '--peer /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…: `sx serve --p2p` prints it, and `ipfs id`',
    })
  const problem = peers.map(peerAddress).find(one => one !== undefined)
  if (problem !== undefined) throw new SxError('usage', `--peer ${problem}`)
  const progress = createProgress(json ? { write: () => {} } : io.stderr, Date.now)
  const report = await (await app())
    .fetch(args[0]!, {
      peers,
      most: wholeNumber('most-mib', options['most-mib'], 1024, 1_000_000) * 2 ** 20,
      wait: wholeNumber('wait', options.wait, 30, 3600),
      ...(typeof options.dht === 'string' && { dht: options.dht as 'lan' | 'public' }),
      ...(typeof options.name === 'string' && { name: options.name }),
      onProgress: progress.show,
      signal: io.signal,
    })
    .finally(progress.done)
  print.object(report)
  print.note(`${count(report.blocks, 'block')}, ${bytes(report.bytes)} (${report.written} new)`)
  print.text(report.root)
  return 0
}
