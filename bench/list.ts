// A keyed list of 1,000 rows in Chromium, against Preact with signals in the same run: create, swap two rows, update
// every tenth, remove one. Each time is from the click to the layout that follows.
// node bench/list.ts
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { bundleClient } from '../scripts/build-client.ts'
import { serveSite } from '../test/support/built-site.ts'
import { chromiumVersion, launchChromium } from '../test/support/chromium.ts'

const WARM = 5
const ROUNDS = 21

/** Both hold a list of rows with a signal for each label, and render rows by key, with a handler in each. */
const island = `
(define bench/row (fn (i) {:id i :label (signal (str "row " i))}))
(defisland ~bench/list ()
  (let ((rows (signal (list))))
    (div
      (button :id "create" :on-click (fn () (reset! rows (map bench/row (range 1000)))))
      (button :id "swap" :on-click (fn () (swap! rows (fn (all)
        (concat (list (nth all 0) (nth all 998)) (slice all 2 998) (list (nth all 1) (nth all 999)))))))
      (button :id "update" :on-click (fn ()
        (for-each (fn (i) (swap! (get (nth (deref rows) (* 10 i)) :label) str "!")) (range 100))))
      (button :id "remove" :on-click (fn () (swap! rows (fn (all) (concat (slice all 0 3) (slice all 4))))))
      (button :id "clear" :on-click (fn () (reset! rows (list))))
      (table (tbody
        (map (fn (row)
               (tr :key (get row :id)
                 (td :class "id" (get row :id))
                 (td (a :class "label" (get row :label)))
                 (td (button :type "button" :on-click (fn () (swap! rows (fn (all) (filter (fn (r) (!= r row)) all)))) "x"))))
          (deref rows)))))))
(defpage home :path "/" :content (main (~bench/list)))`

const preact = `
import { Component, h, options, render } from 'preact'
import { signal } from '@preact/signals'
options.debounceRendering = f => f()
const rows = signal([])
const on = {
  create: () => { rows.value = Array.from({ length: 1000 }, (_, id) => ({ id, label: signal('row ' + id) })) },
  swap: () => { const all = rows.value.slice(); [all[1], all[998]] = [all[998], all[1]]; rows.value = all },
  update: () => { for (let i = 0; i < 1000; i += 10) rows.value[i].label.value += '!' },
  remove: () => { rows.value = rows.value.filter((_, i) => i !== 3) },
  clear: () => { rows.value = [] },
}
class Row extends Component {
  shouldComponentUpdate(next) { return next.row !== this.props.row }
  render({ row }) {
    return h('tr', null, h('td', { class: 'id' }, row.id), h('td', null, h('a', { class: 'label' }, row.label)),
      h('td', null, h('button', { type: 'button', onClick: () => { rows.value = rows.value.filter(r => r !== row) } }, 'x')))
  }
}
const List = () => h('div', null, ...Object.keys(on).map(id => h('button', { id, onClick: on[id] })),
  h('table', null, h('tbody', null, rows.value.map(row => h(Row, { key: row.id, row })))))
render(h(List), document.querySelector('main'))`

/** Milliseconds of one click until the list is as it should be, and laid out. Preact's texts change a moment later. */
const click = (page: Page, id: string, expected: number): Promise<number> =>
  page.evaluate(
    async ([id, expected]) => {
      const button = document.getElementById(id)!
      const label = () => document.querySelectorAll('.label')[10]?.textContent
      const before = label()
      const isDone = () =>
        document.querySelectorAll('tbody > tr').length === expected && (id !== 'update' || label() !== before)
      ;(globalThis as unknown as { gc(): void }).gc()
      document.body.getBoundingClientRect()
      const start = performance.now()
      button.click()
      for (let i = 0; i < 100 && !isDone(); i++) await null
      if (!isDone()) throw new Error(`${id} did nothing`)
      document.body.getBoundingClientRect()
      return performance.now() - start
    },
    [id, expected] as const,
  )

const steps: readonly (readonly [id: string, rows: number])[] = [
  ['create', 1000],
  ['swap', 1000],
  ['update', 1000],
  ['remove', 999],
  ['clear', 0],
]

const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!

const client = await bundleClient()
const site = await serveSite(
  { 'src/list.sx': island, 'public/favicon.ico': '' },
  {},
  {
    loader: client.loader.code,
    kernel: client.kernel.code,
    platform: client.platform.code,
    modules: new Map(Object.entries(client.modules).map(([name, { code }]) => [name, code])),
    words: client.words,
  },
)
const peer = await build({
  stdin: { contents: preact, resolveDir: import.meta.dirname },
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  define: { 'process.env.NODE_ENV': '"production"' },
})
const browser = await launchChromium(['--js-flags=--expose-gc'])
try {
  const url = await site.gateway.listen(0, '127.0.0.1')
  const ours = await browser.newPage()
  await ours.goto(url)
  await ours.locator('html[data-sx=ready]').waitFor()
  const theirs = await browser.newPage()
  await theirs.setContent('<!doctype html><body><main></main>')
  await theirs.addScriptTag({ content: peer.outputFiles[0]!.text })
  const times = new Map(steps.map(([id]) => [id, { ours: [] as number[], theirs: [] as number[] }]))
  for (let round = 0; round < WARM + ROUNDS; round++)
    for (const [name, page] of [
      ['ours', ours],
      ['theirs', theirs],
    ] as const) {
      // A page behind another one is drawn at leisure.
      await page.bringToFront()
      for (const [id, expected] of steps) {
        const ms = await click(page, id, expected)
        if (round >= WARM) times.get(id)![name].push(ms)
      }
    }
  console.log(`${chromiumVersion()}; medians of ${ROUNDS}, milliseconds; goal ≤ 1.2×`)
  for (const [id, t] of times) {
    const [a, b] = [median(t.ours), median(t.theirs)]
    console.log(
      `${id.padEnd(8)} ${a.toFixed(2).padStart(7)} Preact ${b.toFixed(2).padStart(7)} ${(a / b).toFixed(2)}×`,
    )
  }
} finally {
  await browser.close()
  await site.stop()
}
