// Pure or io, by everything that a definition reaches: cycles, libraries, edits, declared effects.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { build, createSite, errorsOf, type Files } from '../support/graph-site.ts'

const ioOf = (site: ReturnType<typeof createSite>, name: string) =>
  site.graph.annotation(site.names()[name] as string)?.io

describe('what a definition reaches', () => {
  it('is pure without host words, io with those that anything below it refers to', () => {
    const site = build({
      'a.sx':
        '(defcomp ~top () (div (~clock) (~plain)))\n(defcomp ~clock () (p (stamp)))\n(defcomp ~plain (&key now) (p now))\n(define (stamp) (str (now) (request-arg "x")))',
    })
    expect(ioOf(site, '~plain')).toEqual([])
    expect(ioOf(site, 'stamp')).toEqual(['now', 'request-arg'])
    expect(ioOf(site, '~top')).toEqual(['now', 'request-arg'])
  })
  it('counts for all members of a cycle', () => {
    const site = build({
      'a.sx':
        '(define (even n) (if (= n 0) true (odd (- n 1))))\n(define (odd n) (if (= n 0) (= 1 (query "x")) (even (- n 1))))',
    })
    expect(ioOf(site, 'even')).toEqual(['query'])
    expect(ioOf(site, 'odd')).toEqual(['query'])
  })
  it("tells a library's exports apart", () => {
    const site = build({
      'lib.sx':
        '(define-library (host) (export today shout) (begin (define (today) (inner)) (define (inner) (now)) (define (shout s) (upper s))))',
      'a.sx': '(define (loud x) (shout x))\n(define (date) (today))',
    })
    expect([ioOf(site, 'loud'), ioOf(site, 'date'), ioOf(site, 'host')]).toEqual([[], ['now'], ['now']])
  })
  it('follows an edit up to what depends on it, and back', () => {
    const files: Files = {
      'leaf.sx': '(define (leaf) 1)',
      'top.sx': '(defcomp ~mid () (p (leaf)))\n(defcomp ~top () (~mid))',
    }
    const site = build(files)
    expect(ioOf(site, '~top')).toEqual([])
    site.update({ 'leaf.sx': '(define (leaf) (now))' })
    expect(ioOf(site, '~top')).toEqual(['now'])
    site.update({ 'leaf.sx': '(define (leaf) 1)' })
    expect(ioOf(site, '~top')).toEqual([])
  })
})

describe('declared effects', () => {
  it('a pure declaration that reaches host IO is an error that names the way', () => {
    const site = createSite()
    const update = site.update({
      'a.sx': '(defcomp ~card () :effects () (p (~clock)))\n(defcomp ~clock () (p (now)))',
    })
    expect(errorsOf(update)).toEqual(['effect-undeclared a.sx:1'])
    expect(update.errors[0]!.detail).toMatchObject({
      hint: 'it goes ~card → ~clock → now',
      path: ['~card', '~clock'],
      word: 'now',
    })
  })
  it('an edit far below breaks it, and nothing has changed then', () => {
    const site = build({
      'a.sx': '(defcomp ~card () :effects () (p (~clock)))',
      'b.sx': '(defcomp ~clock () (p 1))',
    })
    const before = site.names()
    expect(errorsOf(site.update({ 'b.sx': '(defcomp ~clock () (p (now)))' }))).toEqual([
      'effect-undeclared a.sx:1',
    ])
    expect(site.names()).toEqual(before)
    expect(ioOf(site, '~card')).toEqual([])
  })
  it('host words allow themselves alone; io and named effects allow all', () => {
    const text = (effects: string) => `(defcomp ~card () :effects (${effects}) (p (now) (query "x")))`
    const site = createSite()
    expect(errorsOf(site.update({ 'a.sx': text('now') }))).toEqual(['effect-undeclared a.sx:1'])
    for (const effects of ['now query', 'io', 'clock'])
      expect(errorsOf(site.update({ 'a.sx': text(effects) }))).toEqual([])
  })
  it('are names of defeffect, once a site has one', () => {
    const site = build({ 'a.sx': '(defcomp ~a () :effects (clocks) (p 1))' })
    const update = site.update({ 'e.sx': '(defeffect clock)' })
    expect(errorsOf(update)).toEqual(['unknown-name a.sx:1'])
    expect(update.errors[0]!.detail.hint).toContain('clock')
    expect(errorsOf(site.update({ 'e.sx': '(defeffect clocks)' }))).toEqual([])
    expect(errorsOf(site.update({ 'e.sx': '(defeffect other)' }))).toEqual(['unknown-name a.sx:1'])
    expect(errorsOf(site.update({}, ['e.sx']))).toEqual([])
  })
})

it('any sequence of edits leaves what the references say', () => {
  const size = 8
  const one = fc.record({
    refs: fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 }),
    words: fc.subarray(['now', 'query', 'sleep'], { maxLength: 1 }),
  })
  const text = (i: number, { refs, words }: { refs: number[]; words: string[] }): string =>
    `(define (f${i}) (list ${i} ${refs.map(r => `(f${r})`).join(' ')} ${words.map(w => `(${w} 1)`).join(' ')}))`
  fc.assert(
    fc.property(
      fc.array(one, { minLength: size, maxLength: size }),
      fc.array(fc.tuple(fc.nat(size - 1), one), { maxLength: 8 }),
      (start, edits) => {
        const now = [...start]
        const site = build(Object.fromEntries(now.map((d, i) => [`f${i}.sx`, text(i, d)])))
        const check = () => {
          for (let i = 0; i < size; i++) {
            const seen = new Set([i])
            for (const at of seen) for (const r of now[at]!.refs) seen.add(r)
            const expected = [...new Set([...seen].flatMap(at => now[at]!.words))].sort()
            expect(site.graph.find(`f${i}`)?.io).toEqual(expected)
          }
        }
        check()
        for (const [i, d] of edits) {
          now[i] = d
          expect(site.update({ [`f${i}.sx`]: text(i, d) }).errors).toEqual([])
          check()
        }
      },
    ),
    { numRuns: 150 },
  )
})
