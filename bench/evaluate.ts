// The evaluator against plain JavaScript in the same run: fib(25), a loop of 10,000 turns, a table of 1,000 rows.
// node bench/evaluate.ts

import type { Node } from '../src/ipld/kinds.ts'
import { readOne } from '../src/lang/reader.ts'
import type { Value } from '../src/lang/values.ts'
import { Link } from '../src/lang/values.ts'
import { createRuntime } from '../src/runtime/runtime.ts'

const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!

/** Milliseconds of one run, median of `rounds` after warming up. */
const time = (run: () => unknown, rounds = 25): number => {
  for (let i = 0; i < 5; i++) run()
  return median(
    Array.from({ length: rounds }, () => {
      const start = performance.now()
      run()
      return performance.now() - start
    }),
  )
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
const runtime = createRuntime({
  definitions: { find: cid => nodes.get(cid), load: async () => {} },
  now: () => performance.now(),
})

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
const sxLoop = readOne('(let loop ((i 0) (sum 0)) (if (< i 10000) (loop (+ i 1) (+ sum (mod i 7))) sum))')
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
if (runtime.evaluateSync(call) !== fib(25)) throw new Error('fib differs')

const line = (name: string, plain: () => unknown, sx: () => unknown): void => {
  const a = time(plain)
  const b = time(sx)
  console.log(
    `${name.padEnd(16)} JavaScript ${a.toFixed(4)} ms   machine ${b.toFixed(3)} ms   ${(b / a).toFixed(1)}×`,
  )
}
line(
  'fib(25)',
  () => fib(25),
  () => runtime.evaluateSync(call),
)
line(
  '10,000 turns',
  () => loop(10_000),
  () => runtime.evaluateSync(sxLoop),
)
line('1,000-row table', table, () => runtime.renderHtmlSync(sxTable, scope))

const depth = readOne('(letrec ((count (fn (n) (if (= n 0) 0 (+ 1 (count (- n 1))))))) (count 900000))')
console.log(
  `non-tail depth   ${runtime.evaluateSync(depth)} frames in ${time(() => runtime.evaluateSync(depth), 3).toFixed(0)} ms`,
)
const coldTime = time(() => {
  const fresh = createRuntime({ definitions: { find: () => undefined, load: async () => {} } })
  // A copy, so that nothing has been compiled before.
  return fresh.renderHtmlSync(structuredCopy(cold), scope)
}, 15)
console.log(`40 cards, cold   ${coldTime.toFixed(2)} ms (new runtime, nothing compiled)`)

function structuredCopy(form: Value): Value {
  return Array.isArray(form) ? form.map(structuredCopy) : form
}
