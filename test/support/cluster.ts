// IPFS Cluster for interop tests: peers of its own on loopback, each before a Kubo node, with the REST and the pinning service API.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findProgram } from './find-program.ts'
import type { Kubo } from './kubo.ts'

/** `IPFS_CLUSTER_SERVICE`, else `ipfs-cluster-service` on the path. */
export const clusterPath = (): string | undefined =>
  findProgram('IPFS_CLUSTER_SERVICE', 'ipfs-cluster-service')

export interface Cluster {
  /** `http://127.0.0.1:…`: the first peer's REST API, and its pinning service API */
  readonly api: string
  readonly pinning: string
  stop(): Promise<void>
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** A peer for each node; resolves when they know each other. */
export async function startCluster(nodes: readonly Kubo[]): Promise<Cluster> {
  const program = clusterPath()
  if (program === undefined)
    throw new Error(
      'no IPFS Cluster: put `ipfs-cluster-service` on the path, or name it by IPFS_CLUSTER_SERVICE',
    )
  const folder = mkdtempSync(join(tmpdir(), 'sx-cluster-'))
  const secret = randomBytes(32).toString('hex')
  const daemons: ChildProcess[] = []
  let said = ''
  const start = async (number: number, node: Kubo, bootstrap: readonly string[]) => {
    const [swarm, rest, proxy, pinning] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
    const at = (port: number): string => `/ip4/127.0.0.1/tcp/${port}`
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      IPFS_CLUSTER_PATH: join(folder, `${number}`),
      CLUSTER_SECRET: secret,
      CLUSTER_MDNSINTERVAL: '0',
      CLUSTER_LISTENMULTIADDRESS: at(swarm),
      CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS: at(rest),
      CLUSTER_IPFSPROXY_LISTENMULTIADDRESS: at(proxy),
      CLUSTER_PINSVCAPI_HTTPLISTENMULTIADDRESS: at(pinning),
      CLUSTER_IPFSHTTP_NODEMULTIADDRESS: at(Number(new URL(node.api).port)),
    }
    execFileSync(program, ['init', '--consensus', 'crdt'], { env, stdio: 'ignore' })
    const daemon = spawn(program, ['daemon', ...bootstrap.flatMap(one => ['--bootstrap', one])], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    daemons.push(daemon)
    for (const stream of [daemon.stdout!, daemon.stderr!])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
    const api = `http://127.0.0.1:${rest}`
    for (let tries = 0; ; tries++) {
      const id = await fetch(`${api}/id`).then(
        async response => (response.ok ? ((await response.json()) as { id: string }).id : undefined),
        () => undefined,
      )
      if (id !== undefined)
        return { api, pinning: `http://127.0.0.1:${pinning}`, address: `${at(swarm)}/p2p/${id}` }
      if (tries === 100 || daemon.exitCode !== null) throw new Error(`IPFS Cluster does not start:\n${said}`)
      await sleep(200)
    }
  }
  const stop = async (): Promise<void> => {
    for (const daemon of daemons)
      if (daemon.exitCode === null && daemon.kill('SIGTERM')) await once(daemon, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const first = await start(0, nodes[0]!, [])
    for (let number = 1; number < nodes.length; number++) await start(number, nodes[number]!, [first.address])
    for (let tries = 0; ; tries++) {
      // one JSON object to a line
      const peers = (await (await fetch(`${first.api}/peers`)).text()).trim().split('\n')
      if (peers.length === nodes.length) break
      if (tries === 100) throw new Error(`the peers of the cluster don't meet:\n${said}`)
      await sleep(200)
    }
    return { api: first.api, pinning: first.pinning, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
