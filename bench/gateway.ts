// What an answer costs: a hot and a cold definition and a page, against a bare node:http answer of the same bytes and
// headers, rounds interleaved in one run; and what memory is like after 100,000 requests.
//   node bench/gateway.ts      lines for people on standard error, one JSON line on standard output
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../src/app/sha256.ts'
import { createGateway } from '../src/gateway/gateway.ts'
import { blockOf } from '../src/ipld/block.ts'
import { DAG_CBOR } from '../src/ipld/cid.ts'
import { encodeNode } from '../src/ipld/encode.ts'
import { sym } from '../src/lang/values.ts'
import type { Block } from '../src/ports.ts'
import { openStore } from '../src/store/sqlite.ts'

const BLOCKS = 10_000
const REQUESTS = 4_000
const ROUNDS = 9
const CONNECTIONS = 8

/** About 280 bytes each, as definitions are. */
const blocks: Block[] = Array.from({ length: BLOCKS }, (_, i) =>
  blockOf(
    encodeNode({
      kind: 'component',
      params: [],
      body: [[sym('p'), `Definition number ${i}. `, 'x'.repeat(200)]],
    }),
    DAG_CBOR,
    sha256,
  ),
)

type Mode = 'bare' | 'hot' | 'cold'
interface Told {
  readonly cpu: number
  readonly rss: number
  readonly heap: number
}

