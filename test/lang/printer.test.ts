// The printers: what they write reads back as the same value, and people can read it.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { describe as describeValue } from '../../src/lang/describe.ts'
import { pretty, print } from '../../src/lang/printer.ts'
import { readOne } from '../../src/lang/reader.ts'
import {
  Char,
  ExportLink,
  Keyword,
  Link,
  MemberRef,
  Ratio,
  Ref,
  Sym,
  sym,
  type Value,
} from '../../src/lang/values.ts'
import { memberValue, value } from '../support/arbitrary-values.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/lang/printer.json', import.meta.url).pathname, 'utf8'),
) as { pretty: { text: string; width?: number; lines: string[] }[] }

const nested = (depth: number): Value => {
  let one: Value = []
  for (let i = 1; i < depth; i++) one = i % 2 ? [one] : new Map([['a', one]])
  return one
}

describe('print', () => {
  it('writes every storable value so that it reads back as itself', () => {
    fc.assert(
      fc.property(fc.oneof(value, memberValue), one => {
        expect(readOne(print(one))).toEqual(one)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['', new Sym('')],
    ['a b', new Sym('a b')],
    ['12', new Sym('12')],
    ['nil', new Sym('nil')],
    ['marked', new Sym('x', 1)],
    [': ', new Keyword(' ')],
    ['empty keyword', new Keyword('')],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['2^53', 2 ** 53],
    ['1e300', 1e300],
    ['half a pair', '\ud83d'],
    ['half a pair as a key', new Map([['\ude00', 1]])],
    ['two characters', new Char('ab')],
    ['no character', new Char('')],
    ['half a char', new Char('\ud83d')],
    ['2/4', new Ratio(2, 4)],
    ['1/1', new Ratio(1, 1)],
    ['1/0', new Ratio(1, 0)],
    ['1/-2', new Ratio(1, -2)],
    ['1.5/2', new Ratio(1.5, 2)],
    ['no CID', new Link('Qm')],
    ['a CID with more', new Link('ba b')],
    ['no export', new ExportLink('ba', 'a b')],
    ['a hygienic export', new ExportLink('ba', 'a#1')],
    ['member -1', new MemberRef(-1)],
    ['member 1.5', new MemberRef(1.5)],
    ['a reference without a CID', new Ref('a')],
    ['undefined', undefined as unknown as Value],
    ['a function', (() => 1) as unknown as Value],
    ['a Date', new Date(0) as unknown as Value],
    ['513 levels', nested(513)],
  ])('refuses what no text stands for: %s', (_, bad) => {
    for (const write of [print, pretty])
      for (const one of [bad, [1, bad], new Map([['a', bad]])]) {
        expect(() => write(one)).toThrow(SxError)
        expect(() => write(one)).toThrow(expect.objectContaining({ code: 'value-not-storable' }))
      }
  })

  it('refuses a value that holds itself, and takes 512 levels', () => {
    const loop: Value[] = []
    loop.push(loop)
    expect(() => print(loop)).toThrow(SxError)
    expect(() => pretty(loop)).toThrow(SxError)
    const deep = nested(512)
    expect(readOne(print(deep))).toEqual(deep)
    expect(readOne(pretty(deep))).toEqual(deep)
  })

  it('writes a dict in canonical order, whatever order its Map has', () => {
    expect(
      print(
        new Map([
          ['bb', 1],
          ['é', 2],
          ['a', 3],
          ['c', 4],
        ]),
      ),
    ).toBe('{:a 3 :c 4 :bb 1 :é 2}')
  })
})

describe('pretty', () => {
  it('lays out every storable value, at any width, so that it reads back as itself', () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 100 }), (one, width) => {
        expect(readOne(pretty(one, width))).toEqual(one)
      }),
      { numRuns: 3000 },
    )
  })

  it('keeps lines within the width where single words and pairs allow it', () => {
    const short = fc.letrec<{ tree: Value }>(tie => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom<Value>(sym('card'), 'Hi', 42, null),
        fc.array(tie('tree'), { maxLength: 8 }),
      ),
    })).tree
    fc.assert(
      fc.property(short, one => {
        const lines = pretty(one).split('\n')
        // Indentation of deep data may leave no room; anything else fits.
        for (const line of lines)
          expect(line.length).toBeLessThanOrEqual(Math.max(80, line.search(/[^ (]/) + 40))
      }),
      { numRuns: 500 },
    )
  })

  it.each(vectors.pretty)('lays out $text', ({ text, width, lines }) => {
    const form = readOne(text)
    expect(pretty(form, width).split('\n')).toEqual(lines)
    expect(readOne(lines.join('\n'))).toEqual(form)
  })

  it('takes a large value in a time that grows with its size', () => {
    let wide: Value = Array.from({ length: 20_000 }, (_, i) => [
      sym('div'),
      new Keyword('class'),
      `c${i}`,
      [sym('p'), 'text '.repeat(20)],
    ])
    for (let i = 0; i < 200; i++) wide = [sym('div'), wide]
    // Within the test's own time; a width asked for again at each level would take minutes.
    expect(pretty(wide).length).toBeGreaterThan(1_000_000)
  })
})

describe('describe', () => {
  it('shows anything at all, shortly, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(value, fc.anything()), one => {
        expect(describeValue(one, 60).length).toBeLessThanOrEqual(70)
      }),
      { numRuns: 1000 },
    )
    const loop: Value[] = [sym('a')]
    loop.push(loop)
    expect(describeValue(loop)).toMatch(/^\(a \(a /)
    expect(describeValue([sym('f'), 'x'.repeat(1000)], 20)).toBe(`(f "${'x'.repeat(16)}…`)
    expect(describeValue([new Sym('t', 3), new Ref('~card'), Number.NaN, '\ud83d'])).toBe(
      '(t ~card NaN "\ufffd")',
    )
  })
})
