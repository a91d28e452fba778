import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeNode } from '../../src/ipld/decode.ts'
import type { GraphUpdate } from '../../src/ipld/graph.ts'
import { Link, Ref } from '../../src/lang/values.ts'
import { build, createSite, errorsOf, type Files } from '../support/graph-site.ts'

const state = (site: ReturnType<typeof createSite>) => ({
  names: site.names(),
  pages: site.pages(),
  blocks: [...site.blocks.keys()].sort(),
})
const names = (update: GraphUpdate): string[] => [...update.names.keys()].sort()

describe('an update', () => {
  const files: Files = {
    'cards.sx':
      '(defcomp ~card (&key label) (div label (~foot)))\n(defcomp ~foot () (p "foot"))\n(define far 1)',
    'home.sx': '(defpage home :path "/" :title "Home" :content (~card :label (shout "x")))',
    'text.sx':
      '(define-library (rose text) (export shout) (begin (define (shout s) (str (upper s) (bang))) (define (bang) "!")))',
  }
  const leaf = { 'cards.sx': (files['cards.sx'] as string).replace('"foot"', '"hand"') }

  it('reports names, pages and blocks that are new, and what is gone', () => {
    const site = createSite()
    const first = site.update(files)
    expect(first.errors).toEqual([])
    expect(names(first)).toEqual(['far', 'rose/text', '~card', '~foot'])
    expect([...first.pages.keys()]).toEqual(['/'])
    const second = site.update(leaf)
    expect(names(second)).toEqual(['~card', '~foot'])
    expect([...second.pages.keys()]).toEqual(['/'])
    expect(second.blocks).toHaveLength(3)
    expect(second.dropped).toHaveLength(3)
    expect({ expanded: second.expanded, hashed: second.hashed }).toEqual({ expanded: 1, hashed: 3 })
    expect(state(site)).toEqual(state(build({ ...files, ...leaf })))
  })
  it('of the same text does nothing; of moved text changes annotations alone', () => {
    const site = build(files)
    const same = site.graph.update({})
    expect([same.blocks.length, same.names.size, same.expanded]).toEqual([0, 0, 0])
    const moved = site.update({ 'cards.sx': `; hello\n${files['cards.sx']}` })
    expect([moved.blocks.length, moved.names.size, moved.expanded, moved.annotated.size]).toEqual([
      0, 0, 0, 3,
    ])
    expect(site.graph.annotation(site.names()['~card'] as string)?.names[0]).toMatchObject({
      doc: 'hello',
      line: 2,
    })
  })
  it('keeps a definition that moves to another file', () => {
    const site = build(files)
    const [card, foot] = (files['cards.sx'] as string).split('\n') as [string, string]
    const update = site.update({ 'cards.sx': `${card}\n(define far 1)`, 'parts.sx': foot })
    expect([update.errors.length, update.names.size, update.expanded]).toEqual([0, 0, 0])
    expect(site.graph.find('~foot')?.path).toBe('parts.sx')
  })
  it('with an error changes nothing, and finds all errors', () => {
    const site = build(files)
    const before = state(site)
    const update = site.update({
      'cards.sx': '(defcomp ~card () (~foto))\n(defcomp ~foot () (p far (shuot 1)))\n(+ 1 2)',
      'more.sx': '(define shout 1)\n(defpage other :path "/" :content nil)\n(define (q) (home))',
    })
    expect(errorsOf(update)).toEqual([
      'unknown-name cards.sx:1',
      'unknown-name cards.sx:2',
      'not-a-definition cards.sx:3',
      'duplicate-name more.sx:2',
      'syntax-reserved more.sx:3',
    ])
    expect(update.errors[0]?.detail.near).toContain('~foot')
    expect([update.blocks.length, update.names.size]).toEqual([0, 0])
    expect(state(site)).toEqual(before)
    site.update(leaf)
    expect(state(site)).toEqual(state(build({ ...files, ...leaf })))
  })
  it('that removes what is in use names who uses it', () => {
    const site = build(files)
    expect(errorsOf(site.update({}, ['text.sx']))).toEqual(['unknown-name home.sx:1'])
    expect(errorsOf(site.update({}, ['text.sx', 'home.sx']))).toEqual([])
    expect(site.names()['rose/text']).toBeUndefined()
  })
  it('gives a definition of a site precedence over an export, and takes it back', () => {
    const site = build(files)
    const before = state(site)
    expect(names(site.update({ 'own.sx': '(define (shout s) s)' }))).toEqual(['shout'])
    expect(site.pages().home).not.toBe(before.pages.home)
    site.update({}, ['own.sx'])
    expect(state(site)).toEqual(before)
  })
  it('reports a page again when only its :paths may list others', () => {
    const text = (list: string): Files => ({
      'p.sx': `(define all ${list})\n(defpage post :path "/posts/<slug>" :title slug :content (p slug) :paths all)`,
    })
    const site = build(text('(list "one")'))
    const before = site.pages().post
    const update = site.update(text('(list "one" "two")'))
    expect(site.pages().post).toBe(before)
    expect([...update.pages.keys()]).toEqual(['/posts/<slug>'])
    expect(update.pages.get('/posts/<slug>')?.expansion?.paths).toEqual(new Ref('all'))
  })
})

