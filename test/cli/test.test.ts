// sx test: what passes, what fails and how it is told, that tests know nothing of each other, and no part of the site.
import { afterEach, describe, expect, it } from 'vitest'
import { createRealSite, type RealSite } from '../support/run-real.ts'

let site: RealSite
afterEach(() => site.remove())
const source =
  '(defcomp ~card (&key title &rest children) (article (h2 title) children))\n(define double (fn (x) (* x 2)))\n(define items (list 1 2))'
const run = async (tests: Record<string, string>, ...more: string[]) => {
  site = createRealSite({ 'src/a.sx': source, ...tests })
  return site.run(['test', ...more])
}

describe('sx test', () => {
  it('runs tests and suites over the site and the file’s own definitions', async () => {
    const ran = await run({
      'tests/a.test.sx': `
        (define helper (fn (x) (double x)))
        (defcomp ~mine () (~card :title "T"))
        (deftest "adds" (assert= (helper 2) 4) (assert true) (assert (> 2 1) "bigger"))
        (defsuite "cards"
          (deftest "html" (assert-html (~card :title "T" (b 1)) "<article><h2>T</h2><b>1</b></article>"))
          (defsuite inner (deftest own (assert-html (~mine) (~card :title "T"))))
          (deftest "throws" (assert-throws (error "boom: 3") "boom") (assert-throws (~card :x 1))))`,
      'src/b.test.sx': '(deftest "no definition of the site" (define x 1) (assert= x 1))',
    })
    expect(ran).toMatchObject({
      status: 0,
      out: '✓ no definition of the site\n✓ adds\n✓ cards › html\n✓ cards › inner › own\n✓ cards › throws\n',
    })
    expect(ran.err).toMatch(/^5 tests passed · \d+ ms\n$/)
    // They are no sources.
    expect((await site.run(['build'])).status).toBe(0)
  })

  it('shows expected, actual and place of what fails, wherever in the test it stands', async () => {
    const { status, out, err } = await run({
      'a.test.sx': `(deftest "wrong" (let ((x 2)) (assert= (double x) {:a 5})))
(deftest "inside" (map (fn (x)
  (assert (> x 1) "too small")) items))
(deftest "quiet" (assert-throws (double 1)))
(deftest "other" (assert-throws (error "boom") "bang"))
(deftest "html" (assert-html (p "x") "<p>y</p>"))
(deftest "unknown" (frob 1))
(deftest "error" (upper 1))
(deftest "good" (assert= 1 1))`,
    })
    expect(status).toBe(1)
    expect(out).toContain(
      '✗ wrong\n  a.test.sx:1:31: these are not equal\n    in       (assert= (double x) {:a 5})\n    expected {:a 5}\n    actual   4\n',
    )
    expect(out).toContain('✗ inside\n  a.test.sx:3:3: too small\n')
    expect(out).toContain('✗ quiet\n  a.test.sx:4:18: it throws nothing\n')
    expect(out).toContain('expected bang\n    actual   boom\n')
    expect(out).toContain('expected <p>y</p>\n    actual   <p>x</p>\n')
    expect(out).toContain('✗ unknown\n  a.test.sx:7:21: `frob` is not defined\n')
    expect(out).toContain('✗ error\n  a.test.sx:8:1: upper takes')
    expect(out).toContain('✓ good\n')
    expect(err).toMatch(/^1 test passed, 7 failed · /)
  })

  it('fails a test whose failed assertion was caught', async () => {
    const { status } = await run({ 'a.test.sx': '(deftest "x" (guard (e (else 1)) (assert= 1 2)))' })
    expect(status).toBe(1)
  })

  it('starts each test afresh, and gives each file its own definitions', async () => {
    const { status, out } = await run({
      'a.test.sx':
        '(define n (list 1))\n(deftest "a" (assert= n (list 1)) (let ((s (use-store "s" (fn () (signal 1))))) (swap! s inc) (assert= (deref s) 2)))\n(deftest "b" (let ((s (use-store "s" (fn () (signal 1))))) (assert= (deref s) 1)))',
      'b.test.sx': '(define n (list 2))\n(deftest "c" (assert= n (list 2)))',
    })
    expect({ status, out }).toEqual({ status: 0, out: '✓ a\n✓ b\n✓ c\n' })
  })

  it('runs some with --filter; none at all is a failure', async () => {
    const files = {
      'a.test.sx': '(defsuite "cart" (deftest "sum" (assert true)))\n(deftest "other" (assert false))',
    }
    expect(await run(files, '--filter', 'cart › s')).toMatchObject({ status: 0, out: '✓ cart › sum\n' })
    expect(await site.run(['test', '--filter', 'nope'])).toMatchObject({
      status: 1,
      out: '',
      err: 'no test holds "nope"\n',
    })
    site.remove()
    expect(await run({})).toMatchObject({ status: 1, err: expect.stringContaining('there is no test') })
  })

  it('gives one JSON object', async () => {
    const { status, out } = await run({ 'a.test.sx': '(deftest "x" (assert= 1 2))' }, '--json')
    expect(status).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      passed: 0,
      failed: 1,
      files: 1,
      tests: [
        {
          file: 'a.test.sx',
          suite: [],
          name: 'x',
          ok: false,
          failures: [
            {
              message: 'these are not equal',
              expected: '2',
              actual: '1',
              file: 'a.test.sx',
              line: 1,
              column: 14,
            },
          ],
        },
      ],
    })
  })

  it('says what is wrong with a test file, and runs the others', async () => {
    const { status, out } = await run({
      'a.test.sx': '(deftest)',
      'b.test.sx': '(deftest "x"',
      'c.test.sx': '(defsuite "s" (define x 1))',
      'd.test.sx': '(define double 3)\n(deftest "x" (assert true))',
      'e.test.sx': '(deftest "fine" (assert true))',
    })
    expect(status).toBe(1)
    expect(out.split('\n').filter(line => /^[✓✗]/.test(line))).toEqual([
      '✗ a.test.sx',
      '✗ b.test.sx',
      '✗ c.test.sx',
      '✗ d.test.sx',
      '✓ fine',
    ])
    expect(out).toContain('a test needs a name')
    expect(out).toContain('a suite holds deftest and defsuite only')
    expect(out).toContain('double is defined twice')
  })

  it('says where a test belongs that stands among the sources', async () => {
    site = createRealSite({ 'a.sx': '(deftest "x" (assert true))' })
    expect((await site.run(['build'])).err).toContain('tests stand in files named *.test.sx')
  })

  it('stops at a site with errors', async () => {
    site = createRealSite({ 'a.sx': '(define a (frob))', 'a.test.sx': '(deftest "x" (assert true))' })
    expect(await site.run(['test'])).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringContaining('frob'),
    })
  })
})
