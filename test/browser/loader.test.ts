import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/ipld/manifest.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { type Fault, type PageServer, startPageServer } from '../support/page-server.ts'
import { client, htmlOf, type PageParts, putRaw, text, visit } from './page-fixture.ts'

const kernel = text('(globalThis.sxKernelRan = true, { kernel: { name: "kernel" } })')
const platform = text(`() => {
  globalThis.sxPlatformRan = true
  const start = async given => {
    globalThis.sxGiven = { kernel: given.kernel.name, place: given.place && { ...given.place, params: [...given.place.params] }, target: given.target.path }
    document.documentElement.dataset.sx = 'ready'
  }
  return { start }
}`)
const nobody = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
const parts: PageParts = {
  page: nobody,
  path: '/',
  closure: nobody,
  defs: {},
  body: '<p>server</p>',
  kernel,
  platform,
}

describe.skipIf(!hasChromium())('loader in Chromium', () => {
  let browser: Browser
  let server: PageServer
  let other: PageServer
  beforeAll(async () => {
    browser = await launchChromium(['--host-resolver-rules=MAP plain.test 127.0.0.1'])
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    server = await startPageServer()
    other = await startPageServer()
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    await Promise.all([server.stop(), other.stop()])
  })
  const open = (path = '/', wait?: number) => visit(browser, server.url + path, wait)
  const ran = (v: Awaited<ReturnType<typeof visit>>): Promise<unknown> =>
    v.page.evaluate(() => {
      const { sxKernelRan, sxPlatformRan, sxGiven } = globalThis as unknown as Record<string, unknown>
      return { kernel: sxKernelRan === true, platform: sxPlatformRan === true, given: sxGiven }
    })

  it('runs what the policy does not name all the same, once it has hashed to its CID', async () => {
    server.pages.set('/', htmlOf(server, { ...parts, unnamed: true }))
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(await ran(v)).toMatchObject({ kernel: true, platform: true })
    expect(v.console).toHaveLength(1)
    expect(v.console[0]).toContain('Content Security Policy')
  })

  it('runs kernel and platform under the policy, and asks for nothing else', async () => {
    server.pages.set('/', htmlOf(server, parts))
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(v.console).toEqual([])
    expect(await ran(v)).toEqual({
      kernel: true,
      platform: true,
      given: { kernel: 'kernel', place: { base: '/', path: '/', params: [] }, target: '/' },
    })
    expect(server.asked.length).toBe(2)
  })

  it('hands over the parameters and the base that it finds in the location', async () => {
    const at = '/ipfs/bafyroot/posts/caf%C3%A9/'
    server.pages.set(at, htmlOf(server, { ...parts, path: '/posts/<slug>' }))
    const v = await open(at)
    expect(await ran(v)).toMatchObject({
      given: { place: { base: '/ipfs/bafyroot/', path: '/posts/caf%C3%A9', params: [['slug', 'café']] } },
    })
  })

  it('works without crypto.subtle: plain http on a host that is not localhost', async () => {
    server.pages.set('/', htmlOf(server, parts))
    const v = await visit(browser, `http://plain.test:${server.port}/`)
    expect(await v.page.evaluate(() => [isSecureContext, crypto.subtle === undefined])).toEqual([false, true])
    expect(v.outcome).toBe('ready')
  })

  const faults: readonly (readonly [Fault, string | RegExp])[] = [
    [{ kind: 'lie', with: text('globalThis.sxKernelRan = "a lie"') }, 'mismatch'],
    [{ kind: 'flip' }, 'mismatch'],
    [{ kind: 'flip', at: 0 }, 'mismatch'],
    [{ kind: 'truncate' }, 'mismatch'],
    [{ kind: 'cut' }, /network|fetch/i],
    [{ kind: 'long' }, 'too long'],
    [{ kind: 'status', status: 500 }, 'status 500'],
  ]
  for (const [fault, reason] of faults)
    for (const module of ['kernel', 'platform'] as const) {
      const title = `${fault.kind}${'at' in fault ? ` at ${fault.at}` : ''}`
      it(`runs nothing of a ${module} that its only source spoils (${title}), says so, and leaves the page`, async () => {
        const html = htmlOf(server, parts)
        server.pages.set('/', html)
        const cid = putRaw(server, module === 'kernel' ? kernel : platform)
        server.faults.set(cid, fault)
        const v = await open()
        expect(v.outcome).toBe('failed')
        expect(await ran(v)).toMatchObject({ [module]: false })
        expect(v.errors[0]).toEqual({
          cid,
          source: `${server.url}/_sx/b/{cid}`,
          reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
        })
        expect(
          v.console.filter(line => line.includes(`skipped ${server.url}`) && line.includes(cid)),
        ).not.toEqual([])
        expect(v.console.filter(line => line.includes('stays as the server sent it'))).toHaveLength(1)
        expect(v.mutations).toEqual([])
        expect(await v.page.textContent('body')).toBe('server')
        expect(await v.page.getByRole('alert').textContent()).toBe(
          `This page could not be verified (no source has ${cid}): its controls don’t respond. Reload to try again.`,
        )
      })
    }

  for (const [fault] of [...faults.filter(([f]) => !('at' in f)), [{ kind: 'hang' }] as const])
    it(`goes to the next source after one that spoils it (${fault.kind})`, async () => {
      server.pages.set('/', htmlOf(server, { ...parts, sources: [`${other.url}/_sx/b/{cid}`] }))
      const cid = putRaw(server, kernel)
      for (const code of [kernel, platform]) putRaw(other, code)
      server.faults.set(cid, fault)
      const v = await open()
      expect(v.outcome).toBe('ready')
      // Who delivered is asked first for the platform, too, which this kernel doesn't hold.
      expect(other.asked).toEqual([cid, putRaw(other, platform)])
      expect(v.errors.map(e => e.cid)).toEqual([cid])
    })

  it('does not believe a second liar either', async () => {
    server.pages.set('/', htmlOf(server, { ...parts, sources: [`${other.url}/_sx/b/{cid}`] }))
    const cid = putRaw(server, kernel)
    putRaw(other, kernel)
    server.faults.set(cid, { kind: 'flip' })
    other.faults.set(cid, { kind: 'lie', with: platform })
    const v = await open()
    expect(v.outcome).toBe('failed')
    expect(await ran(v)).toMatchObject({ kernel: false })
    expect(new Set(v.errors.map(e => e.source)).size).toBe(2)
  })

  it('does not stay broken by a wrong answer that the HTTP cache keeps for a year', async () => {
    server.pages.set('/', htmlOf(server, parts))
    const cid = putRaw(server, kernel)
    server.faults.set(cid, { kind: 'flip-once' })
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(v.errors).toHaveLength(1)
  })

  it('cares for bytes, not for their label', async () => {
    server.pages.set('/', htmlOf(server, parts))
    server.faults.set(putRaw(server, kernel), { kind: 'type' })
    expect((await open()).outcome).toBe('ready')
  })

  it('leaves a 404 page alone where no route knows the place, and picks the route where one does', async () => {
    const routes = [{ path: '/posts/<slug>', page: nobody, closure: nobody, packs: [], defs: {} }]
    server.pages.set('404', htmlOf(server, { ...parts, path: '/404', routes }))
    const lost = await open('/nowhere/at/all', 500)
    expect(lost.outcome).toBeUndefined()
    expect(server.asked).toEqual([])
    const found = await open('/posts/new-one')
    expect(await ran(found)).toMatchObject({
      given: { target: '/posts/<slug>', place: { params: [['slug', 'new-one']] } },
    })
  })

  it('is kept from running what the policy does not name: inline handlers, injected scripts, eval', async () => {
    const hostile =
      '<p onclick="globalThis.hit=1">x</p><script>globalThis.hit=2</script><img src="/x" onerror="globalThis.hit=3">'
    server.pages.set('/', htmlOf(server, { ...parts, body: hostile }))
    const v = await open()
    await v.page.click('p')
    const result = await v.page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.hit = 4'
      document.body.append(script)
      return (globalThis as { hit?: number }).hit
    })
    expect(result).toBeUndefined()
    expect(v.outcome).toBe('ready')
  })

  it('reads a manifest whose names try to leave their element', async () => {
    const defs = { '</script><script>globalThis.hit=1</script>': nobody, '<!--<script>': nobody }
    server.pages.set('/', htmlOf(server, { ...parts, defs }))
    const v = await open()
    expect(v.outcome).toBe('ready')
    expect(v.console).toEqual([])
    const read = await v.page.evaluate(
      () => document.querySelector('script[data-sx-manifest]')?.textContent ?? '',
    )
    expect((JSON.parse(read) as Manifest).defs).toEqual(defs)
  })

  it('stands in the page as it was built, so that its hash can be checked', async () => {
    server.pages.set('/', htmlOf(server, parts))
    const v = await open()
    const inline = await v.page.evaluate(() => document.querySelector('script[type=module]')?.textContent)
    expect(inline).toBe(new TextDecoder().decode(client.loader.code))
  })
})