describe('names that share a CID', () => {
  it('are holders of it, and its block goes with the last of them', () => {
    const site = build({ 'a.sx': '(define al (fn (x) x))', 'b.sx': '(define be (fn (x) x))' })
    const cid = site.names().al as string
    expect(site.names().be).toBe(cid)
    expect(site.graph.holders(cid).map(one => one.name)).toEqual(['al', 'be'])
    expect(site.graph.annotation(cid)?.names.map(one => one.file)).toEqual(['a.sx', 'b.sx'])
    expect(site.update({}, ['a.sx']).dropped).toEqual([])
    expect(site.update({}, ['b.sx']).dropped).toEqual([cid])
  })
})

describe('cycles', () => {
  const even = '(define (ev n) (if (= n 0) true (od (- n 1))))'
  const odd = '(define (od n) (if (= n 0) false (ev (- n 1))))'
  it('are one group, with a member for each definition', () => {
    const site = build({ 'a.sx': `${even}\n${odd}\n(define (start) (ev 4))` })
    const kinds = [...site.blocks.values()].map(block => decodeNode(block.bytes).kind).sort()
    expect(kinds).toEqual(['group', 'member', 'member', 'value'])
    expect(site.graph.find('ev')?.group).toBe(site.graph.find('od')?.group)
  })
  it('close and open by edits', () => {
    const opened = '(define (od n) (= n 1))'
    const site = build({ 'a.sx': even, 'b.sx': opened })
    const before = state(site)
    site.update({ 'b.sx': odd })
    expect(state(site)).toEqual(state(build({ 'a.sx': even, 'b.sx': odd })))
    site.update({ 'b.sx': opened })
    expect(state(site)).toEqual(before)
  })
  it('of one definition come and go', () => {
    const site = build({ 'a.sx': '(define (lo n) n)' })
    const plain = site.names().lo
    site.update({ 'a.sx': '(define (lo n) (lo n))' })
    expect(site.blocks.size).toBe(2)
    site.update({ 'a.sx': '(define (lo n) n)' })
    expect([site.names().lo, site.blocks.size]).toEqual([plain, 1])
  })
  it('merge look-alikes that refer to each other with one that refers to itself', () => {
    const site = build({ 'a.sx': '(define (al n) (be n)) (define (be n) (al n)) (define (lo n) (lo n))' })
    expect(new Set(Object.values(site.names())).size).toBe(1)
  })
})

describe('macros', () => {
  const files: Files = {
    'm.sx':
      '(defmacro unless (test &rest body) `(when (not ,test) ,@body))\n(defmacro wrap (x) `(~box (twice ,x)))\n(defmacro made (x) (helper x))',
    'h.sx':
      "(define helper (fn (x) (list '+ x (deep))))\n(define deep (fn () 1))\n(define (twice x) (* 2 x))\n(defcomp ~box (&rest children) (div children))",
    'u.sx':
      '(defcomp ~a () (p (unless false "x")))\n(define two (made 2))\n(defcomp ~w () (wrap 3))\n(define none 0)',
  }
  it('leave their expansion and no reference to themselves', () => {
    const site = build(files)
    const again = build({
      ...files,
      'u.sx': (files['u.sx'] as string)
        .replace('(unless false "x")', '(when (not false) "x")')
        .replace('(made 2)', '(+ 2 1)'),
    })
    expect(site.names()).toEqual(again.names())
    expect(
      site.graph
        .find('~w')
        ?.refs.map(one => one.name)
        .sort(),
    ).toEqual(['twice', '~box'])
    expect(site.graph.annotation(site.names().two as string)?.names[0]?.written).toBe('(define two (made 2))')
  })
  it('that change change their users, and nobody when the expansion is the same', () => {
    const site = build(files)
    const same = site.update({
      'm.sx': (files['m.sx'] as string).replace(
        '(when (not ,test) ,@body)',
        '(when (not ,test) ,@(concat body (list)))',
      ),
    })
    expect(names(same)).toEqual(['unless'])
    const other = site.update({ 'm.sx': (files['m.sx'] as string).replace('(when (not', '(when (nil?') })
    expect(names(other)).toEqual(['unless', '~a'])
  })
  it('are expanded again when a function that they call while expanding changes, however deep', () => {
    const site = build(files)
    const next = { 'h.sx': (files['h.sx'] as string).replace('(fn () 1)', '(fn () 5)') }
    expect(names(site.update(next))).toEqual(['deep', 'helper', 'made', 'two'])
    expect(state(site)).toEqual(state(build({ ...files, ...next })))
  })
  it('that are renamed away are looked for as functions', () => {
    const site = build(files)
    const update = site.update({ 'm.sx': (files['m.sx'] as string).replace('unless', 'unles') })
    expect(errorsOf(update)).toEqual(['unknown-name u.sx:1'])
    expect(update.errors[0]?.detail.near).toContain('unles')
  })
  it('whose own expansion needs itself are one error', () => {
    const site = createSite()
    const update = site.update({
      'a.sx': '(defmacro m (x) (f x))\n(define f (fn (x) (m x)))\n(define y (m 1))',
    })
    expect(update.errors).toHaveLength(1)
    expect(update.errors[0]?.code).toMatch(/macro-failed|macro-limit/)
  })
  it('in error are reported once, not with each of their users', () => {
    const site = createSite()
    const update = site.update({
      'a.sx': '(defmacro m (x) (nothing-like-it x))\n(define y (m 1))\n(define z (m 2))',
    })
    expect(errorsOf(update)).toEqual(['unknown-name a.sx:1'])
  })
})

