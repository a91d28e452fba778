// The repl without its lines: what waits for more, what is dropped, and what Tab knows.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openApp } from '../../src/app.ts'
import type { App } from '../../src/app-port.ts'
import { createPrinter } from '../../src/cli/print.ts'
import { createRepl, type Repl } from '../../src/cli/repl.ts'
import { isIncomplete } from '../../src/lang/incomplete.ts'
import { createRealSite, type RealSite } from '../support/run-real.ts'

describe('isIncomplete', () => {
  it.each(['(', '(a [b', '{:a (', '"text', '#|raw', "'", '#;', '(a "b\\"', '(a ; )'])(
    '%s waits for more',
    text => {
      expect(isIncomplete(text)).toBe(true)
    },
  )
  it.each(['', '(a)', 'a', '; (', ')', '(a]', '#\\(', '"a"', '5px', '(a))'])('%s does not', text => {
    expect(isIncomplete(text)).toBe(false)
  })
})

describe('the repl', () => {
  let site: RealSite
  let app: App
  let repl: Repl
  let out: string
  let err: string
  beforeEach(async () => {
    site = createRealSite({
      'sx.config.json': '{}',
      'a.sx': '(defcomp ~my-card (&key t) (p t))\n(define my-sum 3)',
    })
    app = await openApp({ cwd: site.folder, store: 'store.sqlite', report: () => {} })
    out = ''
    err = ''
    const print = createPrinter(
      { write: text => (out += text) },
      { write: text => (err += text) },
      { json: false, color: false },
    )
    repl = createRepl(await app.session(), print, false)
  })
  afterEach(async () => {
    await app.close()
    site.remove()
  })

  it('says what waits for more, and drops what was begun', async () => {
    expect(await repl.take('(list 1')).toBe('more')
    repl.clear()
    expect(await repl.take('my-sum)')).toBe('done')
    expect(await repl.take(':quit')).toBe('end')
    expect(err).toContain(') closes nothing')
    expect(out).toBe('')
  })

  it('tells a person what was defined', async () => {
    await repl.take('(define again (+ my-sum 1))')
    await repl.take('again')
    expect([out, err]).toEqual(['4\n', 'defined again\n'])
  })

  it('completes names of the site, of the session and of the language, and commands', async () => {
    expect(repl.complete('(~my')).toEqual([['~my-card'], '~my'])
    expect(repl.complete('(list my')).toEqual([['my-sum'], 'my'])
    await repl.take('(define my-other 1)')
    expect(repl.complete("'my")[0]).toEqual(['my-other', 'my-sum'])
    expect(repl.complete('(string-c')[0]).toEqual(['string-contains?'])
    expect(repl.complete(':e')).toEqual([[':expand'], ':e'])
    expect(repl.complete('(f :e')[0]).toEqual([])
    expect(repl.complete('(f ')[0]).toEqual([])
  })

  it('stores nothing', async () => {
    await repl.take('(+ 1 2)')
    expect((await site.run(['inspect', 'my-sum'])).status).toBe(3)
  })
})
