import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { docOf, placeOf } from '../../src/ipld/definition.ts'
import { collect, pathName } from '../../src/ipld/definitions.ts'
import { print } from '../../src/lang/printer.ts'
import { read } from '../../src/lang/reader.ts'

interface Vector {
  readonly title: string
  readonly path?: string
  readonly text: string
  readonly definitions?: unknown
  readonly library?: unknown
  readonly pages?: unknown
  readonly errors?: readonly string[]
}

const vectors = JSON.parse(readFileSync('test/vectors/ipld/definitions.json', 'utf8')) as Vector[]

const summary = (text: string, path = 'file.sx') => {
  const { definitions, library, pages, errors } = collect(read(text, path), path)
  return {
    definitions: definitions.map(one => ({
      name: one.name,
      kind: one.kind,
      params: print(one.params),
      body: one.body.map(print).join(' '),
      ...(one.effects && { effects: one.effects }),
    })),
    ...(library && {
      library: {
        name: library.name,
        exports: library.exports,
        imports: library.imports.map(one => one.library),
        forms: library.forms.map(print),
      },
    }),
    ...(pages.length > 0 && {
      pages: pages.map(({ name, path, bound, body, meta, paths }) => ({
        name,
        path,
        bound,
        body: print(body),
        meta: Object.fromEntries([...meta].map(([key, form]) => [key, print(form)])),
        ...(paths !== undefined && { paths: print(paths) }),
      })),
    }),
    ...(errors.length > 0 && {
      errors: errors.map(
        ({ code, message, detail }) => `${code} ${detail.place?.line}:${detail.place?.column} ${message}`,
      ),
    }),
  }
}

describe('what a file defines', () => {
  for (const { title, path, text, ...expected } of vectors)
    it(title, () => expect(summary(text, path)).toEqual({ definitions: [], ...expected }))

  it('has the comment above it and its place', () => {
    const [one, two] = collect(
      read('; Says hello.\n; Twice.\n(define x 1)\n\n  (define y 2)', 'a/b.sx'),
      'a/b.sx',
    ).definitions
    expect([docOf(one!), placeOf(one!).line, docOf(two!), placeOf(two!).line, placeOf(two!).column]).toEqual([
      'Says hello.\nTwice.',
      3,
      '',
      5,
      3,
    ])
  })

  it('takes a name from a path without the folders that begin with _', () => {
    expect(pathName('geography/cek/_islands/demo.sx')).toBe('geography/cek/demo')
    expect(pathName('_a/_b/c.d.sx')).toBe('c.d')
  })
})
