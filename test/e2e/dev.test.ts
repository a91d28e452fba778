import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browse, type Visited } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { createSandbox, type Sandbox, type Started } from '../support/sandbox.ts'

describe.skipIf(!hasChromium())('sx dev', () => {
  let sandbox: Sandbox
  let folder: string
  let server: Started
  let browser: Browser
  let visited: Visited
  beforeAll(async () => {
    sandbox = createSandbox()
    folder = sandbox.copyExample('site')
    ;[server, browser] = await Promise.all([sandbox.start(['dev', folder, '--port', '0']), launchChromium()])
    visited = await browse(browser, server.url)
    expect(visited.state).toBe('ready')
  })
  afterAll(async () => {
    await browser?.close()
    await sandbox?.stop()
  })
  const home = 'src/home.sx'
  const edit = (path: string, from: string, to: string): void => {
    const text = readFileSync(join(folder, path), 'utf8')
    expect(text).toContain(from)
    writeFileSync(join(folder, path), text.replace(from, to))
  }
  const shows = async (text: string): Promise<number> => {
    const began = performance.now()
    await visited.page.locator('h1', { hasText: text }).waitFor({ timeout: 5000 })
    return performance.now() - began
  }

  it('shows an edit in the browser within a second of saving it', async () => {
    edit(home, 'From the seed to the page"', 'From the seed to the crumb"')
    expect(await shows('From the seed to the crumb')).toBeLessThan(1000)
    await visited.page.locator('html[data-sx=ready]').waitFor()
  })

  it('hears of the same file again when an editor saves by renaming', async () => {
    for (const word of ['table', 'plate']) {
      const text = readFileSync(join(folder, home), 'utf8').replace(
        /From the seed to the \w+"/,
        `From the seed to the ${word}"`,
      )
      writeFileSync(join(folder, `${home}.swap`), text)
      renameSync(join(folder, `${home}.swap`), join(folder, home))
      await shows(`From the seed to the ${word}`)
    }
    edit(home, 'to the plate"', 'to the crumb"')
    await shows('From the seed to the crumb')
  })

  it('says a mistake over the page and in the terminal, with the line and a caret, and keeps the last good build', async () => {
    edit(home, '(number-word ', '(number-wrd ')
    const cover = visited.page.getByRole('alertdialog', { name: 'The build failed' })
    await cover.waitFor({ timeout: 3000 })
    const text = (await cover.textContent()) ?? ''
    expect(text).toContain('number-wrd')
    expect(text).toMatch(/home\.sx:\d+:\d+/)
    expect(text).toMatch(/\n +\^/)
    expect(text).toContain('number-word')
    await expect
      .poll(() => server.said.err)
      .toMatch(
        /error \S*src\/home\.sx:\d+:\d+: .*number-wrd[\s\S]*\n +\^[\s\S]*last good build is still served/,
      )
    expect(await (await fetch(server.url)).text()).toContain('From the seed to the crumb')
    const late = await browse(browser, `${server.url}market/`)
    await late.page.getByRole('alertdialog').waitFor({ timeout: 3000 })
    await late.close()
  })

  it('takes the mistake away when it is mended, also when the page is as it was', async () => {
    edit(home, '(number-wrd ', '(number-word ')
    await visited.page.getByRole('alertdialog').waitFor({ state: 'detached', timeout: 3000 })
    await shows('From the seed to the crumb')
  })

  it('shows a changed style sheet, a new page and a page that is gone', async () => {
    edit('public/site.css', '--radius: 14px', '--radius: 3px')
    await visited.page.waitForFunction(
      () => getComputedStyle(document.documentElement).getPropertyValue('--radius') === '3px',
      undefined,
      { timeout: 3000 },
    )
    writeFileSync(
      join(folder, 'src/extra.sx'),
      '(defpage extra :path "/extra" :title "Extra" :content (h1 "Extra"))',
    )
    await expect.poll(async () => (await fetch(`${server.url}extra/`)).status, { timeout: 3000 }).toBe(200)
    renameSync(join(folder, 'src/extra.sx'), join(folder, 'extra.txt'))
    await expect.poll(async () => (await fetch(`${server.url}extra/`)).status, { timeout: 3000 }).toBe(404)
  })

  it('ends on a signal, with browsers listening, in a moment', async () => {
    const began = performance.now()
    expect((await server.stop()).status).toBe(0)
    expect(performance.now() - began).toBeLessThan(3000)
  })
})
