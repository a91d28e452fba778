import { readdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browse } from '../support/browse.ts'
import { hasChromium, launchChromium } from '../support/chromium.ts'
import { build, createSandbox, jsonLines, type Sandbox } from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(() => {
  sandbox = createSandbox()
})
afterAll(() => sandbox?.stop())

describe('from nothing to a site', () => {
  it('sx init, sx build and sx serve in an empty folder', async () => {
    const folder = sandbox.write('new', {})
    const cwd = sandbox.path('new')
    sandbox.write('new', { 'notes.txt': 'mine' })
    expect(folder).toBe(cwd)
    const made = await sandbox.run(['init', '--json'], { cwd })
    expect(made.status).toBe(0)
    const { files } = JSON.parse(made.out) as { files: string[] }
    expect(readdirSync(cwd, { recursive: true })).toEqual(expect.arrayContaining([...files, 'notes.txt']))
    const built = await sandbox.run(['build'], { cwd })
    expect([built.status, built.out]).toEqual([0, expect.stringMatching(/^bafyrei[a-z2-7]{52}\n$/)])
    const server = await sandbox.start(['serve', '--port', '0'], { cwd })
    expect(await (await fetch(server.url)).text()).toContain('<h1>')
    expect((await server.stop()).status).toBe(0)
    const again = await sandbox.run(['init'], { cwd })
    expect([again.status, again.out]).toEqual([2, ''])
  })

  it('a folder of .sx files with no configuration', async () => {
    const folder = sandbox.write('bare', {
      'home.sx': '(defpage home :path "/" :title "Bare" :content (h1 "Hello " (greet "you")))',
      'words/greet.sx': '(define greet (fn (name) (str name "!")))',
      'ui/_parts/card.sx': '(defcomp (&key title) (article title))',
    })
    const report = await build(sandbox, folder)
    expect(Object.keys(report.names).sort()).toEqual(['greet', '~ui/card'])
    expect(report.pages.map(({ path }) => path)).toEqual(['/'])
  })

  it('sx build --json says one object with the documented fields, and nothing else', async () => {
    const ran = await sandbox.run(['build', sandbox.path('bare'), '--json'])
    expect(ran.err).toBe('')
    expect(ran.out.trimEnd()).not.toContain('\n')
    const cid = expect.stringMatching(/^bafyrei[a-z2-7]{52}$/)
    const report = JSON.parse(ran.out) as object
    expect(report).toEqual({
      root: cid,
      files: 3,
      definitions: 2,
      blocks: expect.any(Number),
      bytes: expect.any(Number),
      reused: expect.any(Number),
      ms: expect.any(Number),
      pages: [{ path: '/', cid }],
      names: { greet: cid, '~ui/card': cid },
    })
  })
})

