// The formatter changes white space only: nothing that is read, no comment, no token; and a second time nothing at all.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { format, formatWidth } from '../../src/lang/format.ts'
import { treeOf } from '../../src/lang/format-tree.ts'
import { read } from '../../src/lang/reader.ts'

const lines = (...text: readonly string[]): string => text.map(line => `${line}\n`).join('')

describe('format', () => {
  it('keeps the lines that an author began, and mends indentation, spaces and brackets', () => {
    expect(
      format(lines('(defcomp ~card ( &key  title )', '     (article', '(h2 title', ')', ')', ' )')),
    ).toBe(lines('(defcomp ~card (&key title)', '  (article', '    (h2 title)))'))
  })

  it('leaves what fits on one line as it is', () => {
    expect(format('(define f (fn (x)   (+ x 1)))')).toBe('(define f (fn (x) (+ x 1)))\n')
  })

  it('breaks what is too wide: head, attributes as long as they fit, then one argument a line', () => {
    const text = `(~ui/card :href "/market" :title "Market" :eyebrow "Buy" :picture (get market/area :picture) (p :class "muted" (get market/area :lead)))`
    expect(format(text)).toBe(
      lines(
        '(~ui/card :href "/market" :title "Market" :eyebrow "Buy" :picture (get market/area :picture)',
        '  (p :class "muted" (get market/area :lead)))',
      ),
    )
  })

  it('begins a line with what has lines of its own, so that nothing hangs far to the right', () => {
    expect(format(lines('(td (div :class "row"', '(b 1)', '(b 2)))'))).toBe(
      lines('(td', '  (div :class "row"', '    (b 1)', '    (b 2)))'),
    )
    expect(format(lines('(p :id "a" :on-click (fn (e)', '(go)) "x")'))).toBe(
      lines('(p :id "a"', '  :on-click (fn (e)', '              (go))', '  "x")'),
    )
    expect(format(lines('(list (list 1 2)', '(list 3 4))'))).toBe(
      lines('(list', '  (list 1 2)', '  (list 3 4))'),
    )
  })

  it('puts as many parameters on a line as there is room for, a marker with what follows it', () => {
    const names = Array.from({ length: 9 }, (_, i) => `(name-${i} :as string)`)
    expect(format(`(defcomp ~a (&key ${names.join(' ')} &rest children) (p name-0))`)).toBe(
      lines(
        `(defcomp ~a (&key ${names.slice(0, 4).join(' ')}`,
        `             ${names.slice(4, 8).join(' ')}`,
        `             ${names[8]} &rest children)`,
        '  (p name-0))',
      ),
    )
  })

  it('keeps a keyword and a short value together, and a long value below when its author put it there', () => {
    expect(format(lines('(defpage home :path', '"/" :title "Home"', ':content', '(p "Hi"))'))).toBe(
      lines('(defpage home :path "/" :title "Home"', '  :content', '    (p "Hi"))'),
    )
  })

  it('puts tests and results, names and values in rows', () => {
    const long = '"a text that makes this line longer than it may be, so that it must be broken somewhere"'
    expect(format(`(cond (sold? x) "Sold out" (few? x) ${long} :else (str "In " stock))`)).toBe(
      lines('(cond', '  (sold? x) "Sold out"', `  (few? x) ${long}`, '  :else (str "In " stock))'),
    )
    expect(format(`(let ((name (first names)) (long ${long})) (p name long))`)).toBe(
      lines('(let ((name (first names))', `      (long ${long}))`, '  (p name long))'),
    )
    expect(format(`(let [a 1 long ${long}] (p a long))`)).toBe(
      lines('(let [a 1', `      long ${long}]`, '  (p a long))'),
    )
    expect(format(`{:title "Market" :lead ${long}}`)).toBe(lines('{:title "Market"', ` :lead ${long}}`))
  })

  it('keeps comments where they stand: above, at the end of a line, before a bracket', () => {
    const text = lines(
      ';; @client',
      '; about a',
      '(define a 1) ; one',
      '',
      '; about nothing',
      '',
      '(define b ; two',
      '  ; three',
      '  2',
      '  ; last',
      ')',
      '; the end',
    )
    expect(format(text)).toBe(text)
    expect(format(lines('(p ;; x', ' a ;y', ';z', '   b)'))).toBe(lines('(p ;; x', '  a ;y', '  ;z', '  b)'))
  })

  it('keeps brackets, quote sugar, raw strings, dropped forms, numbers, escapes and chars as written', () => {
    const text = `(f [x] '(1.0 1e3 -0 2/4) #'g \`(a ,b ,@c) #|raw "| #;(gone) "\\u0041\\n" #\\( #\\x41 {:b 1 "a b" 2})`
    expect(format(text)).toBe(`${text}\n`)
    const cid = 'bafyreihvq5pjyaqj4xglfhmiuktdlqx2kpsa4tdamu2dzhzcjjgtqshaqe'
    expect(format(`(unquote , @h:${cid})`)).toBe(`(unquote , @h:${cid})\n`)
  })

  it('keeps at most one empty line, inside forms too, and none at the ends', () => {
    expect(format('\n\n(a)\n\n\n\n(b\n\n\n  c)\n(d)\n\n')).toBe(lines('(a)', '', '(b', '', '  c)', '(d)'))
    expect(format('(a) (b)')).toBe(lines('(a)', '(b)'))
    expect(format('  \n ')).toBe('')
  })

  it('drops a BOM and writes LF', () => {
    expect(format('\ufeff(a)\r\n(b "x\r\ny")\r\n')).toBe('(a)\n(b "x\ny")\n')
  })

  it('says where a text can not be read', () => {
    expect(() => format('(a\n  (b', 'x.sx')).toThrow(
      expect.objectContaining({
        code: 'read-syntax',
        detail: expect.objectContaining({ place: expect.anything() }),
      }),
    )
  })

  it('takes forms nested as deep as the reader does', () => {
    const text = '('.repeat(500) + ')'.repeat(500)
    expect(format(text)).toBe(`${text}\n`)
    const quotes = "'".repeat(500)
    expect(format(`${quotes}x`)).toBe(`${quotes}x\n`)
  })

  it('takes 20,000 lines in the time of a test, which a look at all of them for each would not', () => {
    const text = '(define f\n  (fn (x) (cond (a? x) "b" :else {:c 1 :d (list 1 2 3)})))\n; note\n'.repeat(
      7000,
    )
    expect(format(text)).toBe(text)
  })
})

