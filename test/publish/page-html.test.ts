import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { contentSecurityPolicy, hashSource } from '../../src/publish/csp.ts'
import { pageHtml, scriptJson } from '../../src/publish/page-html.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const page = {
  title: 'A <b> & "c"',
  lang: 'en',
  head: '',
  body: '<p>hi</p>',
  manifest: {
    page: 'p',
    path: '/',
    closure: 'c',
    packs: [],
    defs: { '</script><script>alert(1)</script>': 'x', '<!--<script>': 'y' },
    modules: {},
    boot: { loader: 'l', kernel: 'k', platform: 'q' },
  },
  loader: 'run()',
  csp: "default-src 'none'",
}

describe('pageHtml', () => {
  it('lets no name in the manifest end its script element, and JSON gives it back', () => {
    const html = pageHtml(page)
    const json = /data-sx-manifest>(.*?)<\/script>/s.exec(html)![1]!
    expect(json).not.toContain('<')
    expect(JSON.parse(json)).toEqual(page.manifest)
  })

  it('escapes the title and puts nothing after the body', () => {
    const html = pageHtml(page)
    expect(html).toContain('<title>A &lt;b> &amp; "c"</title>')
    expect(html.endsWith('<body><p>hi</p></body></html>')).toBe(true)
  })

  it('puts the policy before everything that it governs', () => {
    const html = pageHtml({ ...page, head: '<style>p{}</style>' })
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'))
    expect(html.indexOf('<style>')).toBeLessThan(html.indexOf('data-sx-manifest'))
  })

  it('refuses a loader that a parser would change', () => {
    for (const loader of ['"</script>"', '"<!--"', 'a\r\nb', '"\0"'])
      expect(() => pageHtml({ ...page, loader })).toThrowError(expect.objectContaining({ code: 'internal' }))
  })

  it('has no script at all without a loader', () => {
    expect(pageHtml({ ...page, loader: undefined })).not.toContain('<script')
  })

  it('writes JSON that is still JSON', () => {
    expect(JSON.parse(scriptJson(['<', '\u2028', '"']))).toEqual(['<', '\u2028', '"'])
  })
})

describe('contentSecurityPolicy', () => {
  const options = {
    scriptHashes: ["'sha256-abc='"],
    styleHashes: [],
    connect: ['https://ipfs.example'],
    wasm: false,
  }

  it('allows the hashed loader, what it verified, and the listed gateways, and no eval', () => {
    const csp = contentSecurityPolicy(options)
    expect(csp).toContain("script-src 'sha256-abc=' blob:;")
    expect(csp).toContain("connect-src 'self' https://ipfs.example;")
    expect(csp).not.toContain('unsafe-eval')
    expect(csp.match(/unsafe-inline/g)).toHaveLength(1)
    expect(csp).toContain("style-src-attr 'unsafe-inline'")
  })

  it('allows WebAssembly only where it is asked for', () => {
    expect(contentSecurityPolicy({ ...options, wasm: true })).toContain("'wasm-unsafe-eval'")
  })

  it('runs no script on a page without a loader', () => {
    expect(contentSecurityPolicy({ ...options, scriptHashes: [] })).toContain("script-src 'none';")
  })

  it('refuses a source that would add a directive', () => {
    expect(() => contentSecurityPolicy({ ...options, connect: ["x; script-src 'unsafe-inline'"] })).toThrow(
      TypeError,
    )
  })

  it('hashes as the browser does', () => {
    // CSP 3, §8.3 (usage of hashes): alert('Hello, world.');
    expect(hashSource("alert('Hello, world.');", sha256)).toBe(
      "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='",
    )
  })
})
