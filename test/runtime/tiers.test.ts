// The machine alone, and code on JavaScript's stack that gives way to it anywhere: the same answers, errors and traces.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SxError } from '../../src/errors.ts'
import { readOne } from '../../src/lang/reader.ts'
import type { Limits } from '../../src/runtime/machine.ts'
import { createRuntime } from '../../src/runtime/runtime.ts'
import { show } from '../../src/runtime/values.ts'
import { component, form, later, value } from './support.ts'

const stacks = [0, 1, 2, 3, 7, 100]

const nodes = {
  card: component('(&key title &rest children)', '(article (h2 title) children (~foot :n (len title)))'),
  foot: component('(&key n)', '(footer (~checked n) " of " (context "total" "?"))'),
  checked: value('(fn (n) (if (> n 3) (~failing n) (+ n 1)))'),
  failing: value('(fn (n) (assert (< n 5) (str "too long: " n)) n)'),
  numbers: value('(map (fn (x) (* x x)) (range 5))'),
  odd: value('(fn (n) (if (= n 0) false (~even (- n 1))))'),
  even: value('(fn (n) (if (= n 0) true (~odd (- n 1))))'),
  sum: value('(fn (n) (if (= n 0) 0 (+ n (~sum (- n 1)))))'),
}

/** What a program comes to, in full. Nothing is loaded before it is needed. */
const outcome = async (
  text: string,
  asMarkup: boolean,
  stack: number,
  limits: Partial<Limits> = {},
): Promise<unknown> => {
  const runtime = createRuntime({ definitions: later(nodes), limits: { stack, ...limits } })
  try {
    return asMarkup ? await runtime.renderHtml(form(text)) : show(await runtime.evaluate(form(text)))
  } catch (error) {
    const { code, message, detail } = error as SxError
    return { code, message, detail }
  }
}

const agree = async (text: string, asMarkup: boolean, limits?: Partial<Limits>): Promise<unknown> => {
  const machine = await outcome(text, asMarkup, 0, limits)
  for (const stack of stacks.slice(1))
    expect({ stack, is: await outcome(text, asMarkup, stack, limits) }).toEqual({ stack, is: machine })
  return machine
}

const folder = new URL('../vectors/runtime/', import.meta.url)
for (const file of readdirSync(folder)) {
  const { cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
    cases: { name: string; source: string }[]
  }
  it(`${file} says the same however much of it is on JavaScript's stack`, { timeout: 60_000 }, async () => {
    for (const { source } of cases) {
      const text = show(readOne(source))
      if (/[0-9]{6}/.test(text)) continue
      await agree(source, file.startsWith('html'))
    }
  })
}

const values = [
  '(~sum 500)',
  '(~odd 1001)',
  '(list (~sum 3) ~numbers (~odd 4) ~numbers)',
  '(+ 1 (~checked 9))',
  '(map (fn (n) (+ 1 (~checked n))) (list 1 2 3 4 5))',
  // An error below many calls: the definitions on the way are named, innermost first.
  '(letrec ((f (fn (n) (if (= n 0) (~checked 7) (+ 1 (f (- n 1))))))) (+ 1 (f 300)))',
  '(guard (e (true (get e "message"))) (+ 1 (~checked 9)))',
  '(+ 1 (guard (e ((string? e) (str "caught " e))) (+ 1 (raise "x"))))',
  '(+ 1 (guard (e (false 1)) (+ 1 (~checked 9))))',
  '(map (fn (x) (guard (e (true (* 10 e))) (if (odd? x) (raise x) x))) (range 6))',
  '(+ 1 (call/cc (fn (k) (+ 10 (k 1)))))',
  // Re-entered from outside, through lists that are still being made.
  `(let ((again nil) (turns 0))
     (let ((v (map (fn (x) (+ x (call/cc (fn (k) (begin (when (= x 1) (set! again k)) 0))))) (range 3))))
       (if (< turns 2) (begin (set! turns (+ turns 1)) (again (* 100 turns))) v)))`,
  '(reset (+ 1 (shift k (list (k 1) (k 10)))))',
  '(reset (map (fn (x) (* 2 (shift k (list x (k x))))) (list 1 2)))',
  '(reset (filter (fn (x) (shift k (concat (k true) (k false)))) (list 1 2 3)))',
  `(let ((log (list)))
     (guard (e (true (list e log)))
       (+ 1 (dynamic-wind (fn () (append! log "in")) (fn () (+ 1 (raise "out"))) (fn () (append! log "after"))))))`,
  `(let ((log (list)))
     (list (call/cc (fn (k) (dynamic-wind (fn () (append! log 1)) (fn () (+ 1 (k 2))) (fn () (append! log 3))))) log))`,
  '(scope "s" :value 5 (let ((f (fn (x) (+ x (context "s"))))) (list (f 1) (provide "s" 7 (+ 0 (f 1))) (f 2))))',
  '(scope "s" (begin (for-each (fn (x) (emit! "s" (* x x))) (range 4)) (emitted "s")))',
  '(sort (list 3 1 2) (fn (a b) (- (~sum a) (~sum b))))',
  '(map-dict (fn (k v) (+ v (~sum 3))) {:a 1 :b 2})',
  '(sort (list 3 1 2) (fn (x) (call/cc (fn (k) (+ 1 (k (- 0 x)))))))',
  '(sort (list 3 1) (fn (x) (~checked 9)))',
  '(let loop ((i 0) (acc (list))) (if (< i 50) (loop (+ i 1) (cons (fn () i) acc)) (map (fn (f) (f)) acc)))',
  '(let loop ((i 0) (s 0)) (if (< i 3000) (loop (+ i 1) (+ s (mod i 7))) s))',
  '(match (list 1 (~sum 2)) ((a (b c)) 1) ((a b) (+ a (~sum b))))',
  '(let ((s (signal 1))) (begin (swap! s (fn (v) (+ v (~sum v)))) (deref s)))',
  '(apply ~sum (list 4))',
  '(and 1 (~sum 2) (or nil (~odd 2) (~sum 3)))',
  '(1 (~sum 2) 3)',
  '(~sum)',
  '(nothing-here (~sum 2))',
  // An `if` that goes round by itself: at its other end, by another function's way, over an operand that fails.
  '(let loop ((i 0) (s 0)) (if (= i 40) s (loop (+ i 1) (+ s i))))',
  '(let loop ((i 0)) (if (> i 9) (let other ((j i)) (if (< j 20) (other (+ j 3)) (list i j))) (loop (+ i 1))))',
  '(letrec ((up (fn (n) (if (< n 30) (down (+ n 7)) n))) (down (fn (n) (if (> n 30) n (up (- n 2)))))) (up 0))',
  '(let loop ((i 3) (s 0)) (if (< i 0) s (loop (- i 1) (+ s (/ 6 i)))))',
]

