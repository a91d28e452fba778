// sx verify: what it proves of a CID, a CAR and a page where it is served, and what it finds when somebody lies.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Step } from '../../src/publish/verify.ts'
import { jsonIn, runnerIn } from '../support/in-process.ts'
import { type Peer, startPeer } from '../support/peer.ts'
import { createSandbox, jsonLines } from '../support/sandbox.ts'
import { type StaticServer, startStaticServer } from '../support/static-server.ts'

const sandbox = createSandbox()
afterAll(() => sandbox.stop())
const sx = runnerIn(sandbox)
const folder = sandbox.path('site')
const told = jsonIn(sx, folder)
/** `bytes ✓` for each step */
const ladder = ({ steps }: { steps: Step[] }): string[] =>
  steps.map(({ step, state }) => `${step} ${{ proven: '✓', failed: '✗', missing: '?', none: '·' }[state]}`)
const said = ({ steps }: { steps: Step[] }, name: string): string =>
  steps.find(({ step, state }) => step === name && state !== 'proven')?.says ?? ''
const whole = ['bytes ✓', 'definitions ✓', 'pages ✓', 'root ✓', 'release ✓', 'chain ✓', 'anchor ·']

let receipt: { directory: string; root: string; release: string }
let names: Record<string, string>
beforeAll(async () => {
  for (const text of ['one', 'two']) {
    sandbox.write('site', {
      'src/home.sx': `(defpage home :path "/" :title "Home" :content (~a))
        (defpage more :path "/more" :title "More" :content (p (even 4)))
        (defcomp ~a () (p "${text}"))
        (define even (fn (n) (or (= n 0) (odd (- n 1))))) (define odd (fn (n) (and (not (= n 0)) (even (- n 1)))))`,
    })
    receipt = await told(['publish'])
    if (text === 'one') await told(['key', 'rotate', 'site'])
  }
  names = (await told(['build'])).names
  await told(['export', sandbox.path('site.car')])
  await told(['export', `${sandbox.path('out')}/`])
})

describe('of a CID', () => {
  it('climbs from bytes to the chain of a release, through a key that was handed over', async () => {
    const report = await told(['verify', receipt.directory])
    expect([report.verdict, ladder(report)]).toEqual(['verified', whole])
    expect(report.steps.at(-2).says).toMatch(/2 releases, back to the first, through 2 keys/)
    expect(report.steps.at(-1).says).toMatch(/not anchored/)
    expect(ladder(await told(['verify', receipt.release]))).toEqual(whole)
  })

  it('says that nobody has signed a root or a definition, however right they are', async () => {
    const root = await told(['verify', receipt.root], 9)
    expect([root.verdict, ladder(root)]).toEqual([
      'unsigned',
      ['bytes ✓', 'definitions ✓', 'pages ✓', 'root ✓', 'release ·', 'anchor ·'],
    ])
    expect(ladder(await told(['verify', names['~a']!], 9))).toEqual([
      'bytes ✓',
      'definitions ✓',
      'release ·',
      'anchor ·',
    ])
    expect(ladder(await told(['verify', names.even!], 9))).toEqual([
      'bytes ✓',
      'definitions ✓',
      'release ·',
      'anchor ·',
    ])
  })

  it('says what is missing, of a CID that is not here', async () => {
    const other = receipt.root.replace(/.$/, last => (last === 'a' ? 'e' : 'a'))
    expect((await told(['verify', other], 3)).verdict).toBe('incomplete')
  })

  it('from a gateway: proves what it gives out, and finds one that lies', async () => {
    const car = await gatewayOf(sandbox.path('site.car'))
    const good = await startPeer(({ path }) => {
      const bytes = car.get(path.replace('/ipfs/', ''))
      return bytes === undefined ? { status: 404 } : { body: bytes }
    })
    const lying = await startPeer(({ path }) => {
      const bytes = car.get(path.replace('/ipfs/', ''))
      return path.endsWith(names['~a']!) ? { body: 'other bytes' } : { body: bytes ?? '' }
    })
    const verify = (peer: Peer, status: number) =>
      told(['verify', receipt.directory, '--from', peer.url], status)
    expect((await verify(good, 0)).verdict).toBe('verified')
    expect((await verify(lying, 4)).verdict).toBe('failed')
    await good.stop()
    await lying.stop()
  })
})

const gatewayOf = async (file: string): Promise<Map<string, Uint8Array>> => {
  const { readCar } = await import('../../src/store/car.ts')
  const { sha256 } = await import('../support/memory-store.ts')
  const held = new Map<string, Uint8Array>()
  const source = async function* () {
    yield readFileSync(file)
  }
  const { blocks } = await readCar(source(), { sha256 })
  for await (const { cid, bytes } of blocks) held.set(`${cid}`, bytes)
  return held
}

