// A Kubo node of its own for interop tests: offline or not, on loopback, in a temporary folder.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'

/** `KUBO`, else `ipfs` on the path. */
export const kuboPath = (): string | undefined => findProgram('KUBO', 'ipfs')

export interface Kubo {
  /** `http://127.0.0.1:…/`: the RPC API and the gateway */
  readonly api: string
  readonly gateway: string
  /** Runs `ipfs …` against it; throws with what it said when it fails. */
  run(...args: readonly string[]): string
  stop(): Promise<void>
}

export async function startKubo({ offline = true } = {}): Promise<Kubo> {
  const program = kuboPath()
  if (program === undefined) throw new Error('no Kubo: put `ipfs` on the path, or name it by KUBO')
  const folder = mkdtempSync(join(tmpdir(), 'sx-kubo-'))
  const env = { PATH: process.env.PATH, HOME: folder, IPFS_PATH: join(folder, 'repo') }
  const run = (...args: readonly string[]): string =>
    execFileSync(program, args, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 2 ** 28,
    })
  run('init', '--profile', 'test')
  run('config', 'Addresses.API', '/ip4/127.0.0.1/tcp/0')
  run('config', 'Addresses.Gateway', '/ip4/127.0.0.1/tcp/0')
  run('config', '--json', 'Addresses.Swarm', '["/ip4/127.0.0.1/tcp/0"]')
  // else its DHT keeps no address of this machine
  run('config', '--json', 'Routing.LoopbackAddressesOnLanDHT', 'true')
  const daemon: ChildProcess = spawn(program, ['daemon', ...(offline ? ['--offline'] : [])], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes('Daemon is ready')) resolve()
    }
    daemon.stdout!.on('data', hear)
    daemon.stderr!.on('data', hear)
    daemon.on('exit', () => reject(new Error(`Kubo ended:\n${said}`)))
  })
  const portOf = (what: string): string => new RegExp(`${what}.*/tcp/(\\d+)`).exec(said)![1]!
  return {
    api: `http://127.0.0.1:${portOf('RPC API server listening')}/`,
    gateway: `http://127.0.0.1:${portOf('Gateway server listening')}/`,
    run,
    stop: () =>
      new Promise(resolve => {
        daemon.removeAllListeners('exit')
        daemon.on('exit', () => {
          rmSync(folder, { recursive: true, force: true })
          resolve()
        })
        daemon.kill('SIGTERM')
      }),
  }
}
