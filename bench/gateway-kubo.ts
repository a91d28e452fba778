// Our gateway and Kubo's, side by side on the same blocks, rounds interleaved in one run: a raw block, a file of 1 MiB, a
// CAR of 500 blocks, a conditional request that ends in 304.
//   node bench/gateway-kubo.ts <path of ipfs>    lines for people on standard error, one JSON line on standard output
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { composeContent } from '../src/app/content.ts'
import { sha256 } from '../src/app/sha256.ts'
import { createGateway } from '../src/gateway/gateway.ts'
import { blockOf } from '../src/ipld/block.ts'
import { DAG_CBOR } from '../src/ipld/cid.ts'
import type { Block } from '../src/ports.ts'
import { defaultServe } from '../src/settings.ts'
import { writeCar } from '../src/store/car.ts'
import { createFiles } from '../src/store/files.ts'
import { openStore } from '../src/store/sqlite.ts'
import { connectAll, load, median, type Request } from './http-load.ts'

const ROUNDS = 7
const CONNECTIONS = 8
/** Clock ticks of /proc/…/stat. */
const HERTZ = 100

const [ipfs, path] = process.argv.slice(2)
if (process.send !== undefined) {
  const store = openStore({ path: path!, sha256, version: 'bench' })
  const gateway = await createGateway({
    store,
    files: { resolve: () => undefined, read: () => [] },
    sha256,
    clock: Date.now,
    content: composeContent({ ...defaultServe, store }),
  })
  process.send({ url: await gateway.listen(0) })
  process.on('disconnect', () => process.exit())
} else await main(ipfs ?? 'ipfs')

/** Seconds of CPU that a process and its threads have used. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / HERTZ
}

interface Peer {
  readonly name: string
  readonly url: string
  readonly pid: number
  stop(): void
}

async function startOurs(storePath: string): Promise<Peer> {
  const child = fork(new URL(import.meta.url), ['', storePath])
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { name: 'ours', url, pid: child.pid!, stop: () => child.disconnect() }
}

async function startKubo(binary: string, folder: string, carFile: string): Promise<Peer> {
  const env = { ...process.env, IPFS_PATH: join(folder, 'kubo'), IPFS_TELEMETRY: 'off' }
  const run = (...args: string[]): string =>
    execFileSync(binary, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  run('init', '--profile', 'test')
  run('config', 'Addresses.Gateway', '/ip4/127.0.0.1/tcp/0')
  run('config', 'Addresses.API', '/ip4/127.0.0.1/tcp/0')
  run('config', '--json', 'Gateway.NoFetch', 'true')
  run('dag', 'import', '--pin-roots=false', carFile)
  const child: ChildProcess = spawn(binary, ['daemon', '--offline'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = /Gateway server listening on \/ip4\/127\.0\.0\.1\/tcp\/(\d+)/.exec(line)?.[1]
    if (found !== undefined) {
      child.stdout!.resume()
      return {
        name: 'kubo',
        url: `http://127.0.0.1:${found}/`,
        pid: child.pid!,
        stop: () => void child.kill(),
      }
    }
  }
  throw new Error('Kubo did not start its gateway')
}

async function main(binary: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sx-kubo-'))
  const blocks: Block[] = Array.from({ length: 500 }, (_, i) =>
    blockOf(encode([`Definition ${i}. `, 'x'.repeat(250)]), DAG_CBOR, sha256),
  )
  const root = blockOf(encode(blocks.slice(1).map(({ cid }) => CID.parse(cid))), DAG_CBOR, sha256)
  const files = createFiles(sha256)
  // larger than a leaf, so that it is a file of several blocks for both
  const bytes = Uint8Array.from({ length: 2 ** 20 }, (_, i) => Math.imul(i, 2654435761) >>> 24)
  const file = await files.addFile(bytes)
  const all = [...blocks, root, ...file.blocks]

  const storePath = join(folder, 'store.sqlite')
  const store = openStore({ path: storePath, sha256, version: 'bench' })
  store.blocks.put(all.map(({ cid, bytes }) => ({ digest: CID.parse(cid).multihash.digest, bytes })))
  store.close()
  const carFile = join(folder, 'blocks.car')
  const pieces: Uint8Array[] = []
  for await (const piece of writeCar(
    [CID.parse(root.cid)],
    all.map(block => ({ cid: CID.parse(block.cid), bytes: block.bytes })),
  ))
    pieces.push(piece)
  writeFileSync(carFile, Buffer.concat(pieces))

  const peers = [await startOurs(storePath), await startKubo(binary, folder, carFile)]
  const cases: readonly (readonly [
    name: string,
    requests: number,
    request: (i: number) => Request,
    status?: number,
  ])[] = [
    ['raw block', 3000, i => ({ target: `/ipfs/${blocks[i % 500]!.cid}?format=raw` })],
    ['file of 1 MiB', 150, () => ({ target: `/ipfs/${file.cid}?filename=a.bin` })],
    ['CAR of 500 blocks', 60, () => ({ target: `/ipfs/${root.cid}?format=car` })],
    [
      'conditional, 304',
      3000,
      i => {
        const { cid } = blocks[i % 500]!
        return { target: `/ipfs/${cid}?format=raw`, headers: `If-None-Match: "${cid}.raw"\r\n` }
      },
      304,
    ],
  ]
  const sockets = await Promise.all(peers.map(({ url }) => connectAll(url, CONNECTIONS)))
  const figures = []
  for (const [name, requests, request, status = 200] of cases) {
    const rate = peers.map(() => [] as number[])
    const cpu = peers.map(() => [] as number[])
    for (const each of sockets) await load(each, Math.ceil(requests / 4), request, status)
    for (let round = 0; round < ROUNDS; round++)
      for (const [i, { pid }] of peers.entries()) {
        const before = cpuOf(pid)
        const ms = await load(sockets[i]!, requests, request, status)
        rate[i]!.push((requests / ms) * 1000)
        cpu[i]!.push(((cpuOf(pid) - before) / requests) * 1e6)
      }
    const [ours, kubo] = peers.map((_, i) => ({ rate: median(rate[i]!), cpu: median(cpu[i]!) }))
    console.error(
      `${name.padEnd(18)} ours ${ours!.rate.toFixed(0).padStart(6)}/s ${ours!.cpu.toFixed(0).padStart(6)} µs CPU   ` +
        `Kubo ${kubo!.rate.toFixed(0).padStart(6)}/s ${kubo!.cpu.toFixed(0).padStart(6)} µs CPU   ` +
        `${(ours!.rate / kubo!.rate).toFixed(2)}× the rate, ${(ours!.cpu / kubo!.cpu).toFixed(2)}× the CPU`,
    )
    figures.push({ name, ours, kubo })
  }
  for (const each of sockets.flat()) each.destroy()
  for (const peer of peers) peer.stop()
  await new Promise(resolve => setTimeout(resolve, 1000))
  rmSync(folder, { recursive: true, force: true })
  console.log(JSON.stringify({ bench: 'gateway-kubo', figures }))
}
