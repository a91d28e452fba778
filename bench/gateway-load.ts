// The gateway under load: 500 connections of slow readers on different files, streams that are given up, huge ranges, CARs of
// 100,000 blocks. What it holds in memory, how late its event loop is, which descriptors stay open.
//   node bench/gateway-load.ts      lines for people on standard error, one JSON line on standard output
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { composeContent } from '../src/app/content.ts'
import { sha256 } from '../src/app/sha256.ts'
import { keepYoungHeap } from '../src/app/young-heap.ts'
import { createGateway } from '../src/gateway/gateway.ts'
import { DAG_CBOR, SHA2_256 } from '../src/ipld/cid.ts'
import { defaultServe } from '../src/settings.ts'
import { createFiles } from '../src/store/files.ts'
import { openStore } from '../src/store/sqlite.ts'

const CONNECTIONS = 500
const FILES = 160
const BLOCKS = 100_000

const [path] = process.argv.slice(2)
if (process.send !== undefined) await serve(path!)
else await main()

async function serve(file: string): Promise<void> {
  const store = openStore({ path: file, sha256, version: 'bench' })
  const gateway = await createGateway({
    store,
    files: { resolve: () => undefined, read: () => [] },
    sha256,
    clock: Date.now,
    content: composeContent({ ...defaultServe, store }),
  })
  keepYoungHeap()
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  // on a busy machine a loop is late because others run: how long it works without letting go tells of itself alone
  const turns: number[] = []
  let before = process.cpuUsage()
  setInterval(() => {
    const { user, system } = process.cpuUsage(before)
    turns.push((user + system) / 1000)
    before = process.cpuUsage()
  }, 5)
  process.on('message', () => {
    const sorted = turns.splice(0).sort((a, b) => a - b)
    process.send!({
      p99: delay.percentile(99) / 1e6,
      max: delay.max / 1e6,
      turn: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    })
    delay.reset()
  })
  process.on('disconnect', () => process.exit())
  process.send!({ url: await gateway.listen(0) })
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sx-load-'))
  const file = join(folder, 'store.sqlite')
  const store = openStore({ path: file, sha256, version: 'bench' })
  const builder = createFiles(sha256)
  const files: string[] = []
  for (let n = 0; n < FILES; n++) {
    const bytes = Uint8Array.from({ length: 2 ** 20 }, (_, i) => Math.imul(i + n * 7919, 2654435761) >>> 24)
    const { cid, blocks } = await builder.addFile(bytes)
    store.blocks.put(
      blocks.map(block => ({ digest: CID.parse(block.cid).multihash.digest, bytes: block.bytes })),
    )
    files.push(cid)
  }
  const huge = await builder.addFile(
    Uint8Array.from({ length: 64 * 2 ** 20 }, (_, i) => Math.imul(i, 2654435761) >>> 23),
  )
  store.blocks.put(
    huge.blocks.map(block => ({ digest: CID.parse(block.cid).multihash.digest, bytes: block.bytes })),
  )
  const put = (value: unknown): { cid: CID; block: { digest: Uint8Array; bytes: Uint8Array } } => {
    const bytes = encode(value)
    const digest = sha256(bytes)
    return { cid: CID.createV1(DAG_CBOR, create(SHA2_256, digest)), block: { digest, bytes } }
  }
  const lists: CID[] = []
  for (let n = 0; n < BLOCKS / 1000; n++) {
    const leaves = Array.from({ length: 999 }, (_, i) => put([n, i, 'x'.repeat(250)]))
    const list = put(leaves.map(({ cid }) => cid))
    store.blocks.put([...leaves, list].map(({ block }) => block))
    lists.push(list.cid)
  }
  const root = put(lists)
  store.blocks.put([root.block])
  store.close()

  const child = fork(new URL(import.meta.url), [file])
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  const pid = child.pid!
  const port = Number(new URL(url).port)
  /** Memory of its own, without the pages of the store's file that it shares with everybody who reads that file. */
  const rss = (): number =>
    Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
  const descriptors = (): number => readdirSync(`/proc/${pid}/fd`).length
  const delay = async (): Promise<{ p99: number; max: number; turn: number }> => {
    child.send('delay')
    return ((await once(child, 'message')) as [{ p99: number; max: number; turn: number }])[0]
  }
  await fetch(`${url}ipfs/${files[0]}`).then(response => response.arrayBuffer())
  const atRest = { rss: rss(), descriptors: descriptors() }
  const figures: Record<string, unknown>[] = []
  const phase = async (name: string, work: () => Promise<string>): Promise<void> => {
    await delay()
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, rss())
    }, 50)
    const from = performance.now()
    const told = await work()
    const seconds = (performance.now() - from) / 1000
    clearInterval(watch)
    const { p99, max, turn } = await delay()
    console.error(
      `${name.padEnd(46)} ${seconds.toFixed(1).padStart(5)} s, memory at most ${most.toFixed(0)} MiB, loop late p99 ${p99.toFixed(0)} ms, at most ${max.toFixed(0)} ms, works p99 ${turn.toFixed(0)} ms on end; ${told}`,
    )
    figures.push({ name, seconds, rss: most, p99, max, turn, told })
  }

  /** Sends one request; resolves with what came, read at `pace` bytes a step of 50 ms (0: as fast as it comes). */
  const ask = (
    target: string,
    headers = '',
    pace = 0,
    until = Number.POSITIVE_INFINITY,
  ): Promise<{ status: number; bytes: number }> =>
    new Promise(resolve => {
      let bytes = 0
      let status = 0
      const socket: Socket = connect(port, '127.0.0.1', () =>
        socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${headers}\r\n`),
      )
      const take = (chunk: Buffer): void => {
        if (status === 0) status = Number(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString('latin1', 0, 20))?.[1] ?? 0)
        bytes += chunk.length
        if (bytes > until) socket.destroy()
      }
      if (pace === 0) socket.on('data', take)
      else {
        const timer = setInterval(() => {
          const chunk = (socket.read(pace) ?? socket.read()) as Buffer | null
          if (chunk !== null) take(chunk)
        }, 50)
        socket.on('close', () => clearInterval(timer))
        socket.on('end', () => {})
      }
      socket.on('error', () => {})
      socket.on('close', () => resolve({ status, bytes }))
    })
  const all = async (
    count: number,
    one: (i: number) => Promise<{ status: number; bytes: number }>,
  ): Promise<string> => {
    const answers = await Promise.all(Array.from({ length: count }, (_, i) => one(i)))
    const statuses = Object.entries(Object.groupBy(answers, ({ status }) => String(status))).map(
      ([status, list]) => `${list!.length}× ${status}`,
    )
    return `${statuses.join(', ')}, ${(answers.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20).toFixed(0)} MiB read`
  }

  await phase(`${CONNECTIONS} slow readers of ${FILES} files of 1 MiB`, () =>
    all(CONNECTIONS, i => ask(`/ipfs/${files[i % FILES]}`, '', 16_384)),
  )
  await phase(`${CONNECTIONS} streams of 64 MiB, given up after 1 MiB`, () =>
    all(CONNECTIONS, () => ask(`/ipfs/${huge.cid}`, '', 0, 2 ** 20)),
  )
  await phase('100 ranges of 60 MiB and more', () =>
    all(100, i => ask(`/ipfs/${huge.cid}`, `Range: bytes=${i}-\r\n`)),
  )
  await phase(`8 CARs of ${BLOCKS.toLocaleString('en')} blocks`, () =>
    all(8, () => ask(`/ipfs/${root.cid}?format=car`)),
  )
  await phase('500 CARs at once, slow, given up after 100 KB', () =>
    all(500, () => ask(`/ipfs/${root.cid}?format=car`, '', 4096, 100_000)),
  )
  await sleep(1000)
  const afterwards = { rss: rss(), descriptors: descriptors() }
  console.error(
    `descriptors ${atRest.descriptors} → ${afterwards.descriptors}, memory ${atRest.rss.toFixed(0)} → ${afterwards.rss.toFixed(0)} MiB`,
  )
  child.disconnect()
  rmSync(folder, { recursive: true, force: true })
  console.log(JSON.stringify({ bench: 'gateway-load', figures, atRest, afterwards }))
}
