// The evaluator's two tiers against plain JavaScript and its peers in the same run: fib(25), a loop of 100,000 turns, a
// table of 1,000 rows, depth, a cold start. SCI (in nbb) is the evaluator of ClojureScript that makes no code; Preact and
// React render the same table from a tree that they make each time.
// node bench/evaluate.ts

import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { Node } from '../src/ipld/kinds.ts'
import { readOne } from '../src/lang/reader.ts'
import type { Value } from '../src/lang/values.ts'
import { Link } from '../src/lang/values.ts'
import type { Limits } from '../src/runtime/runtime.ts'
import { createRuntime, type Runtime } from '../src/runtime/runtime.ts'

// React is several times slower while it is being developed with.
process.env.NODE_ENV = 'production'

type Callable = (...args: unknown[]) => unknown
/** A package without types. */
const peer = (name: string): Promise<Record<string, Callable>> => import(name)

/**
 * Milliseconds of CPU that one run takes, collecting garbage included, after so many milliseconds of warming up: what
 * others do on the machine meanwhile counts less than in time by the clock.
 */
const time = (run: () => unknown, rounds = 50, warm = 1000): number => {
  for (const start = performance.now(); performance.now() - start < warm; ) run()
  const before = process.cpuUsage()
  for (let i = 0; i < rounds; i++) run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / rounds
}

const fibBody = readOne('(fn (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))')
/** `fib` refers to itself by link, as a stored definition would by a member reference. */
const replace = (form: Value): Value =>
  Array.isArray(form)
    ? form.map(replace)
    : typeof form === 'object' && form !== null && 'name' in form && form.name === 'fib'
      ? new Link('fib')
      : form
const nodes = new Map<string, Node>([['fib', { kind: 'value', body: replace(fibBody) }]])
const create = (limits: Partial<Limits> = {}): Runtime =>
  createRuntime({
    definitions: { find: cid => nodes.get(cid), load: async () => {} },
    now: () => performance.now(),
    limits,
  })
const runtime = create()
const machine = create({ stack: 0 })

const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2))
const loop = (n: number): number => {
  let sum = 0
  for (let i = 0; i < n; i++) sum += i % 7
  return sum
}
const rows = Array.from({ length: 1000 }, (_, i) => ({
  id: i,
  name: `Name <${i}>`,
  price: i * 1.5,
  sold: i % 3 === 0,
}))
const escaped = (s: string): string =>
  s.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)
const table = (): string => {
  let s = '<table class="list"><tbody>'
  for (const row of rows)
    s += `<tr class="${row.sold ? 'sold' : ''}" id="${escaped('r' + row.id)}"><td>${row.id}</td><td><b>${escaped(row.name)}</b></td><td>${escaped(`£${row.price}`)}</td><td>${row.sold ? '<em>sold</em>' : ''}</td></tr>`
  return s + '</tbody></table>'
}

const call = [new Link('fib'), 25]
const turns = 100_000
const sxLoop = readOne(`(let loop ((i 0) (sum 0)) (if (< i ${turns}) (loop (+ i 1) (+ sum (mod i 7))) sum))`)

const sci = (await peer('nbb')).loadString as (source: string) => Promise<Callable>
const sciFib = await sci('(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) fib')
const sciLoop = await sci('(fn [n] (loop [i 0 sum 0] (if (< i n) (recur (+ i 1) (+ sum (mod i 7))) sum)))')
const react = (await peer('react')).createElement!
const reactToString = (await peer('react-dom/server')).renderToString!

/** The same tree for Preact and React. */
const tree = (el: Callable, className: string): unknown =>
  el(
    'table',
    { [className]: 'list' },
    el(
      'tbody',
      null,
      rows.map(row =>
        el(
          'tr',
          { key: row.id, [className]: row.sold ? 'sold' : '', id: `r${row.id}` },
          el('td', null, row.id),
          el('td', null, el('b', null, row.name)),
          el('td', null, `£${row.price}`),
          el('td', null, row.sold && el('em', null, 'sold')),
        ),
      ),
    ),
  )
