// What we publish, as Kubo sees it: it walks it, counts it, and shows it in Chromium.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browse } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type Kubo, startKubo } from '../support/kubo.ts'
import { createSandbox } from '../support/sandbox.ts'

const sandbox = createSandbox()
const env = { SX_PASSPHRASE: 'x' }
let kubo: Kubo
let receipt: { root: string; release: string; directory: string; blocks: number; publisher: string }
beforeAll(async () => {
  kubo = await startKubo()
  const site = sandbox.copyExample('site')
  receipt = JSON.parse((await sandbox.run(['publish', site, '--json'], { env })).out)
  await sandbox.run(['export', sandbox.path('site.car')], { cwd: site })
  kubo.run('dag', 'import', sandbox.path('site.car'))
}, 60_000)
afterAll(async () => {
  await kubo?.stop()
  await sandbox.stop()
})

describe('Kubo', () => {
  it('pins the release directory, and walks as many blocks below it as we count', () => {
    expect(kubo.run('pin', 'ls', '--type=recursive')).toContain(receipt.directory)
    const refs = kubo.run('refs', '-r', '-u', receipt.directory).trim().split('\n')
    expect(refs.length + 1).toBe(receipt.blocks)
  })

  it('reads root and release as data, and lists the directory', () => {
    const root = kubo.run('dag', 'get', `${receipt.directory}/_sx/root`)
    expect(JSON.parse(root)).toMatchObject({ sx: 1, kind: 'site' })
    expect(JSON.parse(kubo.run('dag', 'get', receipt.release))).toMatchObject({
      kind: 'release',
      root: { '/': receipt.root },
      publisher: receipt.publisher,
    })
    expect(kubo.run('ls', receipt.directory)).toMatch(/_sx\/[\s\S]*index\.html/)
    expect(kubo.run('ls', `${receipt.directory}/_sx`)).toContain('root')
  })

  it('as a target: gets only what it lacks, is fetched back whole, and its name follows each release', async () => {
    const node = await startKubo()
    try {
      node.run('key', 'gen', 'site')
      const write = (text: string): string =>
        sandbox.write('small', {
          'src/home.sx': `(defpage home :path "/" :title "Home" :content (<> (~a) (~b)))
            (defcomp ~a () (p "${text}")) (defcomp ~b () (p "stays"))`,
          'sx.config.json': JSON.stringify({
            targets: { kubo: { kind: 'kubo', api: node.api, gateway: node.gateway, name: 'site' } },
          }),
        })
      const publish = async (text: string) => {
        const ran = await sandbox.run(['publish', write(text), '--json', '--full'], { env })
        expect([ran.status, ran.err]).toEqual([0, ''])
        const told = JSON.parse(ran.out)
        return { ...told, kubo: told.targets[1] }
      }
      const first = await publish('one')
      expect(first.kubo).toMatchObject({
        state: 'live',
        sent: first.blocks,
        verified: { checked: first.blocks },
      })
      const second = await publish('two')
      expect(second.kubo.state).toBe('live')
      expect(second.kubo.sent).toBe(second.targets[0].sent)
      expect(second.kubo.sent).toBeLessThan(second.blocks / 2)
      expect((await publish('two')).kubo).toMatchObject({ state: 'live', sent: 0 })
      const pins = node.run('pin', 'ls', '--type=recursive')
      expect([pins.includes(first.directory), pins.includes(second.directory)]).toEqual([true, true])
      expect(node.run('name', 'resolve', second.kubo.notes.ipns).trim()).toBe(`/ipfs/${second.directory}`)
      // our own record, which Kubo checks before it takes it
      expect(second.kubo.notes.name).toBe(`/ipns/${second.publisher}`)
      expect(node.run('name', 'resolve', second.publisher).trim()).toBe(`/ipfs/${second.directory}`)
      // what it lost is sent again
      node.run('pin', 'rm', second.directory, first.directory)
      node.run('repo', 'gc')
      expect((await publish('two')).kubo).toMatchObject({ state: 'live', sent: second.blocks })
    } finally {
      await node.stop()
    }
  })

  it('takes our keys, and we take its', async () => {
    const key = (await sandbox.run(['key', 'export', 'site', '--json'], { env })).out
    writeFileSync(sandbox.path('site.key'), Buffer.from(JSON.parse(key).key, 'base64'))
    expect(kubo.run('key', 'import', 'ours', sandbox.path('site.key')).trim()).toBe(receipt.publisher)
    const theirs = kubo.run('key', 'gen', 'theirs').trim()
    kubo.run('key', 'export', 'theirs', '-o', sandbox.path('theirs.key'))
    const ran = await sandbox.run(['key', 'import', 'theirs', sandbox.path('theirs.key')], { env })
    expect(ran.out.trim()).toBe(theirs)
    expect(readFileSync(sandbox.path('theirs.key')).length).toBe(68)
  })

  describe.skipIf(!hasChromium())('shows it in Chromium', () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await launchChromium()
    })
    afterAll(() => browser?.close())

    it.each(['', 'market/'])('through its gateway, every byte verified: /%s', async path => {
      const seen = await browse(browser, `${kubo.gateway}ipfs/${receipt.directory}/${path}`, {}, 15_000)
      expect([seen.status, seen.state, seen.skipped]).toEqual([200, 'ready', []])
      await seen.close()
    })
  })
})
