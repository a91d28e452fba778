// Foreign text of any shape gives values or an SxError with a place, in time that grows with its length only.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { canonicalText } from '../../src/lang/canonical.ts'
import { showError } from '../../src/lang/place.ts'
import { print } from '../../src/lang/printer.ts'
import { read } from '../../src/lang/reader.ts'
import { value } from '../support/arbitrary-values.ts'

/** Reads; what was read prints and reads back as itself, what was not is an SxError whose place is in the text. */
const survives = (text: string) => {
  let source: ReturnType<typeof read>
  try {
    source = read(text)
  } catch (error) {
    if (!(error instanceof SxError)) throw error
    expect(['read-syntax', 'read-limit']).toContain(error.code)
    const { place } = error.detail
    const lines = text.replace(/^\ufeff/, '').split(/\r\n?|\n/)
    expect(place!.excerpt).toBe(lines[place!.line - 1])
    expect(place!.column).toBeGreaterThan(0)
    expect(place!.column).toBeLessThanOrEqual(place!.excerpt.length + 1)
    expect(showError(error).length).toBeGreaterThan(0)
    return
  }
  const { forms } = source
  if (JSON.stringify([forms]).length < 1e6) {
    for (const one of forms) expect(read(print(one)).forms).toEqual([one])
    for (const one of forms) canonicalText(one)
  }
  forms.forEach((_, i) => {
    source.commentAbove(i)
    expect(source.placeOf(forms, i)).toBeDefined()
  })
}

const pieces = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  '\\',
  '\\u',
  '\\ud83d',
  "'",
  '`',
  ',',
  ',@',
  '@',
  '@h:',
  '@m:1',
  '@x:b#',
  '#',
  '#;',
  '#|',
  '|',
  "#'",
  '#\\',
  '#\\x41',
  ';',
  '\n',
  '\r',
  ' ',
  ':',
  ':a',
  'a',
  'x#3',
  '1',
  '-',
  '+',
  '.',
  '/',
  'e',
  '0',
  '\u0301',
  '\u00a0',
  '😀',
  '\ud83d',
  '\ude00',
  '名',
  '\0',
  '\ufeff',
  '$',
  'nil',
  'true',
]

describe('the reader', () => {
  it('survives random pieces of the language', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), parts => survives(parts.join(''))),
      {
        numRuns: 5000,
      },
    )
  })

  it('survives random units, lone surrogates among them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 40 }), units =>
        survives(String.fromCharCode(...units)),
      ),
      {
        numRuns: 2000,
      },
    )
  })

  it('survives bytes that were decoded as UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => survives(new TextDecoder().decode(bytes))),
      { numRuns: 2000 },
    )
  })

  it('survives printed values with pieces cut out, doubled and put in', () => {
    const edit = fc.record({ at: fc.nat(), cut: fc.nat(4), put: fc.constantFrom('', ...pieces) })
    fc.assert(
      fc.property(value, fc.array(edit, { minLength: 1, maxLength: 4 }), (one, edits) => {
        let text = print(one)
        for (const { at, cut, put } of edits) {
          const from = at % (text.length + 1)
          text = text.slice(0, from) + put + text.slice(from + cut)
        }
        survives(text)
      }),
      { numRuns: 3000 },
    )
  })

  it('takes a megabyte of anything in well under a second or two', () => {
    const million = 1_000_000
    const texts = [
      ...pieces.map(piece => piece.repeat(million / piece.length)),
      ...pieces.map(piece => `(${piece} `.repeat(million / (piece.length + 2))),
      ...pieces.map(piece => `${piece}\n`.repeat(million / (piece.length + 1))),
      `(a ${'b '.repeat(million / 2)}`,
      `"${'\\n'.repeat(million / 2)}"`,
      `"${'\\u0041'.repeat(million / 6)}"`,
      `{${Array.from({ length: 60_000 }, (_, i) => `:k${60_000 - i} ${i}`).join(' ')}}`,
      `${'{:b 1 :a '.repeat(511)}(${'x '.repeat(400_000)})${'}'.repeat(511)}`,
      `${'{:b 1 :a '.repeat(511)}(${'x '.repeat(400_000)})${' c}'.repeat(511)}`,
      '9'.repeat(million),
      `1/${'9'.repeat(million)}`,
      `#\\${'x'.repeat(million)}`,
      `{:${'k'.repeat(million)} 1 :${'k'.repeat(million)} 2}`,
      `#${'n'.repeat(million)} x`,
      `@h:b${'a'.repeat(million)}`,
      `${'a'.repeat(million)}$`,
    ]
    for (const text of texts) {
      const start = performance.now()
      try {
        read(text)
      } catch (error) {
        expect(error).toBeInstanceOf(SxError)
        expect((error as SxError).message.length).toBeLessThan(300)
        expect(showError(error).length).toBeLessThan(2000)
      }
      expect(performance.now() - start, text.slice(0, 20)).toBeLessThan(2000)
    }
  })
})