// Texts as people write them badly: any white space, comments anywhere.

const space = fc.oneof(
  { weight: 6, arbitrary: fc.constant(' ') },
  fc.constantFrom('  ', '\n', '\n  ', '\n\n', ' \n\n\n ', '\t', '\r\n'),
  fc.constantFrom(
    ' ; note\n',
    ';x\n',
    '\n; own line\n',
    '\n\n  ;; two\n;three\n\n',
    ' #;gone ',
    '\n#;(a ; in\n b)\n',
    ' #;{:a 1} ',
  ),
)
const word = fc.constantFrom(
  ...'a f x define fn let let* cond case match if when else :else :class :b & do quote defcomp ~card => true nil 1 -2.50 1e3 2/4'
    .replace('& ', '')
    .split(' '),
)
const atom = fc.oneof(
  { weight: 5, arbitrary: word },
  fc.constantFrom(
    '"text"',
    '"with \\n \\" ; no comment"',
    '"two\n  lines"',
    '#|raw ( ; "|',
    '#|more\n  raw|',
    '#\\a',
    '#\\(',
    '#\\;',
    '#\\space',
    '@m:0',
    'a-rather-long-name-that-fills-the-line-up',
    '"a rather long text that makes lists too wide for one line of a hundred"',
  ),
)
const text = fc.letrec<{ form: string; list: string; dict: string; quoted: string }>(tie => ({
  form: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    atom,
    tie('list'),
    tie('list'),
    tie('dict'),
    tie('quoted'),
  ),
  list: fc
    .tuple(
      fc.constantFrom('()', '()', '()', '[]'),
      fc.array(fc.tuple(fc.oneof(space, fc.constant(' ')), tie('form')), { maxLength: 7 }),
      fc.oneof(fc.constant(''), space),
    )
    .map(([b, items, end]) => `${b[0]}${items.map(([s, f]) => s + f).join(' ')}${end}${b[1]}`),
  dict: fc
    .array(fc.tuple(space, fc.constantFrom(':a', '"b c"', ':cc', ':d'), space, tie('form')), { maxLength: 4 })
    .map(entries => {
      const seen = new Set<string>()
      const own = entries.filter(([, key]) => !seen.has(key) && seen.add(key))
      return `{${own.map(([s, k, t, f]) => `${s}${k} ${t}${f}`).join(' ')}}`
    }),
  quoted: fc
    .tuple(
      fc.constantFrom("'", '`', ',', ',@', "#'"),
      fc.oneof({ weight: 4, arbitrary: fc.constant('') }, space),
      tie('form'),
    )
    .filter(([mark, s, form]) => !(mark.startsWith(',') && s === '' && form.startsWith('@')))
    .map(parts => parts.join('')),
})).form
const file = fc
  .array(fc.tuple(fc.oneof(space, fc.constant('\n')), text), { maxLength: 5 })
  .map(forms => forms.map(([s, f]) => s + f).join('\n'))

