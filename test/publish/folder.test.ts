import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { collect } from '../../src/ipld/definitions.ts'
import { read } from '../../src/lang/reader.ts'
import { fileOf, fillPattern } from '../../src/publish/pattern.ts'
import { createPublicFiles } from '../../src/publish/public-files.ts'
import { createSourceFolder } from '../../src/publish/source-folder.ts'
import { listFiles } from '../../src/publish/sources.ts'
import { createFiles } from '../../src/store/files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-folder-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const write = (files: Record<string, string | Uint8Array>): void => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}
const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
  } catch (error) {
    return error instanceof SxError ? error.code : String(error)
  }
  return undefined
}

describe('listFiles', () => {
  it('sorts by code point, goes into folders, and leaves alone what is no site’s own', () => {
    write({
      'b.sx': '',
      'a/z.sx': '',
      'Z.sx': '',
      'é.sx': '',
      '.git/x.sx': '',
      'node_modules/m/x.sx': '',
      'b.sx~': '',
      '.env': '',
    })
    expect(listFiles(folder, () => true)).toEqual(['Z.sx', 'a/z.sx', 'b.sx', 'é.sx'])
    expect(listFiles(folder, () => true, new Set(['a']))).not.toContain('a/z.sx')
  })

  it('refuses two names that are one where case, or the composition of a letter, is not told apart', () => {
    write({ 'Card.sx': '', 'card.sx': '' })
    expect(codeOf(() => listFiles(folder, () => true))).toBe('source-invalid')
    rmSync(join(folder, 'Card.sx'))
    expect(codeOf(() => listFiles(folder, () => true))).toBeUndefined()
    write({ 'caf\u00e9.sx': '', 'cafe\u0301.sx': '' })
    expect(codeOf(() => listFiles(folder, () => true))).toBe('source-invalid')
  })
})

describe('a source folder', () => {
  const paths = (pending: { readonly set: readonly { readonly path: string }[] }): string[] =>
    pending.set.map(({ path }) => path)

  it('says what to do about a library that SX’s own compiler has made, in a file of its own or as a form', () => {
    const text = '(sxbc 1 "0123456789abcdef" (code :arity 0 :bytecode (1 2) :constants ()))'
    write({ 'lib/text.sxbc': text })
    const sources = createSourceFolder(folder, new Set())
    sources.scan()
    const told = (error: unknown): unknown => (error as { detail: { errors: unknown } }).detail.errors
    const expected = [
      { code: 'not-a-definition', detail: { hint: expect.stringContaining('.sx file'), place: { line: 1 } } },
    ]
    try {
      sources.pending()
      throw new Error('taken')
    } catch (error) {
      expect(told(error)).toMatchObject(expected)
    }
    expect(collect(read(text, 'a.sx'), 'a.sx').errors).toMatchObject(expected)
  })

  it('hands out what no build has accepted yet, and only that', () => {
    write({ 'a.sx': '(define a 1)', 'b.sx': '(define b 1)', 'm.wasm': Uint8Array.of(0) })
    const sources = createSourceFolder(folder, new Set())
    sources.scan()
    expect(paths(sources.pending())).toEqual(['a.sx', 'b.sx'])
    expect([...sources.pending().wasm.keys()]).toEqual(['m.wasm'])
    sources.accepted()
    write({ 'b.sx': '(define b 2)', 'c.sx': '(define c 1)' })
    rmSync(join(folder, 'a.sx'))
    sources.scan(['b.sx', 'c.sx', 'a.sx'])
    expect([paths(sources.pending()), sources.pending().remove]).toEqual([['b.sx', 'c.sx'], ['a.sx']])
    sources.accepted()
    sources.scan(['b.sx'])
    expect(sources.pending()).toMatchObject({ set: [], remove: [] })
  })

  it('looks everywhere when a folder came or went, also when only its name is told', () => {
    write({ 'shop/a.sx': '(define a 1)' })
    const sources = createSourceFolder(folder, new Set())
    sources.scan()
    sources.accepted()
    rmSync(join(folder, 'shop'), { recursive: true })
    write({ 'yard/b.sx': '(define b 1)' })
    sources.scan(['shop', 'yard'])
    expect([paths(sources.pending()), sources.pending().remove]).toEqual([['yard/b.sx'], ['shop/a.sx']])
  })

  it('tells every file that can’t be read, and keeps what waits until they are mended', () => {
    write({ 'good.sx': '(define good 1)', 'half.sx': '(define half', 'bytes.sx': Uint8Array.of(0xff) })
    const sources = createSourceFolder(folder, new Set())
    sources.scan()
    try {
      sources.pending()
      expect.unreachable()
    } catch (error) {
      const { errors } = (error as SxError).detail as { errors: SxError[] }
      expect(errors.map(({ code }) => code).sort()).toEqual(['read-syntax', 'source-invalid'])
    }
    write({ 'half.sx': '(define half 1)', 'bytes.sx': '(define bytes 1)' })
    sources.scan(['half.sx', 'bytes.sx'])
    expect(paths(sources.pending()).sort()).toEqual(['bytes.sx', 'good.sx', 'half.sx'])
  })
})

