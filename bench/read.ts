// How fast the reader reads the workload, against JSON.parse of the same data written as JSON, in the same run.
//   node bench/read.ts [definitions]      a line for people on standard error, one JSON line on standard output
import { read } from '../src/lang/reader.ts'
import { isDict, isList, Keyword, Sym, type Value } from '../src/lang/values.ts'
import { workload } from './workload.ts'

/** Plain data with one JSON value for each form: what a page would carry if SX were JSON. */
const plain = (value: Value): unknown => {
  if (value instanceof Sym) return value.name
  if (value instanceof Keyword) return `:${value.name}`
  if (typeof value === 'string') return `"${value}`
  if (isList(value)) return value.map(plain)
  if (isDict(value)) return Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]))
  return value
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1]!

const count = Number(process.argv[2] ?? 10_000)
const files = workload(count)
const jsons = files.map(({ text }) => JSON.stringify(plain(read(text).forms)))
const sxBytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
const jsonBytes = jsons.reduce((sum, text) => sum + Buffer.byteLength(text), 0)

const time = (run: () => void): number => {
  const start = performance.now()
  run()
  return performance.now() - start
}
const reads: number[] = []
const parses: number[] = []
for (let round = 0; round < 15; round++) {
  reads.push(
    time(() => {
      for (const { text, path } of files) read(text, path)
    }),
  )
  parses.push(
    time(() => {
      for (const text of jsons) JSON.parse(text)
    }),
  )
}
// The first rounds warm the compiler up.
const readMs = median(reads.slice(3))
const parseMs = median(parses.slice(3))
const result = {
  bench: 'read',
  definitions: count,
  bytes: sxBytes,
  jsonBytes,
  readMs: Number(readMs.toFixed(1)),
  parseMs: Number(parseMs.toFixed(1)),
  readMBs: Number((sxBytes / 1000 / readMs).toFixed(1)),
  parseMBs: Number((jsonBytes / 1000 / parseMs).toFixed(1)),
  ratio: Number((readMs / parseMs).toFixed(2)),
}
console.error(
  `read ${count} definitions: ${result.readMBs} MB/s, ${result.readMs} ms; JSON.parse of the same data ${result.parseMs} ms: ${result.ratio}×`,
)
console.log(JSON.stringify(result))