/** Tokens and comments in order. */
const tokens = (source: string): readonly string[] => {
  const found: string[] = []
  const trivia = (list: ReturnType<typeof treeOf>['tail']) => {
    for (const one of list)
      if (one.kind === 'comment') found.push(one.text)
      else walk(one.form)
  }
  const walk = (item: ReturnType<typeof treeOf>['items'][number]) => {
    trivia(item.before)
    if (item.kind === 'atom') found.push(item.text)
    else if (item.kind === 'prefixed') {
      found.push(item.prefix)
      walk(item.inner!)
    } else {
      found.push(item.open)
      for (const one of item.items) walk(one)
      trivia(item.tail)
      found.push(')')
    }
  }
  const tree = treeOf(read(source).text)
  tree.items.forEach(walk)
  trivia(tree.tail)
  return found
}

describe('format, of any text', () => {
  const runs = Number(process.env.SX_FUZZ ?? 1000)
  it('reads as before, with every token and comment, and formats to itself', () => {
    fc.assert(
      fc.property(file, source => {
        const once = format(source)
        expect(read(once).forms).toEqual(read(source).forms)
        expect(tokens(once)).toEqual(tokens(source))
        expect(format(once)).toBe(once)
        expect(once).not.toMatch(/\n\n\n/)
      }),
      { numRuns: runs },
    )
  }, 600_000)

  it('begins a line with a row that ends in a text of several lines and does not fit', () => {
    const wide = 'a rather long text that makes lists too wide for one line of a hundred'
    const once = format(`((({ :a ({ :a (let* (a ; note\na "${wide}" a '(a match) "two\n  lines"))})})))`)
    expect(format(once)).toBe(once)
    expect(once).toMatch(/^ *'\(a match\) "two$/m)
  })

  it('keeps what a comment documents', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom('\n', '\n\n', ' '), fc.constantFrom('; a', ';; b', '(f ; in\n x)', 'x')),
          { maxLength: 12 },
        ),
        parts => {
          const source = parts.map(([s, p]) => (p.startsWith(';') ? `${s}${p}\n` : `${s}${p}`)).join('')
          const [before, after] = [read(source), read(format(source))]
          expect(after.forms.map((_, i) => after.commentAbove(i))).toEqual(
            before.forms.map((_, i) => before.commentAbove(i)),
          )
        },
      ),
      { numRuns: 500 },
    )
  })

  it('holds for the examples, within its width', () => {
    const files = ['examples/starter/src', 'examples/rose-ash/src'].flatMap(folder =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter(name => name.endsWith('.sx'))
        .map(name => join(folder, name)),
    )
    expect(files.length).toBeGreaterThan(10)
    for (const name of files) {
      const source = readFileSync(name, 'utf8')
      const once = format(source, name)
      expect(read(once).forms).toEqual(read(source).forms)
      expect(format(once)).toBe(once)
      for (const line of once.split('\n'))
        if (!/"/.test(line) && !line.trimStart().startsWith(';'))
          expect(line.length, line).toBeLessThanOrEqual(formatWidth)
    }
  })
})
