// Names at run time: the machine waits for what they mean; evaluated data means what the site and the language mean by it.
import { describe, expect, it } from 'vitest'
import type { LibraryNode } from '../../src/ipld/kinds.ts'
import { readOne } from '../../src/lang/reader.ts'
import { ExportLink, Link, type List } from '../../src/lang/values.ts'
import type { Host } from '../../src/runtime/host-io.ts'
import type { Lookup } from '../../src/runtime/lookup.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { component, form, later, now, value } from './support.ts'

const library: LibraryNode = {
  kind: 'library',
  name: 'rose/text',
  exports: ['shout'],
  imports: [],
  forms: readOne('((define shout (fn (s) (str (upper s) mark))) (define mark "!"))') as List,
}
const nodes = {
  card: component('(&key title &rest children)', '(article (h2 title) children)'),
  limit: value('(+ 40 2)'),
  first: value('(fn (x) "the site\'s own")'),
  text: library,
}
const meanings: Readonly<Record<string, Link | ExportLink>> = {
  '~card': new Link('card'),
  limit: new Link('limit'),
  first: new Link('first'),
  shout: new ExportLink('text', 'shout'),
}
const hostOf = (lookup: Lookup): Host => ({ io: {}, signal: new AbortController().signal, lookup })

/** Knows nothing at once. */
const slowly = (): { lookup: Lookup; asked: string[] } => {
  const known = new Set<string>()
  const asked: string[] = []
  return {
    asked,
    lookup: name => {
      if (known.has(name)) return meanings[name]
      asked.push(name)
      return Promise.resolve().then(() => known.add(name))
    },
  }
}

const run = (text: string, { lookup } = slowly()): Promise<unknown> =>
  createRuntime({ definitions: later(nodes) }).evaluate(form(text), undefined, { host: hostOf(lookup) })

describe('lookup', () => {
  it.each([
    ['((lookup (str "sh" "out")) "hi")', 'HI!'],
    ["(lookup 'limit)", 42],
    ['(lookup :limit)', 42],
    [
      '(map (fn (name) (type-of (lookup name))) (list "shout" "~card" "limit"))',
      ['lambda', 'component', 'number'],
    ],
    ['(map lookup (list "limit"))', [42]],
    ['(sort (list 2 1) (fn (a b) (< (* a (lookup "limit")) (* b 42))))', [1, 2]],
  ])('%s', async (text, expected) => {
    expect(await run(text)).toEqual(expected)
  })

  it('renders the component that was named, and asks for each name once', async () => {
    const known = slowly()
    const { html } = await createRuntime({ definitions: later(nodes) }).renderHtml(
      form('(main (map (fn (t) ((lookup "~card") :title t)) (list "a" "b")))'),
      undefined,
      { host: hostOf(known.lookup) },
    )
    expect(html).toBe('<main><article><h2>a</h2></article><article><h2>b</h2></article></main>')
    expect(known.asked).toEqual(['~card'])
  })

  it.each([
    ['(lookup "nothing")', 'eval-unbound'],
    ['(lookup 7)', 'eval-failed'],
    ['~top', 'eval-failed'],
  ])('%s is %s', async (text, code) => {
    const definitions = now({ ...nodes, top: value('(list (lookup "limit"))') })
    const { lookup } = slowly()
    await expect(
      createRuntime({ definitions }).evaluate(form(text), undefined, { host: hostOf(lookup) }),
    ).rejects.toMatchObject({ code })
  })

  it('of what could not be fetched fails, and is asked again by the next', async () => {
    let broken = true
    const lookup: Lookup = name => (broken ? Promise.reject(new Error('offline')) : meanings[name])
    const runtime = createRuntime({ definitions: now(nodes) })
    const host = hostOf(lookup)
    await expect(runtime.evaluate(form('(lookup "limit")'), undefined, { host })).rejects.toThrow('offline')
    broken = false
    expect(await runtime.evaluate(form('(lookup "limit")'), undefined, { host })).toBe(42)
  })

  it('without a site is an error that says so', async () => {
    await expect(
      createRuntime({ definitions: now({}) }).evaluate(form('(lookup "a")')),
    ).rejects.toMatchObject({
      code: 'eval-unsupported',
    })
  })
})

describe('eval', () => {
  it.each([
    ['(eval (list \'shout "a"))', 'A!'],
    ["(eval '(let ((x 2)) (* x limit)))", 84],
    ['(eval (first (sx-parse "(map inc (list 1 limit))")))', [2, 43]],
    ['(eval "text")', 'text'],
    // The order of look-up: local, the site, the language.
    ["(eval '(first (list 1 2)))", "the site's own"],
    ["(eval '(let ((first (fn (x) 3))) (first 1)))", 3],
    ["(eval '(rest (list 1 2)))", [2]],
    ["(let ((x 1)) (guard (e (true (get e :code))) (eval 'x)))", 'eval-unbound'],
    ["(eval '(quote (a limit)))", readOne('(a limit)')],
  ])('%s', async (text, expected) => {
    expect(await run(text)).toEqual(expected)
  })

  it('renders markup that came as text, with the site’s components in it', async () => {
    const { html } = await createRuntime({ definitions: later(nodes) }).renderHtml(
      form('(main (eval (first (sx-parse text))))'),
      new Map([['text', '(section (~card :title (shout "hi") (p "there")) (br))']]),
      { host: hostOf(slowly().lookup) },
    )
    expect(html).toBe('<main><section><article><h2>HI!</h2><p>there</p></article><br></section></main>')
  })

  it('keeps the limits of who asked', async () => {
    const runtime = createRuntime({ definitions: now(nodes), limits: { steps: 10_000 } })
    await expect(
      runtime.evaluate(form("(eval '(let loop ((i 0)) (loop (+ i 1))))"), undefined, {
        host: hostOf(slowly().lookup),
      }),
    ).rejects.toMatchObject({ code: 'eval-limit' })
  })

  it('of a list that holds itself ends with an error', async () => {
    await expect(run('(let ((l (list 1))) (append! l l) (eval l))')).rejects.toMatchObject({
      code: 'eval-limit',
    })
  })
})
