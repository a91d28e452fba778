// sx fmt: which files, what is written, what is told, and what is left alone.
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createRealSite, type RealSite } from '../support/run-real.ts'

let site: RealSite
const given = (files: Record<string, string>): RealSite => (site = createRealSite(files))
const text = (path: string): string => readFileSync(join(site.folder, path), 'utf8')
afterEach(() => site.remove())

describe('sx fmt', () => {
  it('formats all .sx files below a folder, tests too, and names those that changed', async () => {
    given({
      'src/a.sx': '(f  x)\n',
      'src/b.sx': '(f x)\n',
      'a.test.sx': '(g\n )',
      'node_modules/c.sx': '(h  x)',
    })
    expect(await site.run(['fmt'])).toEqual({
      status: 0,
      out: 'a.test.sx\nsrc/a.sx\n',
      err: '3 files, 2 changed\n',
    })
    expect([text('src/a.sx'), text('a.test.sx'), text('node_modules/c.sx')]).toEqual([
      '(f x)\n',
      '(g)\n',
      '(h  x)',
    ])
    expect(await site.run(['fmt', '--check'])).toMatchObject({ status: 0, out: '' })
  })

  it('--check writes nothing, lists files and exits 1', async () => {
    given({ 'a.sx': '(f  x)' })
    expect(await site.run(['fmt', 'a.sx', '--check'])).toMatchObject({ status: 1, out: 'a.sx\n' })
    expect(text('a.sx')).toBe('(f  x)')
    expect(JSON.parse((await site.run(['fmt', '--check', '--json'])).out)).toEqual({
      files: 1,
      changed: ['a.sx'],
      failed: [],
    })
  })

  it('shows what can’t be read with a caret, and formats the others still', async () => {
    given({ 'a.sx': '(f  x', 'b.sx': '(f  x)', 'c.sx': '(f x))' })
    const { status, out, err } = await site.run(['fmt'])
    expect({ status, out }).toEqual({ status: 1, out: 'b.sx\n' })
    expect(err).toContain('error a.sx:1:1: this ( is never closed: expected )\n  (f  x\n  ^')
    expect(err).toContain('error c.sx:1:6: ) closes nothing')
    expect(err).toContain('3 files, 1 changed, 2 files can’t be read')
    expect(text('a.sx')).toBe('(f  x')
  })

  it('--stdin takes one text to standard output', async () => {
    given({})
    expect(await site.run(['fmt', '--stdin'], '(f  x) ; c')).toEqual({
      status: 0,
      out: '(f x) ; c\n',
      err: '',
    })
    expect(await site.run(['fmt', '--stdin', '--check'], '(f  x)')).toMatchObject({ status: 1, out: '' })
    expect(await site.run(['fmt', '--stdin'], '(f')).toMatchObject({ status: 1, out: '' })
    expect(await site.run(['fmt', '--stdin', 'a.sx'])).toMatchObject({ status: 2 })
  })

  it('keeps a file’s mode and what a link leads to, and leaves nothing beside it', async () => {
    given({ 'a.sx': '(f  x)' })
    chmodSync(join(site.folder, 'a.sx'), 0o640)
    symlinkSync('a.sx', join(site.folder, 'link.sx'))
    expect((await site.run(['fmt', 'link.sx'])).status).toBe(0)
    expect(text('a.sx')).toBe('(f x)\n')
    expect(statSync(join(site.folder, 'a.sx')).mode & 0o777).toBe(0o640)
    expect(readdirSync(site.folder).sort()).toEqual(['a.sx', 'link.sx'])
  })

  it('exits 3 for a path that is not there', async () => {
    given({})
    expect((await site.run(['fmt', 'nowhere.sx'])).status).toBe(3)
    expect(existsSync(join(site.folder, 'nowhere.sx'))).toBe(false)
  })

  it('changes no CID: a formatted site builds to the same pages and definitions', async () => {
    given({
      'a.sx':
        '(defmacro twice ( x )\n`(list ,x   ,x))\n(defcomp ~a ( &key t ) (p :class "x" ; why\n t (twice 1)))',
      'home.sx': '(defpage home :path "/" :title "Hi" :content (~a :t "t"))\n',
    })
    const build = async () => JSON.parse((await site.run(['build', '--json'])).out)
    const before = await build()
    expect((await site.run(['fmt'])).out).toBe('a.sx\n')
    const after = await build()
    expect([after.names, after.pages]).toEqual([before.names, before.pages])
  })
})
