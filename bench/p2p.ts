// A site of 10,000 blocks by bitswap on loopback: between two stores of ours, and with Kubo both ways.
//   node bench/p2p.ts [blocks=10000] [path of ipfs]    processes of their own, on a quiet machine
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from '../src/app/sha256.ts'
import { blockOf } from '../src/ipld/block.ts'
import { DAG_CBOR } from '../src/ipld/cid.ts'
import type { Block } from '../src/ports.ts'
import { openStore } from '../src/store/sqlite.ts'
import { startKubo } from '../test/support/kubo.ts'
import { createSandbox, jsonLines } from '../test/support/sandbox.ts'

const most = Number(process.argv[2] ?? 10_000)
if (process.argv[3] !== undefined) process.env.KUBO = process.argv[3]

/** Definitions of about 280 bytes, twenty to an index, up to one root. */
const all: Block[] = []
let level = Array.from({ length: Math.floor(most * 0.95) }, (_, i) =>
  blockOf(encode({ i, text: 'x'.repeat(250) }), DAG_CBOR, sha256),
)
for (all.push(...level); level.length > 1; all.push(...level)) {
  const below = level
  level = []
  for (let at = 0; at < below.length; at += 20)
    level.push(
      blockOf(encode({ links: below.slice(at, at + 20).map(({ cid }) => CID.parse(cid)) }), DAG_CBOR, sha256),
    )
}
const root = level[0]!.cid

const folder = mkdtempSync(join(tmpdir(), 'sx-bench-p2p-'))
const ours = createSandbox()
const kubo = await startKubo({ offline: false })
const tell = (what: string, blocks: number, ms: number): void =>
  console.log(
    `${what.padEnd(32)} ${blocks} blocks  ${(ms / 1000).toFixed(1)} s  ${Math.round((blocks * 1000) / ms)} blocks/s`,
  )
const take = async (what: string, address: string): Promise<void> => {
  const store = join(folder, `${what}.sqlite`)
  const started = performance.now()
  const ran = await ours.run(['fetch', root, '--json', '--store', store, '--peer', address])
  if (ran.status !== 0) throw new Error(ran.err)
  const { blocks, written } = JSON.parse(ran.out) as { blocks: number; written: number }
  if (blocks !== all.length || written !== blocks) throw new Error(`${what}: ${ran.out}`)
  tell(what, blocks, performance.now() - started)
}
try {
  const store = openStore({ path: ours.store, sha256, version: 'bench' })
  store.commit({ site: 'bench', root, blocks: all, keep: 1, version: 'bench' })
  store.close()
  const serving = await ours.start(['serve', '--content-only', '--port', '0', '--json', '--p2p'])
  const { addresses } = jsonLines(serving.said.out)[0]!.peer as { addresses: string[] }
  await take('ours from ours, TCP', addresses[0]!)
  await take('ours from ours, WebSocket', addresses[1]!)
  kubo.run('swarm', 'connect', addresses[0]!)
  const started = performance.now()
  kubo.run('pin', 'add', root)
  tell('Kubo from ours', all.length, performance.now() - started)
  const { Addresses } = JSON.parse(kubo.run('id')) as { Addresses: string[] }
  await take('ours from Kubo', Addresses[0]!)
  await serving.stop()
} finally {
  await kubo.stop()
  await ours.stop()
  rmSync(folder, { recursive: true, force: true })
}
