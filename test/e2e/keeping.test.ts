// sx pin, gc and fsck over real stores: what stays, what goes, what is found broken and made good.
import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cidOf, DAG_CBOR, parseCid } from '../../src/ipld/cid.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { runnerIn } from '../support/in-process.ts'
import { sha256 } from '../support/memory-store.ts'
import { type Peer, startPeer } from '../support/peer.ts'
import { createSandbox, jsonLines } from '../support/sandbox.ts'

const sandbox = createSandbox()
const sx = runnerIn(sandbox)
const site = (text: string): string =>
  sandbox.write('site', {
    'src/home.sx': `(defpage home :path "/" :title "Home" :content (<> (~a) (~b)))
      (defcomp ~a () (p "${text}")) (defcomp ~b () (p "stays"))`,
    'sx.config.json': '{"keep": 1, "releases": 2}',
  })
const told = async (args: readonly string[], cwd = sandbox.path('site'), status = 0) => {
  const ran = await sx([...args, '--json'], cwd)
  expect([ran.status, ran.err]).toEqual([status, ''])
  return JSON.parse(ran.out)
}
const digestIn = (cid: string): string => Buffer.from(parseCid(cid).digest).toString('hex')
const sql = (statement: string): void => {
  const file = new DatabaseSync(sandbox.store)
  file.exec(statement)
  file.close()
}

const directories: string[] = []
beforeAll(async () => {
  for (const text of ['one', 'two', 'three']) {
    site(text)
    directories.push((await told(['publish'])).directory)
  }
})
afterAll(() => sandbox.stop())

describe('sx gc', () => {
  it('says first what would go and why the rest stays, then removes exactly that, and no more the next time', async () => {
    const dry = await told(['gc', '--dry-run'])
    expect(dry.blocks).toBeGreaterThan(3)
    expect(dry.kinds).toMatchObject({ component: 1, page: 1, site: 1, release: 1 })
    expect(dry.kept.pins.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
      'release',
      'release',
      'site',
    ])
    expect(await told(['gc'])).toMatchObject({ blocks: dry.blocks, bytes: dry.bytes, dryRun: false })
    expect(await told(['gc'])).toMatchObject({ blocks: 0 })
    expect((await told(['fsck'])).problems).toEqual([])
  })

  it('after it the first release can’t be rolled back to, and says how it could', async () => {
    const ran = await sx(['rollback', '1', '--json'], sandbox.path('site'))
    expect([ran.status, jsonLines(ran.err)]).toEqual([
      3,
      [expect.objectContaining({ hint: expect.stringContaining('import its CAR') })],
    ])
  })
})

describe('sx pin', () => {
  it('keeps a root by name until it is removed', async () => {
    const { root } = await told(['publish'])
    await told(['pin', 'add', root, 'mine'])
    expect((await told(['pin', 'ls'])).pins).toContainEqual({ kind: 'pin', name: 'mine', root, sequence: 1 })
    expect((await told(['pin', 'rm', 'mine'])).removed).toEqual([expect.objectContaining({ root })])
    expect((await sx(['pin', 'rm', 'mine'], sandbox.path('site'))).status).toBe(3)
    expect((await sx(['pin', 'add', cidOf(DAG_CBOR, new Uint8Array(32))], sandbox.path('site'))).status).toBe(
      3,
    )
    expect((await sx(['pin', 'frobnicate'])).status).toBe(2)
    expect((await told(['fsck'])).problems).toEqual([])
  })
})

describe('the patches of a release', () => {
  it('lead from the pages of those before it that are kept', async () => {
    await told(['export', directories[2]!, `${sandbox.path('out')}/`])
    const { pages } = await told(['build'])
    const release = (await told(['log'])).releases[0]
    expect(release.sequence).toBe(3)
    const { readdirSync } = await import('node:fs')
    const patches = readdirSync(sandbox.path('out/_sx/patches'))
    expect(patches.length).toBe(2)
    expect(patches).not.toContain(pages[0].cid)
    for (const patch of patches)
      expect(readFileSync(sandbox.path('out/_sx/patches', patch)).length).toBeLessThan(300)
  })
})

describe('sx fsck', () => {
  const gateways: Peer[] = []
  const good = new Map<string, Uint8Array>()
  beforeAll(async () => {
    const store = openStore({ path: sandbox.store, sha256, version: 'test' })
    for (
      let page = store.blocks.page(0, 1000);
      page.digests.length > 0;
      page = store.blocks.page(page.last, 1000)
    )
      for (const digest of page.digests)
        good.set(Buffer.from(digest).toString('hex'), store.blocks.get(digest)!)
    store.close()
    const find = (path: string): Uint8Array | undefined => good.get(digestIn(path.replace('/ipfs/', '')))
    gateways.push(
      await startPeer(({ path }) => ({ body: Buffer.from(find(path) ?? '').reverse() })),
      await startPeer(({ path }) => {
        const bytes = find(path)
        return bytes === undefined ? { status: 404 } : { body: bytes }
      }),
    )
  })
  afterAll(async () => {
    for (const gateway of gateways) await gateway.stop()
  })

  it('finds damage and loss wherever they lie, says whose they are, and makes them good from a gateway that tells the truth', async () => {
    const { root } = (await told(['log'])).releases[0]
    const { names } = await told(['build'])
    sql(`UPDATE blocks SET bytes = zeroblob(length(bytes)) WHERE digest = x'${digestIn(names['~a'])}'`)
    sql(`DELETE FROM blocks WHERE digest = x'${digestIn(names['~b'])}'`)
    const { problems } = await told(['fsck'], undefined, 6)
    const found = new Set(
      problems.map(({ what, cid }: { what: string; cid: string }) => `${what} ${digestIn(cid)}`),
    )
    expect(found).toEqual(new Set([`damaged ${digestIn(names['~a'])}`, `missing ${digestIn(names['~b'])}`]))
    // a gateway that lies repairs nothing
    await told(['fsck', '--repair', '--from', gateways[0]!.url], undefined, 6)
    const repaired = await told(
      ['fsck', '--repair', '--from', gateways.map(({ url }) => url).join(',')],
      undefined,
      6,
    )
    expect(repaired.repaired).toBe(2)
    // the row that was lost took its counts with it
    expect(new Set(repaired.problems.map(({ what }: { what: string }) => what))).toEqual(
      new Set(['unpinned']),
    )
    expect(
      repaired.problems.every(({ cid }: { cid: string }) => digestIn(cid) === digestIn(names['~b'])),
    ).toBe(true)
    expect(root).toBeDefined()
  })

  it('finds a release whose signature, chain or directory is not what it should be', async () => {
    const file = new DatabaseSync(sandbox.store)
    const rows = file
      .prepare("SELECT key, value FROM records WHERE key LIKE '/sx/release/%' ORDER BY key")
      .all()
    const last = rows.at(-1)!
    const record = JSON.parse(Buffer.from(last.value as Uint8Array).toString())
    const bytes = Buffer.from(record.release, 'base64')
    bytes[bytes.length - 1]! ^= 1
    file
      .prepare('UPDATE records SET value = ? WHERE key = ?')
      .run(Buffer.from(JSON.stringify({ ...record, release: bytes.toString('base64') })), last.key!)
    file.close()
    const { problems } = await told(['fsck'], undefined, 6)
    const messages = problems
      .filter(({ what }: { what: string }) => what === 'release')
      .map(({ message }: { message: string }) => message)
    expect(messages).toEqual([
      expect.stringMatching(/release 3 .*signature does not hold/),
      expect.stringMatching(/release 3 .*shows another release/),
    ])
  })
})
