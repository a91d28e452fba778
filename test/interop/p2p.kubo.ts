// Kubo and we by bitswap on loopback, both ways.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubo, startKubo } from '../support/kubo.ts'
import { build, createSandbox, jsonLines, type Report } from '../support/sandbox.ts'

const sandbox = createSandbox()
const stranger = createSandbox()
const owner = createSandbox()
let kubo: Kubo
let report: Report
beforeAll(async () => {
  kubo = await startKubo({ offline: false })
  report = await build(sandbox, sandbox.copyExample('site'))
}, 60_000)
afterAll(async () => {
  await kubo?.stop()
  await Promise.all([sandbox.stop(), stranger.stop(), owner.stop()])
})

describe('Kubo', () => {
  it('pins our root by bitswap, from TCP and the address that we print', async () => {
    const serving = await sandbox.start(['serve', report.root, '--port', '0', '--json', '--p2p'])
    const { addresses } = jsonLines(serving.said.out)[0]!.peer as { addresses: string[] }
    kubo.run('swarm', 'connect', addresses[0]!)
    expect(kubo.run('pin', 'add', '--recursive', report.root)).toContain('pinned')
    const refs = kubo.run('refs', '-r', '-u', report.root).trim().split('\n')
    expect(refs.length + 1).toBe(report.blocks)
    expect((await serving.stop()).status).toBe(0)
  })

  it('finds in its LAN DHT what we announce, and we what it has', async () => {
    const { Addresses } = JSON.parse(kubo.run('id')) as { Addresses: string[] }
    const site = owner.write('site', {
      'src/home.sx': '(defpage home :path "/" :title "Home" :content (p "announced"))',
    })
    const { root } = await build(owner, site)
    const serving = await owner.start([
      ...['serve', root, '--port', '0', '--json', '--p2p', '--p2p-peer', Addresses[0]!],
      ...['--p2p-dht', 'lan', '--p2p-announce'],
    ])
    const { id } = jsonLines(serving.said.out)[0]!.peer as { id: string }
    await expect
      .poll(() => jsonLines(serving.said.out)[1], { timeout: 20_000 })
      .toEqual({ announced: root, peers: 1 })
    expect(kubo.run('routing', 'findprovs', '-n', '1', root)).toContain(id)
    const theirs = kubo
      .run('block', 'put', '--cid-codec', 'raw', owner.write('block', { block: 'of Kubo alone' }) + '/block')
      .trim()
    kubo.run('pin', 'add', theirs)
    kubo.run('routing', 'provide', theirs)
    const ran = await owner.run(['fetch', theirs, '--json', '--dht', 'lan', '--peer', Addresses[0]!])
    expect([ran.status, ran.err]).toEqual([0, ''])
    expect((await serving.stop()).status).toBe(0)
  }, 60_000)

  it('is a peer that sx fetch takes the same root from', async () => {
    const { Addresses } = JSON.parse(kubo.run('id')) as { Addresses: string[] }
    const ran = await stranger.run(['fetch', report.root, '--json', '--peer', Addresses[0]!])
    expect([ran.status, ran.err]).toEqual([0, ''])
    expect(JSON.parse(ran.out)).toMatchObject({ blocks: report.blocks, written: report.blocks })
  })
})