describe('libraries', () => {
  const core = '(define-library (rose core) (export one) (begin (define one 1) (define two 2)))'
  const text = '(define-library (rose text) (import (rose core)) (export uno) (begin (define (uno) one)))'
  it('are one node each, which links to what it imports', () => {
    const site = build({ 'core.sx': core, 'text.sx': text, 'a.sx': '(define (f) (uno))' })
    const node = decodeNode(
      (site.blocks.get(site.names()['rose/text'] as string) as { bytes: Uint8Array }).bytes,
    )
    expect(node).toMatchObject({
      kind: 'library',
      name: 'rose/text',
      exports: ['uno'],
      imports: [new Link(site.names()['rose/core'] as string)],
    })
    const edit = site.update({ 'core.sx': core.replace('one 1', 'one 11') })
    expect(names(edit)).toEqual(['f', 'rose/core', 'rose/text'])
  })
  it('refer to nothing of the site', () => {
    const update = createSite().update({
      'core.sx': core.replace('two 2', 'two site'),
      'a.sx': '(define site 1)',
    })
    expect(errorsOf(update)).toEqual(['unknown-name core.sx:1'])
  })
  it('that import each other are an error, a missing one too', () => {
    const cycle = createSite().update({
      'core.sx': core.replace('(export', '(import (rose text)) (export'),
      'text.sx': text,
    })
    expect(cycle.errors.map(error => [error.code, error.detail.cycle])).toEqual([
      ['import-cycle', ['rose/core', 'rose/text']],
    ])
    const missing = createSite().update({ 'text.sx': text.replace('core', 'croe'), 'core.sx': core })
    expect(missing.errors.map(error => [error.code, error.detail.near])).toContainEqual([
      'unknown-name',
      ['rose/core'],
    ])
  })
  it('that export one name make it ambiguous where it is used, and only there', () => {
    const files = {
      'core.sx': core,
      'x.sx': core.replace('rose core', 'rose x'),
      'a.sx': '(define f (fn () 1))',
    }
    expect(createSite().update(files).errors).toEqual([])
    const update = createSite().update({ ...files, 'b.sx': '(define (g1) one)' })
    expect(update.errors.map(error => [error.code, error.detail.related?.length])).toEqual([
      ['ambiguous-name', 2],
    ])
    expect(createSite().update({ ...files, 'b.sx': '(define (g1) one) (define one 1)' }).errors).toEqual([])
  })
  it('are imported in part, with prefixes or under other names', () => {
    const importing = (set: string, use: string): string[] =>
      errorsOf(
        createSite().update({
          'core.sx': core,
          't.sx': `(define-library (t) (import ${set}) (export z) (begin (define z ${use})))`,
        }),
      )
    expect(importing('(only (rose core) one)', 'one')).toEqual([])
    expect(importing('(prefix (rose core) c/)', 'c/one')).toEqual([])
    expect(importing('(rename (rose core) (one uno))', 'uno')).toEqual([])
    expect(importing('(except (rose core) one)', 'one')).toEqual(['unknown-name t.sx:1'])
    expect(importing('(only (rose core) two)', '1')).toEqual(['unknown-name t.sx:1'])
  })
  it('may be a whole client file, all of whose defines are exports', () => {
    const site = build({
      'client/_x/tools.sx': ';; @client\n(define (t1) (t2))\n(define (t2) 2)',
      'a.sx': '(define f (fn () (t1)))',
    })
    expect(Object.keys(site.names())).toEqual(['client/tools', 'f'])
    expect(site.graph.find('f')?.refs.map(one => one.name)).toEqual(['client/tools'])
  })
})

