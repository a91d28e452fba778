// Places of forms, comments above them, and errors as a terminal shows them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SxError } from '../../src/errors.ts'
import { showError } from '../../src/lang/place.ts'
import { pretty } from '../../src/lang/printer.ts'
import { read } from '../../src/lang/reader.ts'
import { isDict, isList, type List, type Value } from '../../src/lang/values.ts'
import { plainValue } from '../support/arbitrary-values.ts'

const shown = (text: string): string => {
  try {
    read(text, 'dir/a.sx')
    return 'it was read'
  } catch (error) {
    return showError(error)
  }
}

describe('placeOf', () => {
  it('knows lists by identity and their elements by index', () => {
    const source = read('(define a\n  \'(b {:zz (c) :y d} #;(x (y)) "e\nf" g))\n(h)\n', 'a.sx')
    const [define, h] = source.forms as List[]
    const quoted = define![2] as List
    const inner = quoted[1] as List
    const dict = inner[1] as Value
    const at = (form: Value, index?: number) => {
      const place = source.placeOf(form, index)
      return place && `${place.line}:${place.column}`
    }
    expect([at(define!), at(define!, 1), at(quoted), at(inner), at(inner, 0)]).toEqual([
      '1:1',
      '1:9',
      '2:3',
      '2:4',
      '2:5',
    ])
    // Canonical order: :y comes before :zz, though it was written after.
    expect([at(dict), at(dict, 0), at(dict, 1)]).toEqual(['2:7', '2:19', '2:12'])
    expect([at(inner, 2), at(inner, 3)]).toEqual(['2:32', '3:4'])
    expect([at(h!), at(source.forms, 1), at(source.forms)]).toEqual(['4:1', '4:1', '1:1'])
    expect([at(h!, 1), at([]), at('x'), at(dict, 2)]).toEqual([undefined, undefined, undefined, undefined])
  })

  it('points at a text that reads as the very form, for every list and dict of any text', () => {
    fc.assert(
      fc.property(
        fc.array(plainValue, { maxLength: 4 }),
        fc.integer({ min: 1, max: 80 }),
        (values, width) => {
          const source = read(values.map(one => pretty(one, width)).join('\n'), 'a.sx')
          const lines = source.text.split('\n')
          const check = (form: Value, place: ReturnType<typeof source.placeOf>) => {
            expect(place).toBeDefined()
            const rest = [place!.excerpt.slice(place!.column - 1), ...lines.slice(place!.line)].join('\n')
            expect(lines[place!.line - 1]).toBe(place!.excerpt)
            expect(firstForm(rest)).toEqual(form)
            if (!isList(form) && !isDict(form)) return
            if (form !== source.forms) expect(source.placeOf(form)).toEqual(place)
            ;[...form.values()].forEach((inner, i) => {
              // The head that quote sugar stands for has the place of the sugar.
              if (!(i === 0 && isList(form) && /^['`,]/.test(rest))) check(inner, source.placeOf(form, i))
            })
          }
          source.forms.forEach((form, i) => {
            check(form, source.placeOf(source.forms, i))
          })
        },
      ),
      { numRuns: 300 },
    )
  })

  /** What stands at the start of a text that may end in the middle of something else. */
  const firstForm = (text: string): Value => {
    for (let end = 1; end <= text.length; end++) {
      if (end < text.length && !/[\s)}]/.test(text[end]!)) continue
      try {
        const { forms } = read(text.slice(0, end))
        if (forms.length === 1) return forms[0]!
      } catch {}
    }
    throw new Error('nothing reads')
  }
})

describe('commentAbove', () => {
  const above = (text: string, index = 0) => read(text).commentAbove(index)

  it('takes the comment lines directly above a form, without semicolons', () => {
    expect(above(';; One.\n; Two: ;\n(a)')).toBe('One.\nTwo: ;')
    expect(above('(a)\n\n  ;;   indented\n  (b)', 1)).toBe('indented')
    expect(above('; far\n\n(a)')).toBe('')
    expect(above('(a) ; beside\n(b)', 1)).toBe('')
    expect(above('; of a\n(a) (b)', 1)).toBe('')
    expect(above('(a)')).toBe('')
    expect(above('(a)', 5)).toBe('')
  })

  it('does not take a line inside the form before for a comment', () => {
    expect(above('(a "\n; not a comment")\n(b)', 1)).toBe('')
    expect(above('#|\n; not a comment|\n(b)', 1)).toBe('')
  })

  it('leaves the mark of a client library out', () => {
    const source = read('\ufeff;; @client\n;; Shouts.\n(define a 1)')
    expect([source.client, source.commentAbove(0)]).toEqual([true, 'Shouts.'])
    expect(read(';; a\n;; @client\n(a)').client).toBe(false)
    expect(read(';; @clients\n(a)').client).toBe(false)
    expect(read('"\n;; @client\n"').client).toBe(false)
  })
})

describe('showError', () => {
  it('shows the line with a caret, what is related, and a hint', () => {
    expect(shown('(a\n\t[b 名前)')).toBe(
      [
        'dir/a.sx:2:7: expected ], found )',
        '  \t[b 名前)',
        '  \t       ^',
        'dir/a.sx:2:2: the bracket to close',
        '  \t[b 名前)',
        '  \t^',
      ].join('\n'),
    )
    expect(shown('(list a, b)')).toBe(
      [
        'dir/a.sx:1:8: unexpected , (U+002C) in a word',
        '  (list a, b)',
        '         ^',
        '  hint: a space separates forms; the comma is unquote',
      ].join('\n'),
    )
  })

  it('shows a window of a very long line', () => {
    const lines = shown(`${'(a b) '.repeat(10_000)})${' (c)'.repeat(1000)}`).split('\n')
    expect(lines[0]).toBe('dir/a.sx:1:60001: ) closes nothing')
    expect(lines[1]!.length).toBeLessThan(120)
    expect(lines[1]![lines[2]!.indexOf('^')]).toBe(')')
  })

  it('lets no control character of a foreign text reach the terminal', () => {
    const error = new SxError('read-syntax', 'bad \x1b[31m', {
      hint: '\x9b',
      place: { file: 'a', line: 1, column: 1, excerpt: '\x1b]0;x\x07 \u202e' },
    })
    expect(showError(error)).not.toMatch(/[^\P{C}\n\t]/u)
  })

  it('takes anything that was thrown', () => {
    expect(showError(new Error('plain'))).toBe('plain')
    expect(showError('text')).toBe('text')
    expect(showError(new SxError('usage', 'no place', { hint: 'do' }))).toBe('no place\n  hint: do')
  })
})