describe('a public folder', () => {
  const builder = createFiles(bytes => hash('sha256', bytes, 'buffer'))

  it('is read once, then only what changed; what is gone is gone', async () => {
    write({ 'a.txt': 'a', 'deep/b.txt': 'b' })
    const seen: string[] = []
    const files = createPublicFiles(folder, builder, { seen: path => void seen.push(path) })
    const blocks: string[] = []
    const scan = () => files.scan(block => void blocks.push(block.cid))
    await scan()
    await scan()
    expect(seen).toEqual(['a.txt', 'deep/b.txt'])
    const before = files.files.get('a.txt')
    write({ 'a.txt': 'other' })
    rmSync(join(folder, 'deep'), { recursive: true })
    await scan()
    expect(seen).toEqual(['a.txt', 'deep/b.txt', 'a.txt'])
    expect([...files.files.keys()]).toEqual(['a.txt'])
    expect(files.files.get('a.txt')).not.toEqual(before)
    expect(blocks).toHaveLength(3)
  })

  it('that is not there is empty; _sx is kept for releases', async () => {
    const none = createPublicFiles(join(folder, 'none'), builder)
    await none.scan(() => {})
    expect(none.files.size).toBe(0)
    write({ '_sx/root': 'mine' })
    await expect(createPublicFiles(folder, builder).scan(() => {})).rejects.toMatchObject({
      code: 'source-invalid',
    })
  })
})

describe('a page’s pattern', () => {
  it.each([
    ['/', {}, '/', 'index.html'],
    ['/404', {}, '/404', '404.html'],
    ['/posts/<slug>', { slug: 'hello' }, '/posts/hello', 'posts/hello/index.html'],
    ['/<a>/x/<b>', { a: 'é ü', b: 7 }, '/%C3%A9%20%C3%BC/x/7', 'é ü/x/7/index.html'],
  ])('%s with %j is %s, in %s', (pattern, values, path, file) => {
    expect(fillPattern(pattern, new Map(Object.entries(values)))).toBe(path)
    expect(fileOf(path)).toBe(file)
  })

  it.each([undefined, null, '', '.', '..', 'a/b', 'a\0', '\ud800', true, []])(
    'takes no value such as %j',
    value => {
      expect(codeOf(() => fillPattern('/x/<a>', new Map([['a', value]])))).toBe('page-invalid')
    },
  )

  it('leads to one file for each value, always inside the site', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }),
        fc.string({ minLength: 1, unit: 'grapheme' }),
        (a, b) => {
          const file = (value: string): string | undefined => {
            try {
              return fileOf(fillPattern('/x/<a>', new Map([['a', value]])))
            } catch (error) {
              if (error instanceof SxError) return undefined
              throw error
            }
          }
          const [one, other] = [file(a), file(b)]
          if (one === undefined) return
          expect(join('/site', one)).toBe(`/site/x/${a}/index.html`)
          if (a !== b) expect(one).not.toBe(other)
        },
      ),
    )
  })
})
