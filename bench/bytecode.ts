// Time until a library's functions are there, in Chromium: its source, its bytecode read whole, its bytecode read define by
// define (what is shipped). `node bench/bytecode.ts`; ratios within one run, medians of 11 pages, each new, so that code is cold.
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { bytecodeOf } from '../src/ipld/bytecode.ts'
import { encodeNode } from '../src/ipld/encode.ts'
import type { LibraryNode } from '../src/ipld/kinds.ts'
import { readOne } from '../src/lang/reader.ts'
import { Link, type List } from '../src/lang/values.ts'

const RUNS = 11
/** A define as they are in the example's libraries: a few branches, calls, texts. */
const define = (i: number): string => `(define f${i} (fn (year month day)
  (let ((first (if (< month ${1 + (i % 12)}) (- year 1) year)) (names (list "n${i}" "m${i % 7}" "o")))
    (cond (and (= (mod year 4) 0) (not (= (mod year 100) 0))) (str (nth names (mod day 3)) "-" first)
          (> day ${i}) (map (fn (x) (+ x (f${(i * 7) % 50} year month ${i}))) (range 0 day))
          :else {:year year :month (parse-int (str month)) :day day}))))`

const { outputFiles } = await build({
  stdin: {
    contents:
      "export { readNode } from './src/ipld/read-node.ts'; export { openBytecode } from './src/ipld/bytecode.ts'",
    resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    loader: 'ts',
  },
  bundle: true,
  write: false,
  format: 'iife',
  globalName: 'sx',
  minify: true,
})
const script = outputFiles[0]!.text
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})

const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!
const ways = {
  source: `sx.readNode(source)`,
  'bytecode, whole': `const code = sx.openBytecode(sx.readNode(bytecode)); code.names.forEach((_, i) => code.body(i))`,
  'bytecode, 3 defines': `const code = sx.openBytecode(sx.readNode(bytecode)); code.body(0); code.body(1); code.body(2)`,
}

for (const defines of [15, 60, 250]) {
  const forms = readOne(`(${Array.from({ length: defines }, (_, i) => define(i)).join('\n')})`) as List
  const node: LibraryNode = { kind: 'library', name: 'l', exports: ['f0'], imports: [], forms }
  const source = encodeNode(node)
  const bytecode = encodeNode(
    bytecodeOf(node, new Link('bafyreia3c2y56u4luew4h6l63o4fzktqkdkgyfebgquq725ib6bdnsb5xe')),
  )
  const sizes = [source, bytecode].map(
    bytes => `${bytes.length} B (${brotliCompressSync(bytes).length} brotli)`,
  )
  console.log(`${defines} defines: source ${sizes[0]}, bytecode ${sizes[1]}`)
  const times: Record<string, number> = {}
  for (const [name, code] of Object.entries(ways)) {
    const seen: number[] = []
    for (let run = 0; run < RUNS; run++) {
      const page = await browser.newPage()
      await page.addScriptTag({ content: script })
      // Cold code, as on a page that has just come.
      seen.push(
        await page.evaluate(
          `(() => { const source = new Uint8Array([${source}]), bytecode = new Uint8Array([${bytecode}])
            const began = performance.now(); ${code}; return performance.now() - began })()`,
        ),
      )
      await page.close()
    }
    times[name] = median(seen)
  }
  for (const [name, ms] of Object.entries(times))
    console.log(`  ${name.padEnd(22)} ${ms.toFixed(2).padStart(8)} ms  ${(ms / times.source!).toFixed(2)}×`)
}
await browser.close()
