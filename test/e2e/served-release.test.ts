// The paths of a release directory at the address of `sx serve`: a page of it is verified as at any other host, and what
// is shown is never mixed with a release of something else.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openApp } from '../../src/app.ts'
import type { App, Receipt, Serving } from '../../src/app-port.ts'
import { cidOf, parseCid, RAW } from '../../src/ipld/cid.ts'
import { readRelease } from '../../src/ipld/release.ts'
import { jsonIn, runnerIn } from '../support/in-process.ts'
import { createSandbox } from '../support/sandbox.ts'

const sandbox = createSandbox()
const folder = sandbox.path('site')
const told = jsonIn(runnerIn(sandbox), folder)
const parts = Array.from(
  { length: 20 },
  (_, i) => `(defcomp ~part-${i} () (p "part ${i}" ${i > 0 ? `(~part-${i - 1})` : ''}))`,
).join('\n')
const write = (word: string) =>
  sandbox.write('site', {
    'src/parts.sx': parts.replace('"part 7"', `"part ${word}"`),
    'src/home.sx': `(defpage home :path "/" :title "Home" :content (~part-19))
      (defpage more :path "/more" :title "More" :content (~part-3))`,
  })

let app: App
let serving: Serving
const at = (path: string) => new URL(path, serving.url)
const get = (path: string, headers: Record<string, string> = {}) => fetch(at(path), { headers })
const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer())
const problem = async (path: string): Promise<[number, string]> => {
  const answer = await get(path)
  return [answer.status, ((await answer.json()) as { title: string }).title]
}
const pageOf = async (path: string): Promise<string> =>
  /"page":"(\w+)"/.exec(await (await get(path)).text())![1]!

beforeAll(async () => {
  write('one')
  app = await openApp({ store: sandbox.store, cwd: folder, report: () => {} })
  serving = await app.serve({ dir: folder, port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await serving.stop()
  await app.close()
  await sandbox.stop()
})

describe('a site that was never published', () => {
  it('has no release, and its blocks all the same', async () => {
    for (const path of ['_sx/release.cbor', '_sx/root', `_sx/patches/${await pageOf('/')}`])
      expect(await problem(path)).toEqual([404, expect.stringContaining('no release of this site')])
    expect((await get(`_sx/b/${serving.root}`)).status).toBe(200)
    expect((await told(['verify', serving.url], 3)).verdict).toBe('incomplete')
  })
})

describe('a site that was published', () => {
  let receipt: Receipt
  let firstPage: string
  beforeAll(async () => {
    firstPage = await pageOf('/')
    await told(['publish'])
    write('two')
    receipt = await told(['publish'])
  })

  it.each(['', 'more/'])('is verified where it is served: /%s', async path => {
    const report = await told(['verify', serving.url + path])
    expect([
      report.verdict,
      report.steps.map(({ step, state }: Record<string, string>) => [step, state]),
    ]).toEqual([
      'verified',
      [
        ...['bytes', 'served', 'pages', 'root', 'served', 'release', 'chain'].map(step => [step, 'proven']),
        ['anchor', 'none'],
      ],
    ])
  })

  it('shows the newest release and its root, asked for anew each time, to anybody', async () => {
    const [release, root] = await Promise.all([get('_sx/release.cbor'), get('_sx/root')])
    for (const answer of [release, root])
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'application/vnd.ipld.dag-cbor',
        'cache-control': 'public, max-age=0, must-revalidate',
        'access-control-allow-origin': '*',
        'x-content-type-options': 'nosniff',
      })
    expect(readRelease(await bytesOf(release))).toMatchObject({
      sequence: 2,
      root: { cid: receipt.root },
      publisher: receipt.publisher,
    })
    expect(cidOf(parseCid(receipt.root).codec, sha(await bytesOf(root)))).toBe(receipt.root)
    const again = await get('_sx/root', { 'if-none-match': root.headers.get('etag')! })
    expect([again.status, (await bytesOf(again)).length]).toEqual([304, 0])
    const head = await fetch(at('_sx/release.cbor'), { method: 'HEAD' })
    expect([head.status, (await bytesOf(head)).length]).toEqual([200, 0])
    expect((await fetch(at('_sx/root'), { method: 'OPTIONS' })).status).toBe(204)
    expect((await fetch(at('_sx/root'), { method: 'POST' })).status).toBe(405)
  })

  it('gives what _sx/ of the directory holds: its patches and, for ever, every block', async () => {
    await told(['export', `${sandbox.path('out')}/`])
    const patch = await get(`_sx/patches/${firstPage}`)
    expect([patch.status, patch.headers.get('content-type'), patch.headers.get('cache-control')]).toEqual([
      200,
      'application/vnd.ipld.raw',
      'public, max-age=0, must-revalidate',
    ])
    expect(Buffer.from(await bytesOf(patch))).toEqual(
      readFileSync(sandbox.path('out/_sx/patches', firstPage)),
    )
    const blocks = readdirSync(sandbox.path('out/_sx/b'))
    expect(blocks.length).toBeGreaterThan(20)
    for (const cid of blocks) {
      const answer = await get(`_sx/b/${cid}`)
      expect([
        answer.status,
        answer.headers.get('cache-control'),
        answer.headers.get('access-control-allow-origin'),
      ]).toEqual([200, 'public, max-age=29030400, immutable', '*'])
      expect(cidOf(parseCid(cid).codec, sha(await bytesOf(answer)))).toBe(cid)
    }
  })

  it('has nothing else there', async () => {
    const nobody = cidOf(RAW, sha(new Uint8Array([1])))
    for (const path of ['_sx/', '_sx/b/', '_sx/index.html', '_sx/release.cbor/x', `_sx/patches/${nobody}`])
      expect(await problem(path)).toEqual([404, expect.stringContaining('this release has no _sx/')])
    expect((await problem(`_sx/b/${nobody}`))[0]).toBe(404)
    for (const path of ['_sx/b/x', '_sx/b/%zz', '_sx/b%2F..']) expect((await get(path)).status).toBe(400)
  })

  it('is served with it by its root too', async () => {
    const byRoot = await app.serve({ root: receipt.root, port: 0, host: '127.0.0.1' })
    try {
      expect((await told(['verify', byRoot.url])).verdict).toBe('verified')
    } finally {
      await byRoot.stop()
    }
  })

  it('and built anew since shows no release: it would be one of other pages', async () => {
    write('three')
    await told(['build'])
    expect(await problem('_sx/release.cbor')).toEqual([
      404,
      'release 2, the newest, is not of what is shown here',
    ])
    expect((await told(['verify', serving.url], 3)).verdict).toBe('incomplete')
    await told(['publish'])
    expect((await told(['verify', serving.url])).verdict).toBe('verified')
  })
})

const sha = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