describe('errors of size and content', () => {
  it('name the definition that is over 1 MiB, and the others still count', () => {
    const site = createSite()
    const update = site.update({
      'a.sx': `(define huge "${'x'.repeat(1 << 20)}")\n(define f (fn () huge))`,
      'b.sx': '(define g1 (nope))',
    })
    expect(errorsOf(update)).toEqual(['unknown-name b.sx:1'])
    const alone = site.update({ 'a.sx': `(define huge "${'x'.repeat(1 << 20)}")\n(define f (fn () huge))` })
    expect(alone.errors.map(error => [error.code, error.detail.place?.line])).toEqual([
      ['definition-too-large', 1],
    ])
    expect(alone.errors[0]?.message).toContain('huge')
    expect(site.names()).toEqual({})
  })
  it('report links to other publishers', () => {
    const { cid } = [...build({ 'x.sx': '(define x 1)' }).blocks.values()][0] as { cid: string }
    const update = createSite().update({ 'a.sx': `(define f (fn () @h:${cid}))` })
    expect([...update.foreign]).toEqual([[cid, ['f']]])
  })
})

describe('any sequence of edits, errors and repairs included', () => {
  // A site of a few files over few names: most edits collide with something.
  const bodies = [
    '(fn (n) (list n))',
    '(fn (n) (al n))',
    '(fn (n) (be (ce n)))',
    '(fn (n) (mac (al n)))',
    '(fn (n) (ex n))',
    '(fn (n) (dup n) (~x))',
    '(mac 3)',
    '{:a al}',
  ]
  const body = fc.constantFrom(...bodies)
  const item = fc.oneof(
    fc
      .tuple(fc.constantFrom('al', 'be', 'ce', 'dup', 'ex'), body)
      .map(([name, text]) => `(define ${name} ${text})`),
    fc.tuple(fc.constantFrom('~x', '~y'), body).map(([name, text]) => `(defcomp ${name} () (p (${text} 1)))`),
    fc.constantFrom(
      '(defmacro mac (x) `(list ,x al))',
      '(defmacro mac (x) (be x))',
      '(defmacro ce (x) `(mac ,x))',
      '(define mac (fn (x) x))',
    ),
    fc.constantFrom(
      '(defpage home :path "/" :content (~x))',
      '(defpage home :path "/<a1>" :content (p a1 be) :paths al)',
    ),
  )
  const library = fc.constantFrom(
    '(define-library (l) (export ex) (begin (define (ex n) n)))',
    '(define-library (l) (export ex dup) (begin (define (ex n) (dup n)) (define (dup n) 1)))',
    ';; @client\n(define (ex n) 2)',
  )
  const text = fc.oneof(
    { weight: 6, arbitrary: fc.array(item, { maxLength: 4 }).map(list => list.join('\n')) },
    { weight: 1, arbitrary: library },
  )
  const edit = fc.record({
    file: fc.constantFrom('1.sx', '2.sx', '3.sx', '4.sx'),
    text: fc.option(text, { nil: undefined }),
  })

  it('leaves what a cold build of the same files gives, or, with errors, what was there', () => {
    let good = 0
    let bad = 0
    fc.assert(
      fc.property(fc.array(edit, { minLength: 2, maxLength: 14 }), edits => {
        const site = createSite()
        let files: Record<string, string> = {}
        const pending = new Map<string, string | undefined>()
        for (const { file, text } of edits) {
          pending.set(file, text)
          const before = state(site)
          const set: Record<string, string> = {}
          const remove: string[] = []
          for (const [path, next] of pending) {
            if (next === undefined) remove.push(path)
            else set[path] = next
          }
          const update = site.update(set, remove)
          const next: Record<string, string> = { ...files, ...set }
          for (const path of remove) delete next[path]
          const cold = createSite()
          const coldUpdate = cold.update(next)
          if (update.errors.length > 0) {
            bad++
            expect(coldUpdate.errors.length).toBeGreaterThan(0)
            expect(state(site)).toEqual(before)
          } else {
            good++
            expect(coldUpdate.errors).toEqual([])
            expect(state(site)).toEqual(state(cold))
            expect([...update.names].every(([name, cid]) => site.names()[name] === cid)).toBe(true)
            files = next
            pending.clear()
          }
        }
      }),
      { numRuns: 700 },
    )
    expect(Math.min(good, bad)).toBeGreaterThan(450)
  }, 120_000)
})
