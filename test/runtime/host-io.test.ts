// Host words: evaluation stops at them and goes on with the answer; nothing but data crosses; nothing is asked twice.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostIo } from '../../src/lang/words.ts'
import { cross } from '../../src/runtime/boundary.ts'
import { type Host, type HostIo, hostWords } from '../../src/runtime/host-io.ts'
import { lookupWords } from '../../src/runtime/lookup.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { equal, show } from '../../src/runtime/values.ts'
import { value as arbitraryValue } from '../support/arbitrary-values.ts'
import { component, form, later, now, value } from './support.ts'

const hostOf = (io: HostIo, signal = new AbortController().signal): Host => ({ io, signal })
const soon = async <T>(v: T): Promise<T> => {
  await new Promise(resolve => setTimeout(resolve, 1))
  return v
}
const empty = createRuntime({ definitions: now({}) })

it('every host word of the language is one of these', () => {
  const rows = [...(hostWords().raw ?? []), ...(lookupWords().raw ?? [])]
  expect(rows.map(([word]) => word).sort()).toEqual([...hostIo].sort())
})

describe('a host word', () => {
  it('suspends evaluation and goes on with the value, each asked once', async () => {
    const asked: unknown[] = []
    const host = hostOf({
      query: async args => {
        asked.push(args)
        return soon(new Map([['n', asked.length]]))
      },
    })
    const text =
      '(let ((n 0)) (map (fn (x) (set! n (+ n 1)) (+ n (get (query "a" {:x x}) :n))) (list 1 2 3)))'
    expect(await empty.evaluate(form(text), undefined, { host })).toEqual([2, 4, 6])
    expect(asked.map(show)).toEqual(['("a" {:x 1})', '("a" {:x 2})', '("a" {:x 3})'])
  })

  it('suspends rendering in the middle of a tree, beside definitions that are loaded meanwhile', async () => {
    const definitions = later({
      card: component('(&key q)', '(article :class (query q) (p (query "x") ~site) (query "y"))'),
      site: value('(str "S" 1)'),
    })
    const host = hostOf({ query: ([name]) => soon(`<${name}>`) })
    const { html } = await createRuntime({ definitions }).renderHtml(
      form('(main "a" (~card :q "k") (query "z"))'),
      undefined,
      { host },
    )
    expect(html).toBe(
      '<main>a<article class="&lt;k&gt;"><p>&lt;x&gt;S1</p>&lt;y&gt;</article>&lt;z&gt;</main>',
    )
  })

  it('that answers at once needs no waiting; one that waits is refused by what can not', () => {
    const host = hostOf({ now: () => 7, query: () => soon(1) })
    expect(empty.evaluateSync(form('(+ 1 (now))'), undefined, { host })).toBe(8)
    expect(() => empty.evaluateSync(form('(query "a")'), undefined, { host })).toThrow(/query has to wait/)
  })

  it('without an answer is an error that names it, as are a prototype’s names', async () => {
    await expect(empty.evaluate(form('(service "x")'))).rejects.toMatchObject({
      code: 'eval-unsupported',
      message: 'service has no answer here',
    })
    await expect(
      empty.evaluate(form('(map now (list 1))'), undefined, {
        host: hostOf(Object.create({ now: () => 1 })),
      }),
    ).rejects.toThrow('now has no answer here')
  })

  it('is refused in a top-level value, which is one for all', async () => {
    const runtime = createRuntime({ definitions: now({ user: value('(list (current-user))') }) })
    await expect(
      runtime.evaluate(form('(first ~user)'), undefined, { host: hostOf({ 'current-user': () => 'ada' }) }),
    ).rejects.toThrow(/top-level value can't ask/)
  })

  it('is asked once for each call that a primitive makes', async () => {
    const asked: unknown[] = []
    const host = hostOf({
      query: async ([x]) => {
        asked.push(x)
        return x
      },
    })
    const sorted = empty.evaluate(form('(sort (list 3 2 1) (fn (x) (query x)))'), undefined, { host })
    expect(await sorted).toEqual([1, 2, 3])
    expect(asked).toEqual([3, 2, 1])
  })

  it('is refused in a computed signal, which may be computed again', async () => {
    await expect(
      empty.evaluate(form('(deref (computed (fn () (query 1))))'), undefined, {
        host: hostOf({ query: ([x]) => x }),
      }),
    ).rejects.toThrow(/can't be asked by a computed signal/)
  })

  it('that fails can be guarded, and what failed inside the host stays there', async () => {
    const host = hostOf({
      query: async () => {
        await soon(0)
        throw new Error('password=1234')
      },
    })
    const told = await empty.evaluate(form('(guard (e (true (get e :message))) (query "a"))'), undefined, {
      host,
    })
    expect(told).toBe('the host could not answer query')
    await expect(empty.evaluate(form('(query "a")'), undefined, { host })).rejects.not.toThrow(/1234/)
  })

  it('is given up when its time is over', async () => {
    const stop = new AbortController()
    const wait = empty.evaluate(form('(sleep 1)'), undefined, {
      host: hostOf({ sleep: () => new Promise(() => {}) }, stop.signal),
    })
    stop.abort()
    await expect(wait).rejects.toMatchObject({ code: 'eval-limit' })
  })

  it('cannot be reached by a macro', () => {
    expect(() => empty.callMacro({ name: 'm', params: [], body: [form('(now)')] }, [])).toThrow(
      /no answer here/,
    )
  })
})

describe('what crosses', () => {
  it.each(['(fn (x) x)', '(signal 1)', '(p "x")', '(raw! "<b>")', 'upper', '(list 1 (fn () 1))'])(
    'not %s, and the error names the word',
    async text => {
      let asked = false
      const host = hostOf({
        query: () => {
          asked = true
          return 1
        },
      })
      await expect(empty.evaluate(form(`(query ${text})`), undefined, { host })).rejects.toThrow(/query/)
      expect(asked).toBe(false)
    },
  )
  it.each([
    [() => 1],
    [new Date(0)],
    [Number.NaN],
    [Symbol('x')],
    [1n],
    [new Uint8Array(1)],
    [{ a: new Set() }],
  ])('not %s from the host', async answer => {
    await expect(
      empty.evaluate(form('(query)'), undefined, { host: hostOf({ query: () => answer as never }) }),
    ).rejects.toMatchObject({ code: 'eval-failed', message: expect.stringContaining('query') })
  })
  it('as copies: neither side sees what the other does to its own', async () => {
    const kept: unknown[] = []
    const theirs = [1]
    const host = hostOf({
      query: ([list]) => {
        kept.push(list)
        return theirs
      },
    })
    await empty.evaluate(form('(let ((l (list 1))) (append! (query l) 9) (append! l 2))'), undefined, {
      host,
    })
    expect([kept, theirs]).toEqual([[[1]], [1]])
  })
  it('bounded in depth and number, rings too', () => {
    const ring: unknown[] = []
    ring.push(ring)
    expect(() => cross('query', ring)).toThrow(/deeper/)
    expect(() => cross('query', new Array(100_001).fill(1))).toThrow(/more than/)
  })
  it('any stored value that crosses is equal to itself, anything else is an error of ours', () => {
    fc.assert(
      fc.property(
        fc.oneof(arbitraryValue, fc.anything({ withMap: true, withDate: true, withBigInt: true })),
        v => {
          try {
            const there = cross('query', v)
            expect(equal(cross('query', there), there)).toBe(true)
          } catch (error) {
            expect(error).toMatchObject({ code: 'eval-failed', detail: { word: 'query' } })
          }
        },
      ),
    )
  })
})
