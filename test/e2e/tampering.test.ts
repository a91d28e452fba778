import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { CID } from 'multiformats/cid'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { browse, type Visited } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { build, createSandbox, example, type Report, type Sandbox, type Started } from '../support/sandbox.ts'

const flipped = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte))

describe.skipIf(!hasChromium())('somebody who changes what was published', () => {
  let sandbox: Sandbox
  let server: Started
  let browser: Browser
  let report: Report
  let honest: Visited
  /** CIDs of the page's packs */
  let packs: readonly string[]
  beforeAll(async () => {
    sandbox = createSandbox()
    ;[server, browser] = await Promise.all([
      sandbox.start(['serve', example, '--port', '0']),
      launchChromium(),
    ])
    report = await build(sandbox, example)
    honest = await browse(browser, `${server.url}market/`)
    expect(honest.state).toBe('ready')
    packs = await honest.page.evaluate(
      () => JSON.parse(document.querySelector('script[data-sx-manifest]')!.textContent!).packs,
    )
    expect(packs.length).toBeGreaterThan(0)
  })
  afterAll(async () => {
    await browser?.close()
    await sandbox?.stop()
  })

  /** The page is what the server rendered, nothing of the wrong bytes is in it, and it is said aloud. */
  const keptAsItWas = (visited: Visited, cid: string, reason: RegExp): void => {
    expect(visited.text).toBe(honest.text)
    expect(visited.skipped).toContainEqual({
      cid,
      source: expect.stringMatching(/\/(sx\/h|_sx\/b)\/\{cid\}$/),
      reason: expect.stringMatching(reason),
    })
    expect(visited.console).toContainEqual(
      expect.stringMatching(new RegExp(`error: sx: skipped .* for ${cid}: .*${reason.source}`)),
    )
  }

  describe('on the disk of the server', () => {
    const change = (cid: string, bytes: (now: Uint8Array) => Uint8Array): (() => void) => {
      const { digest } = CID.parse(cid).multihash
      const database = new DatabaseSync(sandbox.store, { timeout: 2000 })
      const now = database.prepare('SELECT bytes FROM blocks WHERE digest = ?').get(digest)!
        .bytes as Uint8Array
      const set = database.prepare('UPDATE blocks SET bytes = ? WHERE digest = ?')
      expect(set.run(bytes(now), digest).changes).toBe(1)
      return () => {
        set.run(now, digest)
        database.close()
      }
    }

    it('flips one byte of a definition: the gateway answers an error and never the bytes, the page stays, the console says it', async () => {
      const cid = report.names['~market/card']!
      const restores = [cid, ...packs].map(one => change(one, flipped))
      const restore = (): void => restores.forEach(one => void one())
      // another process, so that no block is still in memory from before
      const other = await sandbox.start(['serve', report.root, '--port', '0'])
      try {
        const answer = await fetch(`${other.url}sx/h/${cid}`)
        expect(answer.status).toBeGreaterThanOrEqual(500)
        expect(await answer.text()).not.toContain('article')
        for (const format of ['sx', 'dag-json', 'html'])
          expect((await fetch(`${other.url}sx/h/${cid}?format=${format}`)).status).toBeGreaterThanOrEqual(500)
        const visited = await browse(browser, `${other.url}market/`)
        expect(visited.state).toBe('failed')
        keptAsItWas(visited, cid, /status 5\d\d/)
        await visited.close()
        const inspected = await sandbox.run(['inspect', cid])
        expect(inspected.status).toBe(6)
        expect(inspected.out).toBe('')
      } finally {
        restore()
        await other.stop()
      }
    })

    it('flips one byte of a definition alone: its page comes in packs, and shows what it should', async () => {
      const restore = change(report.names['~market/card']!, flipped)
      const other = await sandbox.start(['serve', report.root, '--port', '0'])
      try {
        const visited = await browse(browser, `${other.url}market/`)
        expect([visited.state, visited.text]).toEqual(['ready', honest.text])
        await visited.close()
      } finally {
        restore()
        await other.stop()
      }
    })

    it('is undone by building again', async () => {
      const cid = report.names['~market/card']!
      for (const one of [cid, ...packs]) change(one, flipped)
      expect((await build(sandbox, example)).root).toBe(report.root)
      const ran = await sandbox.run(['inspect', cid, '--as', 'sx'])
      expect([ran.status, ran.out]).toEqual([0, expect.stringContaining('~market/card')])
    })
  })

  describe('between server and browser', () => {
    let proxy: Server
    afterEach(() => {
      proxy.closeAllConnections()
      proxy.close()
    })
    /** Hands everything on, but for the answers that `change` makes of a block's bytes. */
    const betweenAll = async (
      change: (cid: string, bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>,
    ): Promise<string> => {
      proxy = createServer(async (request, response) => {
        const answer = await fetch(new URL(request.url!, server.url), {
          redirect: 'manual',
          headers: { 'accept-encoding': 'identity' },
        })
        const body = new Uint8Array(await answer.arrayBuffer())
        const cid = /^\/(?:sx\/h|_sx\/b)\/([^/?]+)$/.exec(request.url!)?.[1]
        const headers = Object.fromEntries(
          [...answer.headers].filter(
            ([name]) => !/^(content-length|connection|transfer-encoding|keep-alive)$/.test(name),
          ),
        )
        response.writeHead(answer.status, headers).end(cid === undefined ? body : await change(cid, body))
      }).listen(0, '127.0.0.1')
      await once(proxy, 'listening')
      return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`
    }

    /** The same, and no pack comes through, so that every definition is asked for by itself. */
    const between = (
      change: (cid: string, bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>,
    ): Promise<string> =>
      betweenAll((cid, bytes) => (packs.includes(cid) ? flipped(bytes) : change(cid, bytes)))

    it('changes the packs: noticed, said, and the page gets ready from its blocks', async () => {
      const url = await between((_, bytes) => bytes)
      const visited = await browse(browser, `${url}market/`)
      expect(visited.state).toBe('ready')
      for (const pack of packs) keptAsItWas(visited, pack, /mismatch/)
      await visited.close()
    })

    it.each([
      ['a definition', '~market/card'],
      ['a value', 'market/goods'],
      ['a library', 'rose/money'],
    ])('flips one byte of %s: noticed, never rendered, said', async (_, name) => {
      const cid = report.names[name]!
      expect(cid, name).toBeDefined()
      const url = await between((asked, bytes) => (asked === cid ? flipped(bytes) : bytes))
      const visited = await browse(browser, `${url}market/`)
      expect(visited.state).toBe('failed')
      keptAsItWas(visited, cid, /mismatch/)
      await visited.close()
    })

    it('answers with another valid definition, which would show other prices: noticed, never rendered, said', async () => {
      const { rye, buns } = { rye: report.names['market/rye']!, buns: report.names['market/buns']! }
      const url = await between(async (asked, bytes) =>
        asked === rye
          ? new Uint8Array(await (await fetch(`${server.url}sx/h/${buns}`)).arrayBuffer())
          : bytes,
      )
      const visited = await browse(browser, `${url}market/`)
      expect(visited.state).toBe('failed')
      keptAsItWas(visited, rye, /mismatch/)
      await visited.close()
    })

    it('changes the kernel: it never runs', async () => {
      const kernel = honest.definitions.find(({ bytes }) => bytes.length > 20_000)!.cid
      const url = await between((asked, bytes) =>
        asked === kernel
          ? new Uint8Array(Buffer.concat([bytes, Buffer.from(';document.title="owned"')]))
          : bytes,
      )
      const visited = await browse(browser, `${url}market/`)
      expect([visited.state, await visited.page.title()]).toEqual(['failed', 'Market · Rose Ash'])
      keptAsItWas(visited, kernel, /mismatch/)
      await visited.close()
    })

    it('lies once: the truth is asked for again and the page gets ready', async () => {
      const cid = report.names['~market/card']!
      let lies = 1
      const url = await between((asked, bytes) => (asked === cid && lies-- > 0 ? flipped(bytes) : bytes))
      const visited = await browse(browser, `${url}market/`)
      expect(visited.state).toBe('ready')
      keptAsItWas(visited, cid, /mismatch/)
      await visited.close()
    })
  })
})