describe('of a CAR', () => {
  it('needs no store, and knows of the chain what the file has', async () => {
    const ran = await sx([
      'verify',
      sandbox.path('site.car'),
      '--json',
      '--store',
      sandbox.path('empty.sqlite'),
    ])
    const report = JSON.parse(ran.out)
    expect([ran.status, ladder(report)]).toEqual([0, whole])
    expect(report.steps.at(-2).says).toMatch(/the 1 before them are not here/)
  })

  it('refuses one that is damaged', async () => {
    const bytes = readFileSync(sandbox.path('site.car'))
    bytes[bytes.length - 3]! ^= 1
    writeFileSync(sandbox.path('bad.car'), bytes)
    const ran = await sx(['verify', sandbox.path('bad.car'), '--json'])
    expect([ran.status, jsonLines(ran.err)[0]?.error]).toEqual([4, 'block-mismatch'])
  })
})

describe('of a page where it is served', () => {
  let server: StaticServer
  const out = sandbox.path('served')
  const pageWhole = [
    'bytes ✓',
    'served ✓',
    'pages ✓',
    'root ✓',
    'served ✓',
    'release ✓',
    'chain ✓',
    'anchor ·',
  ]
  beforeAll(async () => {
    cpSync(sandbox.path('out'), out, { recursive: true })
    server = await startStaticServer(out, '/some/where/')
  })
  afterAll(() => server.stop())
  /** Serves something else for once. */
  const with_ = async (
    path: string,
    change: (bytes: Buffer) => Buffer | undefined,
    check: () => Promise<void>,
  ) => {
    const file = join(out, path)
    const before = readFileSync(file)
    const after = change(Buffer.from(before))
    if (after === undefined) rmSync(file)
    else writeFileSync(file, after)
    try {
      await check()
    } finally {
      writeFileSync(file, before)
    }
  }

  it.each(['', 'more/'])('proves it from a host that knows nothing but files: /%s', async path => {
    const report = await told(['verify', server.url + path])
    expect([report.verdict, ladder(report)]).toEqual(['verified', pageWhole])
  })

  it('finds a script that the host put in', () =>
    with_(
      'index.html',
      html => Buffer.from(html.toString().replace('</head>', '<script>steal()</script></head>')),
      async () => {
        const report = await told(['verify', server.url], 4)
        expect([report.verdict, said(report, 'served')]).toEqual([
          'failed',
          expect.stringContaining('prove nothing'),
        ])
      },
    ))

  it('finds another loader, and a manifest that leads elsewhere', async () => {
    await with_(
      'index.html',
      html => Buffer.from(html.toString().replace('<script type="module" async>', '$&void 0;')),
      async () => expect(said(await told(['verify', server.url], 4), 'served')).toMatch(/loader/),
    )
    const more = (await told(['build'])).pages.find(({ path }: { path: string }) => path === '/more').cid
    const home = (await told(['build'])).pages.find(({ path }: { path: string }) => path === '/').cid
    await with_(
      'index.html',
      html => Buffer.from(html.toString().replace(`"page":"${home}"`, `"page":"${more}"`)),
      async () => expect(said(await told(['verify', server.url], 4), 'pages')).toMatch(/is the page \/more/),
    )
  })

  it('finds a release that its publisher did not sign, and a block that was changed', async () => {
    await with_(
      '_sx/release.cbor',
      bytes => {
        // a digit of its time
        const at = bytes.indexOf('202')
        bytes[at + 3]! ^= 1
        return bytes
      },
      async () =>
        expect(said(await told(['verify', server.url], 4), 'release')).toMatch(/whose signature it has not/),
    )
    await with_(
      `_sx/b/${names['~a']}`,
      bytes => {
        bytes[9]! ^= 1
        return bytes
      },
      async () => expect((await told(['verify', server.url], 3)).verdict).toBe('incomplete'),
    )
  })

  it('without a release is whole and unsigned, or incomplete: there is no word of who stands for it', () =>
    with_(
      '_sx/release.cbor',
      () => undefined,
      async () => {
        const report = await told(['verify', server.url], 3)
        expect(ladder(report)).toEqual(['bytes ✓', 'served ✓', 'pages ✓', 'release ?', 'anchor ·'])
      },
    ))

  it('of no page of SX is told', async () => {
    writeFileSync(join(out, 'plain.html'), '<p>hi')
    const ran = await sx(['verify', `${server.url}plain.html`, '--json'])
    expect([ran.status, jsonLines(ran.err)[0]?.error]).toEqual([1, 'not-a-definition'])
  })
})
