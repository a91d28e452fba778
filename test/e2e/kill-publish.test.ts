// kill -9 during sx publish: every release that was acknowledged is there and whole, none is half there, targets' states are true.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { decode } from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { expect, it, onTestFinished } from 'vitest'
import type { FsckReport, Log, Receipt } from '../../src/app-port.ts'
import { runnerIn } from '../support/in-process.ts'
import { startPeer } from '../support/peer.ts'
import { createSandbox, main } from '../support/sandbox.ts'

const ROUNDS = 30

/** The root that a CAR inside multipart/form-data names: its header is shorter than 128 bytes. */
const rootIn = (body: Buffer): string => {
  const at = body.indexOf('\r\n\r\n') + 4
  const { roots } = decode<{ roots: CID[] }>(body.subarray(at + 1, at + 1 + body[at]!))
  return `${roots[0]!}`
}

it(`is whole after each of ${ROUNDS} kills, and the next run takes up where it was cut off`, {
  timeout: 240_000,
}, async () => {
  const sandbox = createSandbox()
  onTestFinished(() => sandbox.stop())
  const sx = runnerIn(sandbox)
  /** what the Kubo of this test has acknowledged, and who wants to hear of each request before it is answered */
  const acknowledged = new Set<string>()
  let hear: (path: string) => void = () => {}
  const kubo = await startPeer(async ({ path, query, body }) => {
    hear(path)
    if (path === '/api/v0/pin/ls')
      return acknowledged.has(query.get('arg')!)
        ? { body: { Keys: {} } }
        : { status: 500, body: { Message: 'is not pinned' } }
    const root = rootIn(body)
    await new Promise(resolve => setTimeout(resolve, 10))
    acknowledged.add(root)
    return { body: JSON.stringify({ Root: { Cid: { '/': root }, PinErrorMsg: '' } }) }
  })
  onTestFinished(() => kubo.stop())
  const folder = sandbox.path('site')
  const write = (round: number): string =>
    sandbox.write('site', {
      'src/home.sx': `(defpage home :path "/" :title "Home" :content (<> (~a) ${Array.from({ length: 40 }, (_, i) => `(~c${i})`).join(' ')}))
        (defcomp ~a () (p "${round}")) ${Array.from({ length: 40 }, (_, i) => `(defcomp ~c${i} () (p "${i} ${Math.floor(round / (i + 1))}"))`).join('\n')}`,
      'sx.config.json': JSON.stringify({
        releases: 3,
        targets: {
          kubo: { kind: 'kubo', api: kubo.url },
          www: { kind: 'directory', path: '../www' },
          file: { kind: 'car', path: '../site.car' },
        },
      }),
    })
  const log = async (): Promise<Log> => JSON.parse((await sx(['log', '--json'], folder)).out)
  write(0)
  expect((await sx(['publish', '--json'], folder)).status).toBe(0)

  let seed = 1
  const random = (): number => {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
  }
  const told: string[] = []
  const ended = new Map<string, number>()
  for (let round = 1; round <= ROUNDS; round++) {
    write(round)
    const before = (await log()).releases[0]!.sequence
    const child = spawn(process.execPath, [main, 'publish', '--json'], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: sandbox.folder,
        SX_STORE: sandbox.store,
        SX_PASSPHRASE: 'correct horse',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', text => (out += text))
    const closed = once(child, 'close')
    const kill = (within: number): void => void setTimeout(() => child.kill('SIGKILL'), random() * within)
    let watching: ReturnType<typeof setInterval> | undefined
    hear = () => {}
    // while it builds and signs; while the release is written; while it asks; while it sends, and what comes after
    if (round % 4 === 0) setTimeout(() => kill(600), 300)
    else if (round % 4 === 1)
      watching = setInterval(() => {
        void log().then(({ releases: [newest] }) => newest!.sequence > before && kill(20))
      }, 25)
    else hear = path => path === (round % 4 === 2 ? '/api/v0/pin/ls' : '/api/v0/dag/import') && kill(40)
    // whatever was waited for did not come: not this machine's day
    const limit = setTimeout(() => kill(0), 20_000)
    await closed
    clearInterval(watching)
    clearTimeout(limit)
    if (out.endsWith('}\n')) told.push((JSON.parse(out) as Receipt).directory)

    const fsck = JSON.parse((await sx(['fsck', '--json'])).out) as FsckReport
    expect(fsck.problems).toEqual([])
    const { releases, targets } = await log()
    const known = new Set(releases.map(({ directory }) => directory))
    for (const directory of told) expect(known).toContain(directory)
    expect(releases.filter(({ kept }) => kept)).toHaveLength(Math.min(3, releases.length))
    const made = releases[0]!.sequence > before
    const { state, sequence } = targets.find(({ name }) => name === 'kubo')!
    const how = made ? `a release, Kubo ${state}` : 'no release'
    ended.set(how, (ended.get(how) ?? 0) + 1)
    // what a target is said to have it has acknowledged
    expect(acknowledged).toContain(releases.find(one => one.sequence === sequence)!.directory)
  }
  console.log('after the kills:', Object.fromEntries(ended), `${told.length} receipts`)
  expect(told.length).toBeLessThan(ROUNDS / 2)
  expect(ended.get('a release, Kubo sending')).toBeGreaterThan(2)

  // not cut off: everything is where it should be, from wherever it stood
  const last = await sx(['publish', '--json'], folder)
  const receipt = JSON.parse(last.out) as Receipt
  expect([last.status, receipt.complete]).toEqual([0, true])
  expect(receipt.targets.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'local pinned',
    'kubo pinned',
    'www live',
    'file live',
  ])
  expect((await sx(['verify', sandbox.path('site.car')])).status).toBe(0)
})