const markup = [
  '(main (~card :title "abc" (p "x")) (~card :title (str "a" (~sum 1))))',
  '(main (provide "total" 9 (~card :title "ab" (~card :title "a"))))',
  '(main (~card :title "abcd"))',
  '(main (~card :title "abcdefg"))',
  '(ul (map (fn (x) (li :class (if (~odd x) "odd" nil) (~sum x))) (range 6)))',
  '(ul (map (fn (x) (list (li x) (list (~sum x)))) (range 3)) (map ~sum (list 1 2)))',
  '(svg (g (title "t") (foreignObject (div (~sum 2)))) (path :d (str (~sum 3))))',
  '(div (title (str "T" (~sum 2))) (script "a" (~sum 1)) (pre (str "\\n" (~sum 1))))',
  '(div (let ((m (b (~sum 2)))) (list m m)) (reset (p (shift k (k (i "x"))))))',
  '(div (guard (e (true (str "no: " (get e "message")))) (~checked 9)))',
  '(div (when (~sum 1) (~missing)) (~nothing))',
]

describe('agree on', () => {
  for (const text of values) it(text, async () => void (await agree(text, false)))
  for (const text of markup) it(text, async () => void (await agree(text, true)))
})

describe('agree where a limit ends it', () => {
  const endless = '(let loop ((i 0)) (if (< i 1) (loop (- i 1)) i))'
  const programs = [endless, values[0]!, values[4]!, values[9]!, values[11]!, values[13]!, values[19]!]
  it('of steps, at each step', async () => {
    for (const text of programs) for (let steps = 1; steps < 60; steps++) await agree(text, false, { steps })
  })
  it('of depth, at each depth', async () => {
    for (const text of ['(~sum 40)', ...programs.slice(2)])
      for (let depth = 1; depth < 90; depth++) await agree(text, false, { depth })
  })
  it('of output', async () => {
    for (let output = 1; output < 400; output += 7) await agree(markup[0]!, true, { output })
  })
})

describe('depth and turns', () => {
  const runtime = createRuntime({ definitions: later(nodes) })
  it.each([
    ['calls 200,000 deep', '(~sum 200000)', '20000100000'],
    ['1,000,000 tail calls between two functions', '(~odd 1000001)', 'true'],
    ['1,000,000 turns of a named let', '(let loop ((i 0)) (if (< i 1000000) (loop (+ i 1)) i))', '1000000'],
    [
      'loops 50,000 deep in loops',
      '(letrec ((f (fn (n) (if (= n 0) 0 (+ 1 (first (map f (list (- n 1))))))))) (f 50000))',
      '50000',
    ],
  ])('%s', { timeout: 60_000 }, async (_what, text, expected) => {
    expect(show(await runtime.evaluate(form(text)))).toBe(expected)
  })
  it('source nested to the limit, called recursively, stays on JavaScript’s stack', async () => {
    let text = '(if (= n 0) 0 (+ 1 (f (- n 1))))'
    for (let i = 0; i < 250; i++) text = `(if (= n -1) 0 ${text})`
    expect(await agree(`(letrec ((f (fn (n) ${text}))) (f 2000))`, false)).toBe('2000')
  })
})
