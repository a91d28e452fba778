// Targets that IPFS Cluster answers for: its own API, and the Pinning Service API that it offers too.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from '../support/cluster.ts'
import { type Kubo, startKubo } from '../support/kubo.ts'
import { createSandbox, jsonLines } from '../support/sandbox.ts'

const sandbox = createSandbox()
const env = { SX_PASSPHRASE: 'x' }
const nodes: Kubo[] = []
let cluster: Cluster
beforeAll(async () => {
  for (let number = 0; number < 2; number++) nodes.push(await startKubo({ offline: false }))
  cluster = await startCluster(nodes)
}, 60_000)
afterAll(async () => {
  await cluster?.stop()
  await Promise.all([...nodes.map(node => node.stop()), sandbox.stop()])
})

const publish = async (text: string, targets: object) => {
  const site = sandbox.write('site', {
    'src/home.sx': `(defpage home :path "/" :title "Home" :content (<> (~a) (~b)))
      (defcomp ~a () (p "${text}")) (defcomp ~b () (p "stays"))`,
    'sx.config.json': JSON.stringify({ targets }),
  })
  const ran = await sandbox.run(['publish', site, '--json', '--full'], { env })
  const receipt = JSON.parse(ran.out)
  return { status: ran.status, err: ran.err, ...receipt, target: receipt.targets[1] }
}
const pinned = (node: Kubo): string => node.run('pin', 'ls', '--type=recursive')

describe('IPFS Cluster', () => {
  it('takes a release, keeps it on as many peers as are wanted until it expires, and it is fetched back whole', async () => {
    const settings = { replicationMin: 2, replicationMax: 2, expireIn: '720h', deadline: 60 }
    const targets = {
      cluster: { kind: 'cluster', api: cluster.api, gateway: nodes[1]!.gateway, ...settings },
    }
    const first = await publish('one', targets)
    expect([first.status, first.err]).toEqual([0, ''])
    expect(first.target).toMatchObject({
      state: 'live',
      sent: first.blocks,
      verified: { checked: first.blocks },
      notes: { peers: '2' },
    })
    for (const node of nodes) expect(pinned(node)).toContain(first.directory)
    const allocation = (await (await fetch(`${cluster.api}/allocations/${first.directory}`)).json()) as object
    expect(allocation).toMatchObject({ replication_factor_min: 2, replication_factor_max: 2 })
    const days = (Date.parse((allocation as { expire_at: string }).expire_at) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(30)

    expect((await publish('one', targets)).target).toMatchObject({ state: 'live', sent: 0 })
    const second = await publish('two', targets)
    expect([second.status, second.target.state]).toEqual([0, 'live'])
    for (const node of nodes) expect(pinned(node)).toContain(second.directory)
  }, 90_000)

  it('as a pinning service fetches a release from us by bitswap', async () => {
    const serving = await sandbox.start(['serve', '--content-only', '--port', '0', '--json', '--p2p'])
    const { addresses } = jsonLines(serving.said.out)[0]!.peer as { addresses: string[] }
    const { target, directory, status, err } = await publish('three', {
      pins: {
        kind: 'pinning-service',
        endpoint: cluster.pinning,
        origins: [addresses[0]!],
        gateway: nodes[0]!.gateway,
        deadline: 60,
      },
    })
    expect([status, err]).toEqual([0, ''])
    expect(target).toMatchObject({ state: 'live' })
    expect(pinned(nodes[0]!)).toContain(directory)
    expect((await serving.stop()).status).toBe(0)
  }, 90_000)
})