const sxRows = rows.map(row => new Map(Object.entries(row)))
const sxTable =
  readOne(`(table :class "list" (tbody (map (fn (row) (tr :class (if (get row "sold") "sold" "") :id (str "r" (get row "id"))
  (td (get row "id")) (td (b (get row "name"))) (td (str "£" (get row "price"))) (td (when (get row "sold") (em "sold"))))) rows)))`)
const scope = new Map([['rows', sxRows]])
const cold =
  readOne(`(div (map (fn (row) (article :class "card" (h2 (get row "name")) (p (str "£" (get row "price")))
  (when (get row "sold") (em "sold")) (a :href (str "/p/" (get row "id")) "more"))) (slice rows 0 40)))`)

const own = runtime.renderHtmlSync(sxTable, scope).html
if (own !== table()) throw new Error(`the table differs:\n${own.slice(0, 300)}\n${table().slice(0, 300)}`)
for (const run of [() => runtime.evaluateSync(call), () => machine.evaluateSync(call), () => sciFib(25)])
  if (run() !== fib(25)) throw new Error('fib differs')
for (const run of [
  () => runtime.evaluateSync(sxLoop),
  () => machine.evaluateSync(sxLoop),
  () => sciLoop(turns),
])
  if (run() !== loop(turns)) throw new Error('the loop differs')

/**
 * In turns, so that what else the machine does meets all of them: the middle of what each took, as a multiple of what plain
 * JavaScript took just before.
 */
const line = (name: string, plain: () => unknown, others: Record<string, () => unknown>): void => {
  const all = Object.entries(others)
  for (const run of [plain, ...Object.values(others)]) time(run, 0)
  const once = time(plain, 50, 0)
  const rounds = Array.from({ length: 15 }, () => {
    const base = time(plain, Math.ceil(40 / once), 0)
    return [base, ...all.map(([, run]) => time(run, 5, 0) / base)]
  })
  const middle = (i: number): number =>
    rounds.map(round => round[i]!).sort((a, b) => a - b)[rounds.length >> 1]!
  const figures = all.map(([who], i) => `${who} ${middle(i + 1).toFixed(1)}×`)
  console.log(`${name.padEnd(16)} JavaScript ${middle(0).toFixed(4)} ms   ${figures.join('   ')}`)
}
line('fib(25)', () => fib(25), {
  fast: () => runtime.evaluateSync(call),
  machine: () => machine.evaluateSync(call),
  SCI: () => sciFib(25),
})
line('100,000 turns', () => loop(turns), {
  fast: () => runtime.evaluateSync(sxLoop),
  machine: () => machine.evaluateSync(sxLoop),
  SCI: () => sciLoop(turns),
})
line('1,000-row table', table, {
  fast: () => runtime.renderHtmlSync(sxTable, scope),
  machine: () => machine.renderHtmlSync(sxTable, scope),
  Preact: () => renderToString(tree(h as Callable, 'class') as Parameters<typeof renderToString>[0]),
  React: () => reactToString(tree(react, 'className')),
})

const depth = readOne('(letrec ((count (fn (n) (if (= n 0) 0 (+ 1 (count (- n 1))))))) (count 900000))')
console.log(
  `non-tail depth   ${runtime.evaluateSync(depth)} frames in ${time(() => runtime.evaluateSync(depth), 3).toFixed(0)} ms`,
)
const coldTime = time(
  () => {
    const fresh = createRuntime({ definitions: { find: () => undefined, load: async () => {} } })
    // A copy, so that nothing has been compiled before.
    return fresh.renderHtmlSync(structuredCopy(cold), scope)
  },
  25,
  0,
)
console.log(`40 cards, cold   ${coldTime.toFixed(2)} ms (new runtime, nothing compiled)`)

function structuredCopy(form: Value): Value {
  return Array.isArray(form) ? form.map(structuredCopy) : form
}