async function serve(mode: Mode, path: string): Promise<string> {
  if (mode === 'bare') {
    const { bytes, cid } = blocks[0]!
    const headers = [
      ['Content-Type', 'application/vnd.ipld.dag-cbor'],
      ['Cache-Control', 'public, max-age=29030400, immutable'],
      ['ETag', `"${cid}"`],
      ['Vary', 'Accept'],
      ['Access-Control-Allow-Origin', '*'],
      ['Access-Control-Expose-Headers', 'Content-Length, ETag, X-Ipfs-Path'],
      ['X-Content-Type-Options', 'nosniff'],
      ['Cross-Origin-Resource-Policy', 'cross-origin'],
      ['Content-Security-Policy', "default-src 'none'; sandbox"],
      ['Content-Length', String(bytes.byteLength)],
    ].flat()
    const server = createServer((_, response) => {
      response.writeHead(200, headers)
      response.end(bytes)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as { port: number }).port}/`
  }
  const store = openStore({ path, sha256, version: 'bench' })
  const gateway = await createGateway({
    store,
    files: { resolve: () => undefined, read: () => [] },
    sha256,
    clock: Date.now,
    // a cache that holds nothing: each answer is read from SQLite and verified
    ...(mode === 'cold' ? { limits: { hotBytes: 0 } } : {}),
  })
  return gateway.listen(0)
}

async function child(mode: Mode, path: string): Promise<void> {
  const url = await serve(mode, path)
  process.on('message', what => {
    // a full collection is for the memory figures; between two readings of the clock it would count as work
    if (what === 'memory') globalThis.gc?.()
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed } = process.memoryUsage()
    process.send!({ cpu: user + system, rss, heap: heapUsed } satisfies Told)
  })
  process.on('disconnect', () => process.exit())
  process.send!({ url })
}

interface Peer {
  readonly process: ChildProcess
  readonly sockets: readonly Socket[]
  ask(what: 'cpu' | 'memory'): Promise<Told>
}

async function start(mode: Mode, path: string): Promise<Peer> {
  const server = fork(new URL(import.meta.url), [mode, path], { execArgv: ['--expose-gc'] })
  const [{ url }] = (await once(server, 'message')) as [{ url: string }]
  const port = Number(new URL(url).port)
  const sockets = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect(port, '127.0.0.1')
      socket.setNoDelay(true)
      await once(socket, 'connect')
      return socket
    }),
  )
  return {
    process: server,
    sockets,
    ask: async what => {
      server.send(what)
      return ((await once(server, 'message')) as [Told])[0]
    },
  }
}

/** One request after another on each connection; the answer's end is known by its Content-Length. */
async function load(peer: Peer, requests: number, target: (i: number) => string): Promise<number> {
  let next = 0
  const from = performance.now()
  await Promise.all(
    peer.sockets.map(
      socket =>
        new Promise<void>((resolve, reject) => {
          let held = ''
          const send = (): boolean => {
            if (next >= requests) return false
            socket.write(`GET ${target(next++)} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n`)
            return true
          }
          const take = (chunk: Buffer): void => {
            held += chunk.toString('latin1')
            const end = held.indexOf('\r\n\r\n')
            if (end < 0) return
            if (!held.startsWith('HTTP/1.1 200')) {
              reject(new Error(held.slice(0, 200)))
              return
            }
            const length = Number(/content-length: (\d+)/i.exec(held)![1])
            if (held.length < end + 4 + length) return
            held = ''
            if (!send()) {
              socket.off('data', take)
              resolve()
            }
          }
          socket.on('data', take)
          if (!send()) resolve()
        }),
    ),
  )
  return performance.now() - from
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sx-bench-'))
  const path = join(folder, 'store.db')
  const store = openStore({ path, sha256, version: 'bench' })
  store.commit({ site: 'bench', root: blocks[0]!.cid, blocks, keep: 1, version: 'bench' })
  store.close()

  const modes = ['bare', 'hot', 'cold'] as const
  const peers = new Map<Mode, Peer>()
  for (const mode of modes) peers.set(mode, await start(mode, path))
  const hotTarget = (i: number): string => `/sx/h/${blocks[i % 100]!.cid}`
  // each block once before any comes again: no cache of SQLite's own makes it warm by repetition
  const anyTarget = (i: number): string => `/sx/h/${blocks[(i * 7919) % BLOCKS]!.cid}`
  const targets = { bare: hotTarget, hot: hotTarget, cold: anyTarget }

  const cpu = { bare: [] as number[], hot: [] as number[], cold: [] as number[] }
  const rate = { bare: [] as number[], hot: [] as number[], cold: [] as number[] }
  for (const mode of modes) await load(peers.get(mode)!, REQUESTS, targets[mode])
  for (let round = 0; round < ROUNDS; round++) {
    for (const mode of modes) {
      const peer = peers.get(mode)!
      await peer.ask('memory')
      const before = await peer.ask('cpu')
      const ms = await load(peer, REQUESTS, targets[mode])
      const after = await peer.ask('cpu')
      cpu[mode].push((after.cpu - before.cpu) / REQUESTS)
      rate[mode].push((REQUESTS / ms) * 1000)
    }
  }
  const ratios = (mode: 'hot' | 'cold'): number => median(cpu[mode].map((value, i) => value / cpu.bare[i]!))
  for (const mode of modes)
    console.error(
      `${mode.padEnd(5)} ${median(cpu[mode]).toFixed(1).padStart(6)} µs CPU a request, ${Math.round(median(rate[mode]))} requests/s` +
        (mode === 'bare' ? '' : `, ${ratios(mode).toFixed(2)}× bare CPU`),
    )

  const peer = peers.get('hot')!
  await load(peer, 10_000, anyTarget)
  const before = await peer.ask('memory')
  await load(peer, 100_000, anyTarget)
  const after = await peer.ask('memory')
  const mb = (n: number): string => `${(n / 2 ** 20).toFixed(1)} MiB`
  console.error(
    `memory heap ${mb(before.heap)} → ${mb(after.heap)}, rss ${mb(before.rss)} → ${mb(after.rss)} over 100,000 requests of ${BLOCKS} blocks`,
  )
  for (const { process: server, sockets } of peers.values()) {
    for (const socket of sockets) socket.destroy()
    server.disconnect()
  }
  rmSync(folder, { recursive: true })
  console.log(
    JSON.stringify({
      bench: 'gateway',
      hot: ratios('hot'),
      cold: ratios('cold'),
      cpuMicroseconds: Object.fromEntries(modes.map(mode => [mode, median(cpu[mode])])),
      requestsPerSecond: Object.fromEntries(modes.map(mode => [mode, median(rate[mode])])),
      heap: [before.heap, after.heap],
      rss: [before.rss, after.rss],
    }),
  )
}

const [mode, path] = process.argv.slice(2)
if (process.send !== undefined && mode !== undefined) await child(mode as Mode, path!)
else await main()
