// The reader: every form of the language, its places, and what it says of texts that are wrong.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { isPlainKeyword, isSymbolName } from '../../src/lang/names.ts'
import { print } from '../../src/lang/printer.ts'
import { read, readOne } from '../../src/lang/reader.ts'
import { type List, sym, type Value } from '../../src/lang/values.ts'
import { hasSeenPairs, seenPairs } from '../support/seen-pairs.ts'

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const vectors = json(new URL('../vectors/lang/reader.json', import.meta.url).pathname) as {
  valid: { text: string; print: string }[]
  invalid: { text: string; code: string; line: number; column: number; says: string }[]
}

const failure = (run: () => unknown): SxError => {
  try {
    run()
  } catch (error) {
    if (error instanceof SxError) return error
    throw error
  }
  throw new Error('it was read')
}

describe('read', () => {
  it.each(vectors.valid)('reads $text as $print', ({ text, print: printed }) => {
    const { forms } = read(text)
    expect(print(forms)).toBe(printed)
    expect(read(printed).forms[0]).toEqual(forms)
  })

  it.each(vectors.invalid)('refuses $text at $line:$column: $says', ({ text, code, line, column, says }) => {
    const { code: found, message, detail } = failure(() => read(text, 'dir/a.sx'))
    expect({ code: found, ...detail.place }).toMatchObject({ code, file: 'dir/a.sx', line, column })
    expect(message).toContain(says)
  })

  it('refuses half a surrogate pair wherever it stands', () => {
    for (const half of ['\ud83d', '\ude00', '\ud83dx', '\ude00\ud83d'])
      for (const text of [
        `"${half}"`,
        `"\\n${half}"`,
        `#|${half}|`,
        half,
        `a${half}`,
        `#\\${half}`,
        `(${half})`,
      ])
        expect(failure(() => read(text)).code).toBe('read-syntax')
  })

  it('gives one symbol and one keyword for each name, so that they compare by identity', () => {
    const [first, second] = read('(card :title) (card :title)').forms as List[]
    expect(first![0]).toBe(second![0])
    expect(first![1]).toBe(second![1])
    expect(first![0]).toBe(sym('card'))
  })

  it('keeps dicts in canonical order, however they were written', () => {
    expect([...(readOne('{:zz 1 :b 2 "é" 3 :a 4}') as ReadonlyMap<string, Value>).keys()]).toEqual([
      'a',
      'b',
      'zz',
      'é',
    ])
  })

  it('counts lists, dicts, quotes and dropped forms as depth, and stops at the limit without a stack', () => {
    for (const [opener, closer, inner] of [
      ['(', ')', ''],
      ['[', ']', ''],
      ['{:a ', '}', '1'],
      ["'", '', 'x'],
      [',@', '', 'x'],
      ['#;', '', 'x '],
    ] as const) {
      const nested = (depth: number) => opener.repeat(depth) + inner + closer.repeat(depth)
      if (opener !== '#;') expect(read(nested(512)).forms).toHaveLength(1)
      for (const depth of [513, 100_000]) {
        const error = failure(() => read(nested(depth)))
        expect(error.code).toBe('read-limit')
        expect(error.detail).toMatchObject({ limit: 512, place: { line: 1 } })
      }
    }
    expect(failure(() => read('((()))', 'a.sx', { depth: 2 })).detail).toMatchObject({
      limit: 2,
      place: { column: 3 },
    })
  })

  it('refuses a text above the size limit before reading it', () => {
    expect(failure(() => read('(a b c)', 'a.sx', { size: 6 })).code).toBe('read-limit')
    expect(read('(a b c)', 'a.sx', { size: 7 }).forms).toHaveLength(1)
  })

  it('reads #name form as a call of that name, with places of both', () => {
    const source = read('(a #twice #twice b (c)) #upper "x"', 'a.sx')
    expect(print(source.forms)).toBe('((a (twice (twice b)) (c)) (upper "x"))')
    expect(source.placeOf(source.forms[0]!, 2)).toMatchObject({ column: 20 })
    expect(source.placeOf(source.forms[0]!, 1)).toMatchObject({ column: 4 })
    expect(source.placeOf((source.forms[0] as List)[1]!, 0)).toMatchObject({ column: 5 })
    expect(source.placeOf((source.forms[0] as List)[1]!, 1)).toMatchObject({ column: 11 })
    expect(failure(() => read('(if #t 1)', 'a.sx')).detail.hint).toBe('write true')
  })

  it('names where an unclosed list was opened, and where a bracket seems to be missing', () => {
    const { detail } = failure(() => read('(define a\n  (b (c))\n\n(define d 1)\n', 'a.sx'))
    expect(detail.place).toMatchObject({ line: 1, column: 1, excerpt: '(define a' })
    expect(detail.related?.map(one => one.place.line)).toEqual([4, 4])
  })

  it('shows both brackets when they do not match', () => {
    const { detail } = failure(() => read('(a\n [b)', 'a.sx'))
    expect(detail.place).toMatchObject({ line: 2, column: 4 })
    expect(detail.related?.[0]?.place).toMatchObject({ line: 2, column: 2 })
  })
})

describe('readOne', () => {
  it('takes a text with one form', () => {
    expect(readOne(' 42 ; yes')).toBe(42)
    expect(failure(() => readOne('1 2')).code).toBe('read-syntax')
    expect(failure(() => readOne('')).code).toBe('read-syntax')
  })
})

describe('isSymbolName and isPlainKeyword', () => {
  it('agree with the reader about single words', () => {
    const words = [
      'a',
      'a b',
      '12',
      '+5',
      '.5',
      '-',
      '...',
      'true',
      'nil',
      '',
      ':a',
      'x#3',
      'x#',
      'x#03',
      '#a',
      '@h:a',
      '"',
      "'a",
      'é',
      '2a',
      '٣',
      '\u0301',
      'a\u0301',
      'a\n',
      '$',
      'a,b',
      '-.5',
      '..5',
      '1/2',
      '½',
      'a\u00a0',
    ]
    for (const word of words) {
      const asSymbol = (() => {
        try {
          const { forms } = read(word)
          return forms.length === 1 && forms[0] === sym(word)
        } catch {
          return false
        }
      })()
      expect([word, isSymbolName(word)]).toEqual([word, asSymbol])
      const asKeyword = (() => {
        try {
          const { forms } = read(`:${word}`)
          return forms.length === 1 && print(forms[0]!) === `:${word}`
        } catch {
          return false
        }
      })()
      expect([word, isPlainKeyword(word)]).toEqual([word, asKeyword])
    }
  })
})

interface Read {
  text: string
  forms?: string
  string?: string
  length?: number
  print?: string
}
if (hasSeenPairs)
  describe('pairs seen in the public pages', () => {
    it.each(seenPairs<Read>('parse'))('reads $text', ({ text, forms, string, length, print: printed }) => {
      const source = read(text)
      if (forms !== undefined) expect(print(source.forms)).toBe(forms)
      if (string !== undefined) expect(source.forms).toEqual([string])
      if (length !== undefined) expect(string).toHaveLength(length)
      if (printed !== undefined) expect(print(source.forms[0]!)).toBe(printed)
    })
  })
