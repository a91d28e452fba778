// The table of special forms against its vectors: what each row evaluates, binds and takes literally.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rowOf, syntax } from '../../src/lang/syntax.ts'
import { auxiliary, forms, hostIo, isPureForMacro, primitives, tags } from '../../src/lang/words.ts'
import { show, showRefs, tinySite } from '../support/tiny-site.ts'

interface Case {
  readonly form: string
  readonly source: string
  readonly why?: string
}
const vectors = JSON.parse(readFileSync(new URL('../vectors/lang/forms.json', import.meta.url), 'utf8')) as {
  site: string
  valid: (Case & { expanded: string; refs: string[] })[]
  invalid: (Case & { code: string })[]
}

const title = ({ form, source, why }: Case) => `${form}: ${source}${why === undefined ? '' : ` (${why})`}`

describe('vectors of the table', () => {
  const site = tinySite(vectors.site)
  for (const one of vectors.valid)
    it(title(one), () => {
      const expanded = site.expression(one.source)
      expect(show(expanded.body)).toBe(one.expanded)
      expect(showRefs(expanded)).toEqual(one.refs)
    })
  for (const one of vectors.invalid)
    it(`refuses ${title(one)}`, () => {
      expect(() => site.expression(one.source)).toThrow(expect.objectContaining({ code: one.code }))
      try {
        site.expression(one.source)
      } catch (error) {
        expect(error).toMatchObject({ detail: { place: { file: 'expression.sx', line: 1 } } })
      }
    })
})

describe('words', () => {
  it('has a valid and an invalid vector for every form', () => {
    const valid = new Set(vectors.valid.map(one => one.form))
    const invalid = new Set(vectors.invalid.map(one => one.form))
    const wanting = Object.entries(syntax)
      .filter(
        ([name, row]) =>
          (row.reading !== 'definition' && !valid.has(name)) || (name !== 'begin' && !invalid.has(name)),
      )
      .map(([name]) => name)
    expect(wanting).toEqual([])
  })

  it('has a row for every form and a form for every row', () => {
    expect(new Set(Object.keys(syntax))).toEqual(forms)
    expect(rowOf('constructor')).toBeUndefined()
  })

  it('has a row for every form in the documentation', () => {
    const page = readFileSync(new URL('../../docs/format.md', import.meta.url), 'utf8')
    const table = page.slice(page.indexOf('### 2.5'), page.indexOf('Bodies (defines allowed)'))
    const first = table
      .split('\n')
      .map(line => line.split('|')[1] ?? '')
      .join(' ')
    const words = new Set(first.match(/[^\s()`|,]+/g))
    expect([...forms].filter(name => !words.has(name))).toEqual([])
  })

  it('gives every word one meaning', () => {
    const sets = [forms, auxiliary, primitives, tags, hostIo]
    const all = sets.flatMap(set => [...set])
    expect(new Set(all).size).toBe(all.length)
  })

  it('keeps chance, state and the host out of macros', () => {
    for (const name of ['random-int', 'signal', 'deref', 'swap!', 'use-store', 'now', 'if', 'no-such'])
      expect(isPureForMacro(name)).toBe(false)
    for (const name of ['list', 'str', 'append!', 'sx-parse']) expect(isPureForMacro(name)).toBe(true)
  })

  it.each(['div', 'svg', 'path', '<>', 'textPath'])('knows the tag %s', name =>
    expect(tags.has(name)).toBe(true),
  )
  it('leaves the names of forms out of the tags', () => {
    for (const name of ['map', 'filter']) expect(tags.has(name)).toBe(false)
  })

  it('refuses every form and every auxiliary word as a name, at any level', () => {
    const site = tinySite('')
    for (const name of [...forms, ...auxiliary])
      for (const source of [
        `(fn (${name}) 1)`,
        `(fn (x) (let ((${name} 1)) 1))`,
        `(fn () (define ${name} 1))`,
        `(let* (y 1 ${name} 2) 1)`,
      ])
        if (!(name.startsWith('&') && source.startsWith(`(fn (${name}`)))
          expect(() => site.expression(source), source).toThrow(
            expect.objectContaining({ code: 'syntax-reserved' }),
          )
  })
})

describe('warnings', () => {
  const site = tinySite('(defcomp ~c (&key title label) (div title (label "x")))')
  it('tells of parameters that are named like tags, and of those that are called', () => {
    const warnings = site.expand('~c').warnings
    expect(warnings.map(one => [one.code, one.detail.called])).toEqual([
      ['tag-parameter', false],
      ['tag-parameter', true],
    ])
    expect(warnings[1]?.detail.place).toMatchObject({ file: 'site.sx', line: 1, column: 25 })
  })
  it('tells of other locals only when they are called', () => {
    const codes = (source: string) => site.expression(source).warnings.map(one => one.message)
    expect(codes('(let ((title 1)) (list title))')).toEqual([])
    expect(codes('(let ((title 1)) (title title) (title 2))')).toEqual([
      'the local variable `title` is named like a tag',
    ])
  })
  it('says nothing of macros, which never render', () => {
    expect(tinySite('(defmacro m (&rest body) `(list ,@body))').macro('m').warnings).toEqual([])
  })
  it('tells of a variable that is taken for a value of case', () => {
    expect(site.expression('(fn (x y) (case x y 1))').warnings).toMatchObject([{ code: 'literal-name' }])
  })
  it('tells who thinks that flat let is sequential', () => {
    expect(site.expression('(fn (x) (let [x 1 y x] y))').warnings).toMatchObject([{ code: 'parallel-let' }])
    expect(() => site.expression('(let [x 1 y x] y)')).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ hint: expect.stringContaining('let*') }) }),
    )
  })
})
