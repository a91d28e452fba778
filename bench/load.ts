// Visits to the example in Chromium over a network with delay: our packs and patches, one request per definition, and a
// compressed bundle. `node bench/load.ts [--rtt 20,80,200] [--runs 9] [--http 2,1] [--json]`
//
// A proxy on loopback holds every byte for half a round trip, and a new connection for a whole one. HTTP/2 goes over TLS, as
// browsers have it, with a certificate made for the run (by openssl); HTTP/1.1 without. The peers run the
// very same client; what differs is how bytes travel. `bundle` is the strongest one that we could think of: two files,
// asked for with the first bytes of the page, one of the runtime (kept for ever), one of the page's definitions
// (revalidated); both brotli 11. Each visit is from navigation to `sx:ready`; each run is a new profile.
import { execFileSync } from 'node:child_process'
import { hash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  request as ask,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import { createSecureServer } from 'node:http2'
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from 'node:net'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import type { Manifest } from '../src/ipld/manifest.ts'
import { chromiumVersion, launchChromium } from '../test/support/chromium.ts'
import { EXAMPLE, serveExample } from './example-site.ts'

const { values: given } = parseArgs({
  options: {
    rtt: { type: 'string', default: '20,80,200' },
    runs: { type: 'string', default: '9' },
    http: { type: 'string', default: '2,1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const [rtts, runs] = [given.rtt.split(',').map(Number), Number(given.runs)]
const versions = given.http.split(',')
if (
  given.help ||
  rtts.some(ms => !(ms >= 0)) ||
  !(runs >= 1) ||
  versions.some(version => !['1', '2'].includes(version))
) {
  console.log('node bench/load.ts [--rtt MS,MS…] [--runs N] [--http 2,1] [--json]')
  process.exit(given.help ? 0 : 2)
}

const home = readFileSync(join(EXAMPLE, 'src/home.sx'), 'utf8')
const edited = (n: number): string => home.replace('From the seed to the page', `From the seed to page ${n}`)
if (edited(1) === home) throw new Error('the heading that is edited is not in home.sx')

const { site, origin } = await serveExample()

const pem = versions.includes('2')
  ? execFileSync(
      'openssl',
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 -keyout - -out -'.split(
        ' ',
      ),
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
  : ''
/** Chromium keeps nothing of whom it can't trust: it trusts this key. */
const trusted = pem
  ? [
      `--ignore-certificate-errors-spki-list=${hash(
        'sha256',
        new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }),
        'base64',
      )}`,
    ]
  : []

/** The same answers by HTTP/2. */
const secured = async (port: number): Promise<number> => {
  const server = createSecureServer({ key: pem, cert: pem }, (request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !name.startsWith(':')),
    )
    const asking = ask(
      { port, host: '127.0.0.1', path: request.url, method: request.method, headers },
      answer => {
        const { connection, 'keep-alive': alive, 'transfer-encoding': coding, ...rest } = answer.headers
        response.writeHead(answer.statusCode!, rest as OutgoingHttpHeaders)
        answer.pipe(response)
      },
    )
    asking.on('error', () => response.stream?.close())
    asking.end()
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

/** Holds bytes both ways. */
const delayed = async (port: number, rtt: number): Promise<Server> => {
  const server = createTcp({ noDelay: true }, from => {
    const to = connect({ port, host: '127.0.0.1', noDelay: true })
    // Both ends of a TCP handshake, before the first byte goes.
    const opened = performance.now() + rtt
    const carry = (a: Socket, b: Socket): void => {
      const later = (f: () => void): void =>
        void setTimeout(f, Math.max(0, opened - performance.now()) + rtt / 2)
      a.on('data', chunk => later(() => void b.write(chunk)))
      a.on('end', () => later(() => void b.end()))
      a.on('error', () => b.destroy())
    }
    carry(from, to)
    carry(to, from)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return server
}

const manifestIn = (html: string): Manifest =>
  JSON.parse(/<script [^>]*data-sx-manifest[^>]*>(\{.*?\})<\/script>/s.exec(html)![1]!)

/** CID, length, bytes, … in one file. */
const packed = async (cids: readonly string[]): Promise<Buffer> => {
  const parts: Buffer[] = []
  for (const cid of cids) {
    const bytes = Buffer.from(await (await fetch(`${origin}sx/h/${cid}`)).arrayBuffer())
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    parts.push(Buffer.from(cid, 'latin1'), length, bytes)
  }
  return brotliCompressSync(Buffer.concat(parts))
}

/** Written in front of the loader: blocks come out of the two files. */
const shim = (files: readonly string[]): string => `<script>{
const real = fetch
const files = ${JSON.stringify(files)}.map(async path => {
  const all = new Uint8Array(await (await real(path)).arrayBuffer()), found = new Map(), view = new DataView(all.buffer)
  for (let i = 0; i < all.length;) {
    const cid = new TextDecoder().decode(all.subarray(i, i + 59)), n = view.getUint32(i + 59, true)
    found.set(cid, all.subarray(i + 63, i + 63 + n)); i += 63 + n
  }
  return found
})
fetch = async (input, init) => {
  const cid = /_sx\\/b\\/(b[a-z2-7]{58})$/.exec(String(input.url ?? input))?.[1]
  if (cid) for (const file of files) { const bytes = (await file).get(cid); if (bytes) return new Response(bytes) }
  return real(input, init)
}}</script>`

type Way = 'packs' | 'each' | 'bundle'
/** What a page asks for, block by block; measured by `each`, bundled by `bundle`. */
const asked = new Map<string, string[]>()
const bundles = new Map<string, Buffer>()

/** A server that rewrites pages. */
const peer = async (way: 'each' | 'bundle'): Promise<number> => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url!
    const file = bundles.get(path)
    if (file) {
      const etag = `"${Buffer.from(file.subarray(-12)).toString('hex')}"`
      const kept = path.startsWith('/runtime') ? 'public, max-age=31536000, immutable' : 'no-cache'
      const headers = { 'content-encoding': 'br', 'cache-control': kept, etag }
      if (request.headers['if-none-match'] === etag) response.writeHead(304, headers).end()
      else response.writeHead(200, { ...headers, 'content-length': file.length }).end(file)
      return
    }
    const upstream = await fetch(origin + path.slice(1), {
      headers: { accept: request.headers.accept ?? '*/*' },
    })
    const type = upstream.headers.get('content-type') ?? ''
    let body: Uint8Array = Buffer.from(await upstream.arrayBuffer())
    if (type.startsWith('text/html')) {
      let html = body.toString().replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
      const manifest = manifestIn(html)
      html = html.replace(JSON.stringify(manifest), () => JSON.stringify({ ...manifest, packs: [] }))
      if (!html.includes('"packs":[]')) throw new Error(`${path}: the manifest is written otherwise`)
      if (way === 'bundle')
        html = html.replace('<script', () => `${shim([`/runtime${path}`, `/page${path}`])}<script`)
      body = Buffer.from(html)
    }
    const coded = brotliCompressSync(body)
    response.writeHead(upstream.status, {
      'content-type': type,
      'content-encoding': 'br',
      'content-length': coded.length,
      'cache-control': upstream.headers.get('cache-control') ?? 'no-cache',
    })
    response.end(coded)
  }
  const server = createServer(
    (request, response) => void answer(request, response).catch(error => response.destroy(error)),
  )
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

const bundlePages = async (): Promise<void> => {
  for (const [path, cids] of asked) {
    const {
      boot,
      modules,
      runtime = [],
      parts = [],
    } = manifestIn(await (await fetch(origin + path.slice(1))).text())
    const isRuntime = new Set([...Object.values(boot), ...Object.values(modules), ...runtime, ...parts])
    bundles.set(`/runtime${path}`, await packed(cids.filter(cid => isRuntime.has(cid))))
    bundles.set(`/page${path}`, await packed(cids.filter(cid => !isRuntime.has(cid))))
  }
}

interface Visit {
  readonly ms: number
  /** that the client makes: no document, style sheet, picture */
  readonly requests: number
  /** of these requests, as they travel, headers included */
  readonly content: number
  /** of everything */
  readonly bytes: number
}

const isContent = /^http.*\/(?:sx\/|_sx\/|runtime\/|page\/)/

/** A page, and what a visit takes: until `sx:ready`, and until nothing is on its way any more. */
const opened = async (browser: Browser) => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(() => {
    document.addEventListener('sx:ready', () => {
      Object.assign(globalThis, { readyAt: performance.now() })
    })
  })
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  let [content, bytes] = [0, 0]
  const requests = new Set<string>()
  let urls: string[] = []
  const cached = new Set<string>()
  session.on('Network.requestServedFromCache', ({ requestId }) => void cached.add(requestId))
  session.on('Network.responseReceived', ({ requestId, response }) => {
    urls.push(response.url)
    if (!cached.has(requestId) && !response.fromDiskCache && isContent.test(response.url))
      requests.add(requestId)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes += encodedDataLength
    if (requests.has(requestId)) content += encodedDataLength
  })
  const measure = async (go: () => Promise<number>): Promise<Visit> => {
    ;[content, bytes, urls] = [0, 0, []]
    requests.clear()
    const ms = await go()
    await page.waitForLoadState('networkidle')
    return { ms, requests: requests.size, content, bytes }
  }
  const ready = async (page: Page): Promise<number> =>
    (
      await page.waitForFunction(() => (globalThis as { readyAt?: number }).readyAt)
    ).jsonValue() as Promise<number>
  return {
    visit: (url: string) =>
      measure(async () => {
        await page.goto(url)
        return ready(page)
      }),
    /** By a link: softly where the client does that. */
    follow: (path: string) =>
      measure(async () => {
        await page.evaluate(path => {
          const global = globalThis as { readyAt?: number; goneAt?: number; sxDocument?: true }
          Object.assign(global, { readyAt: undefined, sxDocument: true, goneAt: performance.now() })
          const link = [...document.links].find(
            link => new URL(link.href).pathname.replace(/\/?$/, '/') === path,
          )
          link!.click()
        }, path)
        const at = await ready(page)
        return at - ((await page.evaluate(() => (globalThis as { goneAt?: number }).goneAt)) ?? 0)
      }),
    urls: () => urls,
    close: () => context.close(),
  }
}

const blocksIn = (urls: readonly string[]): string[] => [
  ...new Set(urls.flatMap(url => /_sx\/b\/(b[a-z2-7]{58})$/.exec(url)?.[1] ?? [])),
]

const NEXT = '/events/'
const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1]!
const browser = await launchChromium(trusted)
const ports: Record<Way, number> = {
  packs: Number(new URL(origin).port),
  each: await peer('each'),
  bundle: await peer('bundle'),
}
for (const path of ['/', NEXT]) {
  const page = await opened(browser)
  await page.visit(`http://127.0.0.1:${ports.each}${path}`)
  asked.set(path, blocksIn(page.urls()))
  await page.close()
}

const kinds = ['cold', 'warm', 'changed', 'next'] as const
const rows: {
  http: string
  rtt: number
  visit: string
  way: Way
  ms: number
  requests: number
  content: number
  bytes: number
}[] = []
let edits = 0
for (const [http, rtt] of versions.flatMap(http => rtts.map(rtt => [http, rtt] as const))) {
  const seen = new Map<string, Visit[]>()
  const proxies = Object.fromEntries(
    await Promise.all(
      Object.entries(ports).map(
        async ([way, port]) => [way, await delayed(http === '2' ? await secured(port) : port, rtt)] as const,
      ),
    ),
  ) as Record<Way, Server>
  for (let run = 0; run < runs; run++)
    for (const way of Object.keys(ports) as Way[]) {
      await bundlePages()
      const url = `${http === '2' ? 'https' : 'http'}://127.0.0.1:${(proxies[way].address() as AddressInfo).port}/`
      const page = await opened(browser)
      const cold = await page.visit(url)
      const warm = await page.visit(url)
      const next = await page.follow(NEXT)
      await site.build({ 'src/home.sx': edited(++edits) })
      if (way === 'bundle') {
        // The page's closure has other CIDs now.
        const probe = await opened(browser)
        await probe.visit(`http://127.0.0.1:${ports.each}/`)
        asked.set('/', blocksIn(probe.urls()))
        await probe.close()
        await bundlePages()
      }
      const changed = await page.visit(url)
      await page.close()
      for (const [kind, visit] of Object.entries({ cold, warm, changed, next })) {
        const key = `${kind} ${way}`
        seen.set(key, [...(seen.get(key) ?? []), visit])
      }
    }
  for (const visit of kinds)
    for (const way of Object.keys(ports) as Way[]) {
      const all = seen.get(`${visit} ${way}`)!
      const of = (what: keyof Visit): number => median(all.map(one => one[what]))
      rows.push({
        http,
        rtt,
        visit,
        way,
        ms: of('ms'),
        requests: of('requests'),
        content: of('content'),
        bytes: of('bytes'),
      })
    }
  for (const proxy of Object.values(proxies)) proxy.close()
}
await browser.close()
await site.stop()

if (given.json) console.log(JSON.stringify({ chromium: chromiumVersion(), runs, rows }))
else {
  console.log(
    `${chromiumVersion()}, ${cpus().length}× ${cpus()[0]!.model}, medians of ${runs} new profiles\n`,
  )
  console.log(
    '| HTTP | round trip | visit | way | ms | of the bundle’s | requests of the client | their bytes | of the bundle’s | all bytes |',
  )
  console.log('|---|---|---|---|---|---|---|---|---|---|')
  for (const row of rows) {
    const bundle = rows.find(
      one => one.http === row.http && one.rtt === row.rtt && one.visit === row.visit && one.way === 'bundle',
    )!
    console.log(
      `| ${row.http} | ${row.rtt} ms | ${row.visit} | ${row.way} | ${row.ms.toFixed(0)} | ${(row.ms / bundle.ms).toFixed(2)}× | ${row.requests} | ${row.content} | ${((100 * row.content) / (bundle.content || row.content || 1)).toFixed(0)} % | ${row.bytes} |`,
    )
  }
}
process.exit()