describe('a build that fails', () => {
  const wrong = {
    'src/good.sx': '(define good 1)\n(defpage home :path "/" :title "Home" :content (p (~lost)))',
    'src/brackets.sx': '; a file that does not end\n(define half (fn (x)\n  (str x)',
    'src/twice.sx': '(define good 2)',
    'src/near.sx': '(define near (fn () (+ goood 1)))',
    'src/form.sx': '(define odd (let ((x)) x))',
    'src/loose.sx': '(print "not a definition")',
    'src/macro.sx': '(defmacro never (x) (error "no"))\n(define calls (never 1))',
  }

  it('exits with 1 and tells each mistake as a JSON line with a file that can be opened from here, line and column, on standard error alone', async () => {
    const ran = await sandbox.run([
      'build',
      sandbox.write('wrong-text', {
        'src/brackets.sx': wrong['src/brackets.sx'],
        'src/more.sx': '(define a "no end)',
      }),
      '--json',
    ])
    expect([ran.status, ran.out]).toEqual([1, ''])
    expect(
      ran.err
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      expect.objectContaining({
        error: 'read-syntax',
        file: 'wrong-text/src/brackets.sx',
        line: expect.any(Number),
        column: expect.any(Number),
        excerpt: expect.any(String),
      }),
      expect.objectContaining({ error: 'read-syntax', file: 'wrong-text/src/more.sx', line: 1 }),
    ])
  })

  it('names definitions in errors of rendering, says where they are, and compares types where the configuration asks for it', async () => {
    const source = `(defcomp ~card (&key (title :as string)) (p title))
(define (five) 5)
(defpage home :path "/" :title "T" :content (~card :title (five)))
(defpage other :path "/other" :title "T" :content (~card :titel "x"))`
    const loose = await sandbox.run(['build', sandbox.write('loose', { 'a.sx': source })])
    expect(loose.err).toMatch(/a\.sx:4:1: ~card takes no keyword :titel/)
    expect(loose.err).not.toMatch(/:3:1|bafyrei/)
    const folder = sandbox.write('strict', { 'a.sx': source, 'sx.config.json': '{"strict": true}' })
    const { status, err } = await sandbox.run(['build', folder])
    expect(status).toBe(1)
    expect(err).toMatch(/a\.sx:3:1: ~card takes :title as string, not 5/)
    expect(err).toMatch(/a\.sx:1:1: it fails in ~card/)
  })

  it('reports all mistakes of all files at once, each with its place and a caret', async () => {
    const { 'src/brackets.sx': _, ...readable } = wrong
    const folder = sandbox.write('wrong', readable)
    const told = jsonLines((await sandbox.run(['build', folder, '--json'])).err)
    const found = Object.fromEntries(
      told.map(({ file, line, error }) => [`${String(file)}:${String(line)}`, error]),
    )
    expect(found).toEqual({
      'wrong/src/good.sx:2': 'unknown-name',
      'wrong/src/twice.sx:1': 'duplicate-name',
      'wrong/src/near.sx:1': 'unknown-name',
      'wrong/src/form.sx:1': 'syntax-form',
      'wrong/src/loose.sx:1': 'not-a-definition',
      'wrong/src/macro.sx:2': 'macro-failed',
    })
    const ran = await sandbox.run(['build', folder])
    expect([ran.status, ran.out]).toEqual([1, ''])
    expect(ran.err).toMatch(
      /near\.sx:1:24: .*goood.*\n {2}\(define near \(fn \(\) \(\+ goood 1\)\)\)\n {25}\^\n {2}hint: did you mean `good`/,
    )
    for (const file of Object.keys(readable))
      if (file !== 'src/good.sx') expect(ran.err).toContain(file.replace('src/', ''))
  })

  it.each([
    [
      'a page that fails while it renders',
      { 'a.sx': '(defpage home :path "/" :title "x"\n  :content (p (first 5)))' },
      'a.sx',
      1,
    ],
    [
      'two pages at one path',
      {
        'a.sx':
          '(defpage one :path "/" :title "x" :content (p))\n(defpage two :path "/" :title "y" :content (p))',
      },
      'a.sx',
      2,
    ],
    [
      'libraries that import each other',
      {
        'a.sx': '(define-library (a) (export x) (import (b)) (begin (define x 1)))',
        'b.sx': '(define-library (b) (export y) (import (a)) (begin (define y 1)))',
      },
      'a.sx',
      1,
    ],
    ['text that is not UTF-8', { 'a.sx': Uint8Array.of(0x28, 0xff, 0x29) }, undefined, undefined],
    [
      'a module that is no WebAssembly',
      { 'home.sx': '(define a 1)', 'm.wasm': Uint8Array.of(1, 2, 3, 4) },
      undefined,
      undefined,
    ],
    [
      'a setting that is misspelt',
      { 'sx.config.json': '{"titel": "x"}', 'a.sx': '(define a 1)' },
      undefined,
      undefined,
    ],
  ])('%s: exit 1, one error that says where', async (name, files, file, line) => {
    const ran = await sandbox.run([
      'build',
      sandbox.write(name, files as Record<string, string | Uint8Array>),
      '--json',
    ])
    expect([ran.status, ran.out]).toEqual([1, ''])
    const told = jsonLines(ran.err)
    expect(told).toHaveLength(1)
    if (file !== undefined) expect(told[0]).toMatchObject({ file: `${name}/${file}`, line })
    else expect(JSON.stringify(told[0])).toMatch(/a\.sx|m\.wasm|titel/)
  })
})

describe.skipIf(!hasChromium())('a page whose addresses no build knows', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  it('is shown by 404.html with JavaScript, with what the address says, and as not found without', async () => {
    const folder = sandbox.write('open', {
      'site.sx': `
        (defpage home :path "/" :title "Home" :content (h1 "Home"))
        (defpage hello :path "/hello/<name>" :title (str "Hello " name) :content (<> (h1 "Hello " name) (p (~shout :what name))))
        (defpage lost :path "/404" :title "Nothing here" :content (h1 "Nothing here"))
        (defcomp ~shout (&key what) (em (upper what)))`,
    })
    const server = await sandbox.start(['serve', folder, '--port', '0'])
    const on = await browse(browser, `${server.url}hello/w%C3%B6rld`)
    expect([on.state, on.text, await on.page.title()]).toEqual(['ready', 'Hello wörldWÖRLD', 'Hello wörld'])
    expect(on.definitions.every(({ status }) => status === 200)).toBe(true)
    await on.close()
    const off = await browse(browser, `${server.url}hello/w%C3%B6rld`, { javaScriptEnabled: false })
    expect([off.status, off.text]).toEqual([404, 'Nothing here'])
    await off.close()
    const lost = await browse(browser, `${server.url}nowhere/at/all`, {}, 1000)
    expect([lost.status, lost.text]).toEqual([404, 'Nothing here'])
    await lost.close()
    await server.stop()
  })
})
