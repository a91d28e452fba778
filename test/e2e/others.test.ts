// A component of one site on the page of another: named by CID, contained in the HTML and in Chromium alike.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browse } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { build, createSandbox, type Sandbox } from '../support/sandbox.ts'

const theirs = {
  'src/card.sx': `
(defcomp ~card (&key title)
  (article (h2 :id "cart" title) (~form) (~rings :n 2)))
(defcomp ~form () (form :action "https://elsewhere.example/" (input :type "password")))
(defcomp ~rings (&key n) (div n (when (> n 0) (~ring :n (- n 1)))))
(defcomp ~ring (&key n) (~rings :n n))
(define greeting "hello")
(defcomp ~shared () (let ((s (use-store "cart" (fn () (signal 1))))) (p (deref s))))
(defcomp ~asks () (p (current-user)))`,
}

let sandbox: Sandbox
let names: Readonly<Record<string, string>>
beforeAll(async () => {
  sandbox = createSandbox()
  names = (await build(sandbox, sandbox.write('theirs', theirs))).names
})
afterAll(() => sandbox?.stop())

/** Writes a site that uses `content`, and builds it. */
const ours = (name: string, content: string, others?: unknown) => {
  const folder = sandbox.write(name, {
    'src/home.sx': `(defcomp ~own () (p :id "own" "mine"))\n(defpage home :path "/" :title "Home" :content ${content})`,
    'sx.config.json': JSON.stringify({ ...(others !== undefined && { others }) }),
  })
  return { folder, ran: sandbox.run(['build', folder, '--json']) }
}
const errorOf = async (made: ReturnType<typeof ours>) => {
  const { status, err } = await made.ran
  return {
    status,
    ...(JSON.parse(err.trim().split('\n').at(-1)!) as { error: string; message: string; hint?: string }),
  }
}

describe('a component of another publisher', () => {
  it('is used by CID, or by a name from the configuration; both are the same page', async () => {
    const byCid = await build(
      sandbox,
      ours('by-cid', `(main (~own) (@h:${names['~card']} :title "Hi"))`).folder,
    )
    const byName = await build(
      sandbox,
      ours('by-name', '(main (~own) (~friend/card :title "Hi"))', { '~friend/card': names['~card'] }).folder,
    )
    expect(byName.pages).toEqual(byCid.pages)
    const checked = await sandbox.run(['check', sandbox.path('by-name')])
    expect(checked.status, checked.err).toBe(0)
  })

  it('has a wall around it; what may not be there is left out and told', async () => {
    const { folder, ran } = ours('walled', `(main (~own) (@h:${names['~card']} :title "Hi"))`)
    expect((await ran).status).toBe(0)
    expect((await sandbox.run(['build', folder])).err).toContain('<form>, id left out')
    const server = await sandbox.start(['serve', folder, '--port', '0'])
    const html = await (await fetch(server.url)).text()
    expect(html).toContain(
      `<main><p id="own">mine</p><span data-sx-foreign="${names['~card']}" style="display:block;contain:content"><article><h2>Hi</h2><div>2<div>1<div>0</div></div></div></article></span></main>`,
    )
    const { root } = await build(sandbox, folder)
    const shown = JSON.parse((await sandbox.run(['inspect', root, '--as', 'dag-json'])).out)
    expect(shown).toMatchObject({ foreign: { [names['~card']!]: 'unknown' } })
    await server.stop()
  })

  it('is refused where it is no component, not pure, or reaches into the page', async () => {
    expect(await errorOf(ours('value', `(p @h:${names.greeting})`))).toMatchObject({
      status: 1,
      message: expect.stringContaining('is a value: only components of others can be used'),
      hint: expect.stringContaining('"trust": "own"'),
    })
    expect((await errorOf(ours('io', `(@h:${names['~asks']})`))).message).toContain(
      'is not pure: it uses current-user',
    )
    expect((await errorOf(ours('store', `(@h:${names['~shared']})`))).message).toContain('use-store')
  })

  it('does all that the site’s own may, where the configuration takes it for its own', async () => {
    const { ran } = ours('trusted', '(main greeting-of-theirs (~friend/card :title "Hi"))', {
      'greeting-of-theirs': { cid: names.greeting, trust: 'own' },
      '~friend/card': { cid: names['~card'], trust: 'own' },
    })
    expect((await ran).status).toBe(0)
    const server = await sandbox.start(['serve', sandbox.path('trusted'), '--port', '0'])
    expect(await (await fetch(server.url)).text()).toContain('<main>hello<article><h2 id="cart">Hi</h2><form')
    await server.stop()
  })

  it.each([
    [{ '~x': 'not a cid' }, 'needs the CID of a definition'],
    [{ div: 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy' }, 'is no name for a definition'],
    [
      { '~x': { cid: 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy', trust: 'much' } },
      'none of unknown, followed, own',
    ],
  ])('a setting that means nothing is an error: %j', async (others, message) => {
    const { status, message: said } = await errorOf(ours('wrong', '(p)', others))
    expect([status, said]).toEqual([1, expect.stringContaining(message)])
  })
})

describe.skipIf(!hasChromium)('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  it('the page that the client renders is the one that was served, wall included', async () => {
    const server = await sandbox.start(['serve', sandbox.path('walled'), '--port', '0'])
    const seen = await browse(browser, server.url)
    expect([seen.state, seen.skipped]).toEqual(['ready', []])
    const wall = seen.page.locator('[data-sx-foreign]')
    expect(await wall.locator('form').count()).toBe(0)
    expect(await wall.evaluate(element => getComputedStyle(element).contain)).toBe('content')
    await seen.close()
    await server.stop()
  })

  it('what a server puts into it is put right', async () => {
    const server = await sandbox.start(['serve', sandbox.path('walled'), '--port', '0'])
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.route(server.url, async route => {
      const answer = await route.fetch()
      const body = (await answer.text()).replace('<h2>Hi</h2>', '<h2>Hi</h2><form id="theirs"></form>')
      await route.fulfill({ response: answer, body })
    })
    await page.goto(server.url)
    await page.waitForFunction(() => document.documentElement.dataset.sx === 'ready')
    expect(await page.locator('#theirs').count()).toBe(0)
    await context.close()
    await server.stop()
  })
})
